package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A stop while clients connect all the time. */
@Tag("system")
class GatewayStopTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CLIENTS = 4;

    @TempDir
    Path data;

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger connections = new AtomicInteger();

    @Test
    void aStopLeavesNoTraceInTheLog() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger netty = (Logger) LoggerFactory.getLogger("io.netty");
        netty.addAppender(log);
        log.start();
        List<Thread> clients = new ArrayList<>();
        try (GatewayNode balancer = GatewayNode.balancer(data)) {
            for (int i = 0; i < CLIENTS; i++) {
                Thread client = new Thread(() -> connect(balancer.port()));
                client.start();
                clients.add(client);
            }
            await().atMost(PATIENCE).until(() -> connections.get() > 100);
        } finally {
            netty.detachAppender(log);
            over.set(true);
        }
        for (Thread client : clients) {
            client.join(PATIENCE.toMillis());
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .isEmpty();
    }

    private void connect(int port) {
        while (!over.get()) {
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoLinger(true, 0);
                connections.incrementAndGet();
            } catch (IOException refused) {
                // It stops, or has stopped.
                Thread.onSpinWait();
            }
        }
    }
}
