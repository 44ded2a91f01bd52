package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A million tiny messages, all of them, once and in order. */
@Tag("system")
class VolumeTest extends ZeroMqTest {
    private static final int MESSAGES = 1_000_000;

    private static byte[] tiny(int i) {
        return new byte[] {(byte) (i >> 16), (byte) (i >> 8), (byte) i};
    }

    private static int number(byte[] tiny) {
        return (tiny[0] & 0xFF) << 16 | (tiny[1] & 0xFF) << 8 | (tiny[2] & 0xFF);
    }

    @Test
    void inBatches() throws Exception {
        AtomicLong next = new AtomicLong();
        AtomicLong wrong = new AtomicLong();
        String address = consume("zeromq:pull:" + FREE + "?batchSize=1000", e -> {
            for (Object message : (List<?>) e.getMessage().getBody()) {
                if (number(((ZeroMqMessage) message).frame(0)) != next.getAndIncrement()) {
                    wrong.incrementAndGet();
                }
            }
        });
        for (int from = 0; from < MESSAGES; from += 1_000) {
            List<ZeroMqMessage> batch = new ArrayList<>();
            for (int i = from; i < from + 1_000; i++) {
                batch.add(ZeroMqMessage.of(null, tiny(i)));
            }
            assertThat(send("zeromq:push:" + address, batch).getException()).isNull();
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> next.get() == MESSAGES);
        assertThat(wrong).hasValue(0);
    }

    @Test
    void oneByOne() throws Exception {
        AtomicLong next = new AtomicLong();
        AtomicLong wrong = new AtomicLong();
        String address = consume("zeromq:pull:" + FREE, e -> {
            if (number(e.getMessage().getBody(byte[].class)) != next.getAndIncrement()) {
                wrong.incrementAndGet();
            }
        });
        var template = context.createProducerTemplate();
        var push = context.getEndpoint("zeromq:push:" + address + "?sendTimeout=1m");
        for (int i = 0; i < MESSAGES; i++) {
            template.sendBody(push, tiny(i));
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> next.get() == MESSAGES);
        assertThat(wrong).hasValue(0);
    }
}
