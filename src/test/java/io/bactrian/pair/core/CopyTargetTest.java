package io.bactrian.pair.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CopyTargetTest {
    private static final PairSettings SETTINGS =
            new PairSettings("orders", Side.PRIMARY, 100, true, true, 4_000, 1_000, 20, 400);

    private final List<String> told = new ArrayList<>();

    @Test
    void aNodeThatWasAwayForLongIsToldThatTheActiveKeepsNothingOfItsLog() {
        begunAnew(424);
        assertThat(told)
                .containsExactly(
                        "positions 1 to 90 end before the oldest that the active keeps and are now in orders.aside-4");
    }

    @Test
    void whatThisNodeAloneHadIsToldAsThat() {
        begunAnew(0);
        assertThat(told).containsExactly("positions 1 to 90 were accepted here alone and are now in orders.aside-4");
    }

    private void begunAnew(long common) {
        CopyTarget target = new CopyTarget(SETTINGS, logOf90(), replica(), 7);
        target.attach(new PairMessage.Attach(1L << 34, 7, 4, common, true, "b", List.of(1L)), new Outbox() {
            @Override
            public void toPeer(PairMessage message) {
                assertThat(message).isInstanceOf(PairMessage.Confirm.class);
            }

            @Override
            public void toWitness(Witness.Request request) {
                throw new AssertionError(request);
            }

            @Override
            public void event(PairEvent event) {
                told.add(event.text());
            }
        });
    }

    private static PairLog logOf90() {
        return proxy(PairLog.class, method -> switch (method) {
            case "history" -> new LogHistory("a", 1, 90, List.of(1L));
            case "beginAnew" -> Optional.of("orders.aside-4");
            case "end" -> 90L;
            default -> throw new AssertionError(method);
        });
    }

    private static Replica replica() {
        return proxy(Replica.class, method -> {
            assertThat(method).isEqualTo("rebuild");
            return null;
        });
    }

    private interface Answer {
        @Nullable Object to(String method);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answer.to(method.getName())));
    }
}
