package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
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
@Timeout(120)
class NodesCommandTest {
    @TempDir
    static Path folder;

    private static TestRouter router;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

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
        assertThat(out.toString()).contains("printer", "tcp://127.0.0.1:9100", "ACTIVE", "1 nodes");
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
    void aWrongQueryFailsWithTheReason() {
        assertThat(run("nodes", "--status=asleep")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("status must be one of");
    }

    @Test
    void aWatchShowsChanges() {
        Thread watch = new Thread(() -> run("nodes", "--watch", "--json"));
        watch.setDaemon(true);
        watch.start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> router.node().figures().get("watchers") > 0);
        StringWriter other = new StringWriter();
        assertThat(BactrianCommand.commandLine()
                        .setOut(new PrintWriter(other))
                        .execute(
                                "node",
                                "register",
                                "seen",
                                "--port=9300",
                                "--set=bactrian.discovery.register=" + router.get("register")))
                .isZero();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> out.toString().contains("\"event\":\"registered\"")
                        && out.toString().contains("\"id\":\"seen\""));
    }
}
