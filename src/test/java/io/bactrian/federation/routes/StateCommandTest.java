package io.bactrian.federation.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.cli.StateCommand;
import io.bactrian.app.cli.TopologyCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code bactrian state} and {@code bactrian topology} as a person gives them. */
@Tag("system")
class StateCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROOT = "nodes.root";
    private static final String A = "nodes.root.a";

    @TempDir
    Path folder;

    private TestFederation federation;

    @AfterEach
    void stop() {
        if (federation != null) {
            federation.close();
        }
    }

    private String state(int expected, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--topology", federation.topology().toString()));
        return run(expected, new StateCommand(), all);
    }

    private static String run(int expected, Object command, List<String> arguments) {
        StringWriter said = new StringWriter();
        CommandLine line = new CommandLine(command);
        line.setOut(new PrintWriter(said));
        line.setErr(new PrintWriter(said));
        line.setExecutionExceptionHandler((exception, commandLine, parsed) -> {
            commandLine.getErr().println(exception.getMessage());
            return 1;
        });
        int code = line.execute(arguments.toArray(String[]::new));
        assertThat(code).as(said.toString()).isEqualTo(expected);
        return said.toString();
    }

    @Test
    void aKeyIsSetAtItsOwnerThroughAnyNodeAndSeenEverywhere() throws Exception {
        federation = new TestFederation(folder, TestFederation.rootWithTwoChildren()).start(ROOT, A);
        await().atMost(PATIENCE).untilAsserted(() -> state(0, "set", "tunnel.a.fan", "on", "--node", ROOT));
        await().atMost(PATIENCE)
                .until(() -> state(0, "get", "tunnel.", "--node", ROOT)
                        .equals("tunnel.a.fan = on" + System.lineSeparator()));
        assertThat(state(0, "get", "tunnel.a", "--node", A)).contains("tunnel.a.fan = on");
        assertThat(state(1, "set", "tunnel.b.pump", "on", "--node", A))
                .contains("nodes.root does not reach nodes.root.b");
        assertThat(state(1, "set", "nobody.owns", "on", "--node", A)).contains("nobody owns nobody.owns");
    }

    @Test
    void watchPrintsWhatThereIsAndThenEachChange() throws Exception {
        federation = new TestFederation(folder, TestFederation.rootWithTwoChildren()).start(A);
        federation.put(A, "tunnel.a.fan", "1");
        CompletableFuture<String> watched =
                CompletableFuture.supplyAsync(() -> state(0, "watch", "tunnel.a", "--node", A, "--count", "3"));
        await().atMost(PATIENCE).until(() -> {
            federation.put(A, "tunnel.a.fan", "2");
            return watched.isDone();
        });
        assertThat(watched.get().lines())
                .as("the snapshot, whenever it was taken, and changes")
                .hasSize(3)
                .endsWith("tunnel.a.fan = 2", "tunnel.a.fan = 2");
    }

    @Test
    void aNodeThatIsNotThereIsSaid() throws Exception {
        federation = new TestFederation(folder, TestFederation.rootWithTwoChildren());
        assertThat(state(1, "get", "--node", A)).contains("nodes.root.a at", "is it running");
        assertThat(state(1, "get", "--node", "nodes.x")).contains("no node 'nodes.x'");
    }

    @Test
    void aTopologyIsCheckedAndShown() throws Exception {
        assertThat(run(0, new TopologyCommand(), List.of("check", "config/topology.yaml")))
                .contains("is right: 3 nodes, root nodes.root");
        assertThat(run(0, new TopologyCommand(), List.of("show", "config/topology.yaml")))
                .contains("├─ north  127.0.0.1 south 5010 north 5011  owns tunnel.north");
        Path svg = folder.resolve("tree.svg");
        run(0, new TopologyCommand(), List.of("show", "config/topology.yaml", "--svg", svg.toString()));
        assertThat(svg).content().startsWith("<svg");
        Path wrong = Files.writeString(folder.resolve("wrong.yaml"), "nodes: {a: {}, b: {}}");
        assertThat(run(1, new TopologyCommand(), List.of("check", wrong.toString())))
                .contains("exactly one");
    }

    @Test
    void keysAreMadeOnceAndPrintedForTheTopology() {
        List<String> keygen = List.of("keygen", "nodes.root[primary]", "--output", folder.toString());
        assertThat(run(0, new TopologyCommand(), keygen)).contains("publicKey: \"", "signKey: \"");
        assertThat(folder.resolve("nodes.root[primary].key_secret")).exists();
        assertThat(run(1, new TopologyCommand(), keygen)).contains("is there already");
    }
}
