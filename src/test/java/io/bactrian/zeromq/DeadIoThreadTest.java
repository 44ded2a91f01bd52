package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.EventHooks;
import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.PasswordHash;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckAware;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.ZMonitor;

/** An I/O thread that dies, as JeroMQ's does of any error, and with it all sockets of its context. */
@Timeout(600)
@Tag("slow")
class DeadIoThreadTest extends ZeroMqTest {
    private static final String PULL = "zeromq:pull:" + FREE;

    @TempDir
    Path folder;

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

    private SocketView socket(String kind) {
        return sockets().stream()
                .filter(s -> s.settings().kind().name().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    /** After the death of the server's I/O thread an admitted peer is served, one from before, too, and no other. */
    private void admissionHolds(String server, String friend, String stranger) throws Exception {
        String address = consume(PULL + "?" + server);
        String before = "zeromq:push:" + address + "?socketName=before&" + friend;
        send(before, "before");
        await().until(() -> bodies().contains("before"));
        long admitted = socket("pull").counters().get(Counter.ADMITTED);
        kill(address);
        down(check(0));
        await().until(() -> socket("pull").counters().get(Counter.REBUILT) == 1);
        await().until(() -> check(0).call().getState() == HealthCheck.State.UP);
        assertThat(bound(PULL + "?" + server)).isEqualTo(address);
        long refused = socket("pull").counters().get(Counter.REFUSED);
        send("zeromq:push:" + address + "?socketName=stranger&" + stranger, "from a stranger");
        await().until(() -> socket("pull").counters().get(Counter.REFUSED) > refused);
        await().until(() -> socket("pull").counters().get(Counter.ADMITTED) > admitted);
        send(before, "the same producer");
        send("zeromq:push:" + address + "?socketName=after&" + friend, "a new producer");
        await().until(() -> bodies().containsAll(List.of("the same producer", "a new producer")));
        assertThat(bodies()).doesNotContain("from a stranger");
    }

    @Test
    void withCurveWhoWasAdmittedIsAdmittedAgainAndNobodyElse() throws Exception {
        CurveFiles keys = CurveFiles.in(folder);
        admissionHolds(keys.serverOptions(), keys.clientOptions(), keys.strangerOptions());
    }

    @Test
    void withPlainWhoWasAdmittedIsAdmittedAgainAndNobodyElse() throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "ann:" + PasswordHash.of("right", 1_000) + "\n");
        String client = "linger=0&security=plain&plainUsername=ann&plainPassword=";
        admissionHolds("security=plain&plainUsers=" + users, client + "right", client + "wrong");
    }

    @Test
    void aClientWithCurveShowsItsKeyAgain() throws Exception {
        CurveFiles keys = CurveFiles.in(folder);
        String pull = "zeromq:pull:tcp://127.0.0.1:" + Ports.free() + "?" + keys.serverOptions();
        String address = consume(pull);
        String push = "zeromq:push:" + address + "?" + keys.clientOptions();
        send(push, "before");
        await().until(() -> bodies().contains("before"));
        CompletableFuture<Void> dying = EventHooks.dieAt(socket("push"), ZMonitor.Event.DISCONNECTED);
        String route = context.getRoutes().get(0).getRouteId();
        context.getRouteController().stopRoute(route);
        await().until(dying::isDone);
        context.getRouteController().startRoute(route);
        await().until(() -> socket("push").counters().get(Counter.REBUILT) == 1);
        send(push, "afterwards");
        await().until(() -> bodies().contains("afterwards"));
        assertThat(socket("push").failure()).isNull();
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
