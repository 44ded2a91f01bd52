package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.socket.SocketCounters.Counter;
import io.bactrian.socket.SocketView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckAware;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An I/O thread that dies, as JeroMQ's does of any error, and with it all sockets of its context. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DeadIoThreadTest extends ZeroMqTest {
    private static final String PULL = "zeromq:pull:" + FREE;

    @TempDir
    Path folder;

    private List<SocketView> sockets() {
        return context.getComponent("zeromq", ZeroMqComponent.class).sockets();
    }

    private HealthCheck check(int route) {
        return ((HealthCheckAware) context.getRoutes().get(route).getConsumer()).getHealthCheck();
    }

    private void kill(String address) throws Exception {
        IoThreads.kill(context.getComponent("zeromq", ZeroMqComponent.class), address);
    }

    private void down(HealthCheck check) {
        await().pollInterval(Duration.ofMillis(5)).until(() -> check.call().getState() == HealthCheck.State.DOWN);
        assertThat(check.call().getError())
                .hasValueSatisfying(e -> assertThat(e).isInstanceOf(OutOfMemoryError.class));
    }

    @Test
    void healthIsDownAndThenEverySocketIsBackAtItsAddressAndServesTheSamePeers() throws Exception {
        String address = consume(PULL);
        String file = "zeromq:pull:ipc://" + folder.resolve("socket");
        consume(file);
        String push = "zeromq:push:" + address;
        send(push, "before");
        await().until(() -> bodies().contains("before"));
        kill(address);
        for (int route : new int[] {0, 1}) {
            down(check(route));
        }
        for (int route : new int[] {0, 1}) {
            await().until(() -> check(route).call().getState() == HealthCheck.State.UP);
        }
        assertThat(bound(PULL)).isEqualTo(address);
        await().until(() -> sockets().stream()
                .allMatch(s -> s.failure() == null && s.counters().get(Counter.REBUILT) == 1));
        send(push, "the same producer");
        await().until(() -> bodies().contains("the same producer"));
        send("zeromq:push:ipc://" + folder.resolve("socket"), "over ipc");
        await().until(() -> bodies().contains("over ipc"));
        // And peers from outside, which have to connect again.
        try (RawPeer peer = RawPeer.handshaken(address, "PUSH")) {
            peer.frame(0, "from outside");
            await().until(() -> bodies().contains("from outside"));
        }
    }

    @Test
    void aRouteStopsAlsoWhileItsIoThreadIsDead() throws Exception {
        String address = consume(PULL);
        String file = "zeromq:pull:ipc://" + folder.resolve("socket");
        consume(file);
        kill(address);
        down(check(0));
        context.getRouteController().stopAllRoutes();
        // Their addresses are free, though nobody has made the context anew.
        try (var other = context()) {
            other.start();
            for (String uri : List.of("zeromq:pull:" + address, file)) {
                other.getEndpoint(uri).createConsumer(received::add).start();
            }
        }
    }

    @Test
    void itCanHappenAgain() throws Exception {
        String address = consume(PULL);
        for (int deaths = 1; deaths <= 2; deaths++) {
            kill(address);
            long rebuilt = deaths;
            await().until(() -> sockets().get(0).counters().get(Counter.REBUILT) == rebuilt);
        }
        send("zeromq:push:" + address, "alive");
        await().until(() -> bodies().contains("alive"));
    }
}
