package io.bactrian.support.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class IntervalTriggersTest {
    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);

    private final AtomicLong wallOffsetMs = new AtomicLong();
    private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

    private int runs(String route) {
        return runs.computeIfAbsent(route, name -> new AtomicInteger()).get();
    }

    @Test
    void anIntervalGoesOnWhenTheClockIsSetBack() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    timer("bactrian/ours", "trigger.repeatInterval=" + HOUR_MS);
                    timer("bactrian/suspended", "trigger.repeatInterval=" + HOUR_MS);
                    timer("others/theirs", "trigger.repeatInterval=" + HOUR_MS);
                    timer("bactrian/cron", "cron=0+0+0+1+1+?+2090");
                }

                private void timer(String name, String option) {
                    from("quartz:" + name + "?" + option)
                            .routeId(name)
                            .process(e -> runs.computeIfAbsent(name, key -> new AtomicInteger())
                                    .incrementAndGet());
                }
            });
            context.addService(
                    new IntervalTriggers(context, () -> System.currentTimeMillis() + wallOffsetMs.get()), true, true);
            context.start();
            await().until(() ->
                    runs("bactrian/ours") == 1 && runs("bactrian/suspended") == 1 && runs("others/theirs") == 1);
            context.getRouteController().suspendRoute("bactrian/suspended");
            wallOffsetMs.set(-2 * HOUR_MS);
            await().until(() -> runs("bactrian/ours") >= 3);
            assertThat(runs("bactrian/suspended")).isEqualTo(1);
            assertThat(runs("others/theirs")).isEqualTo(1);
            assertThat(runs("bactrian/cron")).isZero();
        }
    }

    @Test
    void aContextWithSuchAnEndpointHasThemByItselfAlsoWhenItIsStartedAgain() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.start();
            context.getEndpoint("quartz:others/theirs?trigger.repeatInterval=" + HOUR_MS);
            assertThat(context.hasService(IntervalTriggers.class)).isNull();
            for (int life = 0; life < 2; life++) {
                context.getEndpoint("quartz:bactrian/ours?trigger.repeatInterval=" + HOUR_MS);
                IntervalTriggers triggers = context.hasService(IntervalTriggers.class);
                assertThat(triggers.isStarted()).isTrue();
                context.stop();
                assertThat(triggers.isStarted()).isFalse();
                context.start();
            }
        }
    }
}
