package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code bactrian nodes} and {@code bactrian node} as a person gives them. */
@Tag("slow")
@Timeout(600)
class NodesCommandTest {
    @TempDir
    static Path folder;

    private static TestRouter router;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private volatile int ended;

    @BeforeAll
    static void start() {
        router = new TestRouter(folder.resolve("data"));
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    private int run(String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.add("--set=bactrian.discovery.http.port=" + router.get("http.port"));
        all.add("--set=bactrian.discovery.register=" + router.get("register"));
        return BactrianCommand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }

    @Test
    void aNodeIsRegisteredShownAndTakenOut() {
        assertThat(run("node", "register", "printer", "--port=9100", "--group=office", "--metadata=floor=2"))
                .as(err.toString())
                .isZero();
        assertThat(run("node", "register", "scanner", "--port=9101", "--group=cellar"))
                .isZero();
        assertThat(run("nodes", "--group", "office")).isZero();
        assertThat(out.toString()).contains("printer", "tcp://127.0.0.1:9100", "ACTIVE", "1 node");
        assertThat(run("nodes", "--json", "--status=active")).isZero();
        assertThat(out.toString()).contains("\"floor\":\"2\"", "\"id\":\"scanner\"");
        assertThat(run("node", "deregister", "printer", "--port=9100")).isZero();
        assertThat(router.status("printer")).isEqualTo("LEFT");
    }

    @Test
    void aClaimOfAnothersIdFailsWithTheReason() {
        assertThat(run("node", "register", "mine", "--port=9200")).isZero();
        assertThat(run("node", "register", "mine", "--port=9201")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("the id is taken by a node at tcp://127.0.0.1:9200");
    }

    @Test
    void aRouterWithKeysTakesOnlyNodesThatItAdmits() throws Exception {
        for (String name : List.of("router", "node", "stranger")) {
            assertThat(BactrianCommand.commandLine().execute("keygen", "--name=" + name, "--output=" + folder))
                    .isZero();
        }
        Files.createDirectory(folder.resolve("nodes"));
        Files.copy(folder.resolve("node.key"), folder.resolve("nodes/node.key"));
        String security = "bactrian.discovery.security";
        try (TestRouter closed = new TestRouter(
                folder.resolve("closed"),
                security + "=curve",
                security + ".curveKeyFile=" + folder.resolve("router.key_secret"),
                security + ".curveClientKeys=" + folder.resolve("nodes"))) {
            assertThat(register(closed, "admitted", "node")).as(err.toString()).isZero();
            assertThat(closed.status("admitted")).isEqualTo("ACTIVE");
            assertThat(register(closed, "refused", "stranger")).isEqualTo(ExitCode.FAILED);
            assertThat(closed.status("refused")).isEmpty();
        }
    }

    private int register(TestRouter at, String id, String keys) {
        String security = "--set=bactrian.discovery.routers.security";
        return BactrianCommand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(
                        "node",
                        "register",
                        id,
                        "--router=" + at.get("register"),
                        security + "=curve",
                        security + ".curveKeyFile=" + folder.resolve(keys + ".key_secret"),
                        security + ".curveServerKeyFile=" + folder.resolve("router.key"));
    }

    @Test
    void aWrongQueryFailsWithTheReason() {
        for (String[] command : new String[][] {
            {"nodes", "--status=asleep"},
            {"nodes", "--watch", "--status=asleep"},
            {"nodes", "--watch", "--json", "--status=asleep"}
        }) {
            assertThat(run(command)).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains("status must be one of");
            err.getBuffer().setLength(0);
        }
    }

    @Test
    void aWatchShowsChangesOfWhatWasAskedFor() {
        Thread watch = new Thread(() -> run("nodes", "--watch", "--json", "--group=office"));
        watch.setDaemon(true);
        watch.start();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> router.node().figures().get("watchers") > 0);
        for (String group : List.of("kitchen", "office")) {
            assertThat(BactrianCommand.commandLine()
                            .setOut(new PrintWriter(new StringWriter()))
                            .execute(
                                    "node",
                                    "register",
                                    "in-" + group,
                                    "--port=9300",
                                    "--group=" + group,
                                    "--set=bactrian.discovery.register=" + router.get("register")))
                    .isZero();
        }
        await().atMost(Duration.ofSeconds(60))
                .until(() -> out.toString().contains("\"event\":\"registered\"")
                        && out.toString().contains("\"id\":\"in-office\""));
        assertThat(out.toString()).doesNotContain("kitchen");
    }

    @Test
    void aWatchThatEndsSaysWhy() throws Exception {
        Thread watch;
        try (TestRouter other = new TestRouter(folder.resolve("other"))) {
            watch = new Thread(() -> ended = BactrianCommand.commandLine()
                    .setOut(new PrintWriter(out))
                    .setErr(new PrintWriter(err))
                    .execute("nodes", "--watch", "--set=bactrian.discovery.http.port=" + other.get("http.port")));
            watch.start();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> other.node().figures().get("watchers") > 0);
        }
        watch.join(Duration.ofSeconds(30).toMillis());
        assertThat(ended).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("tells of no more changes");
    }
}
