package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of the Clone pattern in Python, written from ZeroMQ RFC 12 alone. */
@Tag("system")
class CloneClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";

    @TempDir
    Path folder;

    private TestFederation federation;
    private Process python;
    private Path said;

    @BeforeEach
    void prepare() throws Exception {
        Tools.pythonWithZmq();
        federation = new TestFederation(folder, TestFederation.rootWithTwoChildren());
        said = folder.resolve("said");
    }

    @AfterEach
    void stop() {
        if (python != null) {
            python.destroyForcibly();
        }
        federation.close();
    }

    private void client(String subtree, String sets, String... nodes) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Tools.pythonWithZmq(), "src/test/python/clone_client.py", subtree, "60", sets));
        for (String node : nodes) {
            command.add(Integer.toString(federation.port(node)));
        }
        python = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(said.toFile())
                .start();
    }

    private void awaitLine(String line) {
        await(line).atMost(PATIENCE).until(() -> Files.readAllLines(said).contains(line));
    }

    @Test
    void aCloneClientGetsItsSubtreeAndSetsKeysOfTheNode() throws Exception {
        federation.start(ROOT, A);
        federation.put(A, "tunnel.a.fan", "on");
        federation.put(ROOT, "site.mode", "day");
        client("tunnel.a.", "tunnel.a.light=dim,tunnel.a.hint=short:1,site.mode=stolen", "a");
        awaitLine("sync tunnel.a.fan on");
        awaitLine("pub tunnel.a.light dim");
        awaitLine("pub tunnel.a.hint short");
        awaitLine("pub tunnel.a.hint ");
        awaitLine("hugz");
        await().atMost(PATIENCE)
                .until(() -> federation.value(ROOT, "tunnel.a.light").equals("dim"));
        assertThat(federation.value(ROOT, "site.mode")).isEqualTo("day");
        assertThat(federation.node(A).counted("foreign-update")).isEqualTo(1);
        assertThat(Files.readAllLines(said)).noneMatch(line -> line.contains("site.mode"));
    }

    @Test
    void aCloneClientGoesToAnotherServerWhenItsOwnIsSilent() throws Exception {
        federation.start(ROOT, A);
        federation.put(A, "tunnel.a.fan", "on");
        await().atMost(PATIENCE)
                .until(() -> federation.value(ROOT, "tunnel.a.fan").equals("on"));
        client("", "", "root", "a");
        awaitLine("sync tunnel.a.fan on");
        federation.stop(ROOT);
        awaitLine("failover");
        await().atMost(PATIENCE)
                .until(() -> Files.readAllLines(said).stream()
                                .filter("synced"::equals)
                                .count()
                        == 2);
        federation.put(A, "tunnel.a.fan", "off");
        awaitLine("pub tunnel.a.fan off");
    }
}
