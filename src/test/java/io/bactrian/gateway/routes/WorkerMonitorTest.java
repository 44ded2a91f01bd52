package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is told to be gone, and who is not, with real sockets. */
@Timeout(600)
class WorkerMonitorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LONG_MS = 60_000;

    private final List<String> gone = new CopyOnWriteArrayList<>();

    /** Workers that are gone, whose news holds up the watching thread until the latch is open. */
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();

    private WorkerMonitor watch;
    private Thread thread;

    @BeforeEach
    void start() {
        start(LONG_MS);
    }

    private void start(long requestTimeoutMs) {
        WorkerMonitor made = new WorkerMonitor(requestTimeoutMs, worker -> {
            gone.add(worker);
            CountDownLatch release = held.get(worker);
            if (release != null) {
                hold(release);
            }
            if (worker.contains("localhost")) {
                throw new IllegalStateException("of the test");
            }
        });
        watch = made;
        thread = new Thread(made::run);
        thread.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        watch.stop();
        thread.join(PATIENCE.toMillis());
        assertThat(thread.isAlive()).isFalse();
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    private static String worker(int port) {
        return "http://127.0.0.1:" + port;
    }

    private static String worker(ServerSocket server) {
        return worker(server.getLocalPort());
    }

    /** What is watched later is told later, so what was to be told before is told then. */
    private void awaitAllThatIsDue() {
        String refusing = worker(Ports.free());
        watch.add(refusing);
        await().atMost(PATIENCE).until(() -> gone.contains(refusing));
        gone.remove(refusing);
    }

    @Test
    @Tag("slow")
    void aWorkerWhoseProcessIsKilledIsGone() throws Exception {
        Process process = new ProcessBuilder(JavaCommand.of(List.of(), Listening.class))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String worker =
                    worker(Integer.parseInt(process.inputReader().readLine().trim()));
            watch.add(worker);
            assertThat(process.inputReader().readLine()).isEqualTo("connected");
            assertThat(gone).isEmpty();
            process.destroyForcibly();
            await().atMost(PATIENCE).until(() -> gone.contains(worker));
        } finally {
            process.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void whoeverAsksOfAWorkerThatHasClosedItsConnectionHearsWhenItIsDecidedWhetherItIsGone() throws Exception {
        ServerSocket server = listen();
        String worker = worker(server);
        watch.add(worker);
        try (Socket connection = server.accept()) {
            awaitAllThatIsDue();
            assertThat(watch.doubt(worker)).isNull();
            assertThat(connection.isConnected()).isTrue();
            server.close();
        }
        // The process has ended; nobody waits here until the watching thread has seen it.
        CompletableFuture<?> doubted = watch.doubt(worker);
        if (doubted != null) {
            doubted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(gone).as("decided").containsExactly(worker);
        assertThat(watch.doubt(worker)).as("not watched any more").isNull();
    }

    @Test
    void aWorkerThatLivesIsDoubtedOnlyUntilItTakesTheNextConnection() throws Exception {
        try (ServerSocket server = listen()) {
            String worker = worker(server);
            watch.add(worker);
            server.accept().close();
            CompletableFuture<?> doubted = watch.doubt(worker);
            if (doubted != null) {
                doubted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            try (Socket next = server.accept()) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(watch.doubt(worker)).isNull());
                assertThat(next.isConnected()).isTrue();
            }
            assertThat(gone).isEmpty();
        }
    }

    /** As on a machine that is so busy that the watching thread has not seen the connection before the process has died. */
    @Test
    void aWorkerThatDiesBeforeItsConnectionIsSeenIsGone() throws Exception {
        for (int round = 0; round < 8; round++) {
            String first = worker(Ports.free());
            String second = worker(Ports.free());
            CountDownLatch together = new CountDownLatch(1);
            CountDownLatch later = new CountDownLatch(1);
            held.put(first, together);
            held.put(second, later);
            watch.add(first);
            await().atMost(PATIENCE).until(() -> gone.contains(first));
            ServerSocket server = listen();
            String worker = worker(server);
            // Both are connected to at once, and in half of the rounds the one that holds up the thread is seen first.
            watch.add(second);
            watch.add(worker);
            together.countDown();
            try (Socket connection = server.accept()) {
                await().atMost(PATIENCE).until(() -> gone.contains(second));
                connection.setSoLinger(true, 0);
                server.close();
            }
            later.countDown();
            await().atMost(PATIENCE).until(() -> gone.contains(worker));
        }
    }

    private static void hold(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Listens, takes a connection, and waits to be killed. */
    static final class Listening {
        private Listening() {}

        public static void main(String... arguments) throws IOException {
            try (ServerSocket server = listen()) {
                System.out.println(server.getLocalPort());
                try (Socket connection = server.accept()) {
                    System.out.println("connected");
                    while (connection.isConnected()) {
                        server.accept().close();
                    }
                }
            }
        }
    }

    @Test
    void aWorkerThatRefusesConnectionsIsGone() {
        String worker = worker(Ports.free());
        watch.add(worker);
        await().atMost(PATIENCE).until(() -> gone.contains(worker));
        assertThat(gone).containsExactly(worker);
    }

    @Test
    void aWorkerThatTakesNoConnectionIsNotGone() throws Exception {
        try (ServerSocket hanging = listen()) {
            watch.add(worker(hanging));
            awaitAllThatIsDue();
            assertThat(gone).isEmpty();
        }
    }

    @Test
    void aWorkerThatClosesEachConnectionLivesAndIsNotBesieged() throws Exception {
        try (ServerSocket server = listen()) {
            watch.add(worker(server));
            server.accept().close();
            server.accept().close();
            awaitAllThatIsDue();
            assertThat(gone).isEmpty();
            server.setSoTimeout(1_000);
            int more = 0;
            while (comes(server)) {
                // One that was closed late, on a slow machine, is replaced once more.
                assertThat(++more).isLessThan(10);
            }
            watch.add(worker(server));
            server.setSoTimeout((int) PATIENCE.toMillis());
            assertThat(comes(server)).isTrue();
        }
    }

    private static boolean comes(ServerSocket server) throws IOException {
        try (Socket connection = server.accept()) {
            return connection.isConnected();
        } catch (SocketTimeoutException nobody) {
            return false;
        }
    }

    @Test
    void aWorkerThatSendsWithoutEndIsNotReadOn() throws Exception {
        try (ServerSocket server = listen()) {
            watch.add(worker(server));
            for (int i = 0; i < 2; i++) {
                try (Socket chatting = server.accept()) {
                    chatting.getOutputStream().write(new byte[1]);
                    assertThat(isEnded(chatting)).isTrue();
                }
            }
            awaitAllThatIsDue();
            assertThat(gone).isEmpty();
        }
    }

    @Test
    void theWatchOfAForgottenWorkerEnds() throws Exception {
        try (ServerSocket server = listen()) {
            watch.add(worker(server));
            try (Socket connection = server.accept()) {
                watch.forget(worker(server));
                assertThat(isEnded(connection)).isTrue();
            }
        }
        awaitAllThatIsDue();
        assertThat(gone).isEmpty();
    }

    @Test
    void aStopEndsAllWatches() throws Exception {
        try (ServerSocket server = listen()) {
            watch.add(worker(server));
            try (Socket connection = server.accept()) {
                watch.stop();
                assertThat(isEnded(connection)).isTrue();
            }
            thread.join(PATIENCE.toMillis());
            watch.add(worker(server));
            watch.forget(worker(server));
            assertThat(gone).isEmpty();
        }
    }

    @Test
    void aConnectionIsRenewedBeforeTheWorkerCutsItOff() throws Exception {
        stop();
        start(1_000);
        try (ServerSocket server = listen()) {
            watch.add(worker(server));
            try (Socket first = server.accept();
                    Socket second = server.accept()) {
                assertThat(isEnded(first)).isTrue();
                assertThat(second.isConnected()).isTrue();
            }
            assertThat(gone).isEmpty();
        }
    }

    @Test
    void aFailureOfOneIsNotOneOfOthers() throws Exception {
        String good;
        try (ServerSocket server = listen()) {
            good = worker(server);
            watch.add(good);
            try (Socket connection = server.accept()) {
                // No host, no port, no address at all, and one whose news cannot be taken.
                watch.add("http://no_host:1");
                watch.add("http://127.0.0.1");
                watch.add("no address");
                String failing = "http://localhost:" + Ports.free();
                watch.add(failing);
                await().atMost(PATIENCE).until(() -> gone.contains(failing));
                gone.remove(failing);
                awaitAllThatIsDue();
                assertThat(gone).isEmpty();
                assertThat(connection.isConnected()).isTrue();
            }
        }
        await().atMost(PATIENCE).until(() -> gone.contains(good));
    }

    /** Waits for the end of a connection. */
    private static boolean isEnded(Socket connection) throws IOException {
        connection.setSoTimeout((int) PATIENCE.toMillis());
        try {
            return connection.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillThere) {
            return false;
        } catch (IOException cut) {
            return true;
        }
    }
}
