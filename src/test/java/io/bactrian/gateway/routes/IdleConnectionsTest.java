package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Tools;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand clients that connect to a process with a small heap and say nothing. */
@Tag("campaign")
class IdleConnectionsTest {
    private static final int CONNECTIONS = 10_000;
    private static final int MORE = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern OPEN =
            Pattern.compile("bactrian_gateway_worker_connections(?:\\{[^}]*})? ([0-9.E]+)\n");
    private static final Pattern REFUSED =
            Pattern.compile("bactrian_gateway_worker_connections_refused_total(?:\\{[^}]*})? ([0-9.E]+)\n");

    @TempDir
    Path folder;

    private final HttpCalls http = new HttpCalls();
    private final List<SocketChannel> idle = new ArrayList<>();

    @AfterEach
    void closeAll() throws IOException {
        for (SocketChannel each : idle) {
            each.close();
        }
    }

    @Test
    void theServiceGoesOnBesideThemAndFurtherOnesAreRefused() throws Exception {
        UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Tools.require(
                system.getMaxFileDescriptorCount() > CONNECTIONS + 2_000,
                "a limit of open files above 12,000 (ulimit -n)");
        int port = Ports.free();
        // A few stay free for those who work: the balancer's probes and this test.
        try (GatewayNode balancer = GatewayNode.balancer(folder);
                GatewayProcess worker = GatewayProcess.start(
                        folder,
                        "worker",
                        port,
                        "localhost",
                        "" + balancer.port(),
                        "--set",
                        "bactrian.gateway.connections.max=" + (CONNECTIONS + MORE / 2))) {
            worker.awaitListening();
            await().atMost(PATIENCE)
                    .until(() -> http.answer(balancer.address() + "/register/1").startsWith("200"));
            connect(port, CONNECTIONS);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(figure(worker, OPEN)).isGreaterThanOrEqualTo(CONNECTIONS));
            assertServes(balancer, worker);
            connect(port, MORE);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(figure(worker, REFUSED)).isPositive());
            assertThat(figure(worker, OPEN)).isLessThanOrEqualTo(CONNECTIONS + MORE / 2.0);
            closeAll();
            await().atMost(PATIENCE).untilAsserted(() -> assertServes(balancer, worker));
            assertThat(worker.log()).doesNotContain("OutOfMemory");
        }
    }

    private void assertServes(GatewayNode balancer, GatewayProcess worker) throws IOException, InterruptedException {
        assertThat(http.heartbeat(worker.address(), 1, "lab", "1")).isEqualTo("200 Producer(1) heartbeat updated");
        assertThat(http.consume(balancer, 1)).isEqualTo("1");
    }

    private void connect(int port, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            // From several addresses of loopback, because one has too few ports for so many.
            SocketChannel channel = SocketChannel.open();
            idle.add(channel);
            channel.bind(new InetSocketAddress("127.0.0." + (2 + i % 4), 0));
            channel.connect(new InetSocketAddress("127.0.0.1", port));
        }
    }

    private static double figure(GatewayProcess process, Pattern of) throws IOException, InterruptedException {
        Matcher line = of.matcher(process.metrics());
        return line.find() ? Double.parseDouble(line.group(1)) : -1;
    }
}
