package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** {@code bactrian run gateway-demo}. */
@Tag("slow")
class GatewayDemoTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LINE = "workers=3/3 producers=20 heartbeats/s=[1-9]\\d* reads/s=[1-9]\\d*"
            + " p50Ms=\\d+ p99Ms=\\d+ inMemoryOnly=\\d+ failed=\\d+";

    @TempDir
    Path data;

    private final List<String> said = new CopyOnWriteArrayList<>();

    @Test
    void aBalancerThreeWorkersTwentyProducersAndFiveConsumersPrintALineASecond() {
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                said.add(event.getFormattedMessage());
            }
        };
        appender.start();
        Logger log = (Logger) LoggerFactory.getLogger("io.bactrian.gateway");
        log.setLevel(Level.INFO);
        log.addAppender(appender);
        int balancer = Ports.free();
        int workers = Ports.free(3);
        try (GatewayNode demo = GatewayNode.start(
                "gateway-demo",
                data,
                balancer,
                List.of(
                        "bactrian.gateway.balancer.port=" + balancer,
                        "bactrian.gateway.worker.port=" + workers + "," + (workers + 1) + "," + (workers + 2),
                        "bactrian.gateway.balancer.probe.timeout=5s",
                        "bactrian.gateway.balancer.lease=10s"))) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(said.stream().filter(line -> line.matches(LINE)))
                            .hasSizeGreaterThan(1));
            assertThat(demo.application().context().isStarted()).isTrue();
        } finally {
            log.detachAppender(appender);
            // As its parent again.
            log.setLevel(null);
        }
    }
}
