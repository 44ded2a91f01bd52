package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Ports;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Tag("system")
class CommandLineTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void useFolder() {
        System.setProperty(Installation.PROPERTY, folder.toString());
    }

    @AfterEach
    void forgetFolder() {
        System.clearProperty(Installation.PROPERTY);
    }

    private int run(String... arguments) {
        return BactrianCommand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    static Stream<List<String>> commands() {
        List<List<String>> names = new ArrayList<>();
        collect(BactrianCommand.commandLine(), List.of(), names);
        return names.stream();
    }

    private static void collect(CommandLine command, List<String> path, List<List<String>> names) {
        names.add(path);
        command.getSubcommands().forEach((name, sub) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            collect(sub, longer, names);
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasHelpWithExitCodes(List<String> command) {
        List<String> arguments = new ArrayList<>(command);
        arguments.add("--help");
        assertThat(run(arguments.toArray(String[]::new))).isZero();
        assertThat(out.toString()).contains("Usage: bactrian", "Exit codes:");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aCallMakesTheSubcommandThatItNamesAndAllIfItNamesNone() {
        Set<String> all = BactrianCommand.commandLine().getSubcommands().keySet();
        assertThat(all).hasSizeGreaterThan(20);
        for (String name : all) {
            assertThat(BactrianCommand.commandLineFor(name, "--help")
                            .getSubcommands()
                            .keySet())
                    .isEqualTo(name.equals("completion") ? all : Set.of(name));
        }
        for (String[] arguments : new String[][] {{}, {"--help"}, {"putt"}, {"", "put"}}) {
            assertThat(BactrianCommand.commandLineFor(arguments).getSubcommands())
                    .hasSameSizeAs(all);
        }
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("bactrian ").contains("Camel 4.").doesNotContain("${");
    }

    /** It takes connections, and never answers. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "topics",
                "subscribers",
                "status",
                "pair status",
                "nodes",
                "speed watch",
                "backup now",
                "node register n"
            })
    void whoAsksAProcessThatDoesNotAnswerIsToldAfterItsTimeout(String command) throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
            for (String key : List.of("bactrian.management.port", "bactrian.discovery.http.port")) {
                arguments.addAll(List.of("--set", key + "=" + mute.getLocalPort()));
            }
            for (String key : List.of("bactrian.speed.watch.nodes", "bactrian.discovery.register")) {
                String scheme = key.endsWith("register") ? "tcp://" : "";
                arguments.addAll(List.of("--set", key + "=" + scheme + "127.0.0.1:" + mute.getLocalPort()));
            }
            Path token = Files.writeString(folder.resolve("token"), "a-token\n");
            arguments.addAll(List.of("--set", "bactrian.management.tokenFile=" + token));
            arguments.addAll(List.of("--timeout", "300ms"));
            assertThat(run(arguments.toArray(String[]::new))).isEqualTo(ExitCode.FAILED);
            assertThat(out.toString() + err)
                    .containsPattern(
                            "no answer within 300 ms|no router answers at .* within 300 ms|has not answered for 300 ms")
                    .contains(String.valueOf(mute.getLocalPort()))
                    .doesNotContain("\tat ", "Exception");
        }
    }

    @Test
    void wrongUsageIsExitCodeTwo() {
        assertThat(run("no-such-command")).isEqualTo(ExitCode.USAGE);
        assertThat(run("run")).isEqualTo(ExitCode.USAGE);
        assertThat(run()).isEqualTo(ExitCode.USAGE);
        assertThat(run("status", "--wait", "soon")).isEqualTo(ExitCode.USAGE);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void wrongConfigurationIsOneMessageWithoutAStackTrace() {
        assertThat(run("run", "nobody", "--set", "bactrian.stop.timeout=x")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .startsWith("The configuration is wrong in 2 places:")
                .doesNotContain("\tat ");
    }

    @Test
    void theArgumentsOfARoleSetKeysWhoseTypesCheckThem() throws Exception {
        new TestHome(folder)
                .role(
                        "clock",
                        "bactrian.routes=pubsub/tick",
                        "bactrian.role.arguments=PERIOD:bactrian.demo.periodMs,--stop:bactrian.stop.timeout")
                .route("tick", "Ticks.", "timer:tick", "- log: { message: tock }");
        assertThat(run("run", "clock", "often", "--stop", "x")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("bactrian.demo.periodMs = 'often'", "bactrian.stop.timeout = 'x'");
        err.getBuffer().setLength(0);
        assertThat(run("run", "clock", "5", "--sotp", "5s")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("unknown option '--sotp'", "bactrian run clock [PERIOD] [--stop VALUE]");
    }

    @Test
    void theHelpOfARoleTellsItsArgumentsAndWhatTheyMean() throws Exception {
        new TestHome(folder)
                .role(
                        "clock",
                        "# Ticks on and on:",
                        "# bactrian run clock [PERIOD]",
                        "bactrian.role.arguments=PERIOD:bactrian.demo.periodMs,--quiet:bactrian.worker.print=false");
        assertThat(run("run", "clock", "--help")).isZero();
        assertThat(out.toString())
                .startsWith("bactrian run clock [PERIOD] [--quiet]")
                .contains(
                        "Ticks on and on: bactrian run clock [PERIOD]",
                        "Sets bactrian.demo.periodMs.",
                        "bactrian.worker.print=false",
                        "Usage: bactrian run");
        for (String role : List.of("witness", "speed-server", "pair", "hub-pair")) {
            out.getBuffer().setLength(0);
            assertThat(run("run", role, "--help")).isZero();
            assertThat(out.toString()).startsWith("bactrian run " + role + " [");
        }
    }

    @Test
    void aHubThatIsNotThereDoesNotServe() throws Exception {
        String port = Integer.toString(Ports.free());
        assertThat(run("status", "--set", "bactrian.management.port=" + port)).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString()).contains("nothing listens there");
    }

    @Test
    void theStoryFollowsTheMessage() throws Exception {
        new TestHome(folder)
                .role("clock", "bactrian.routes=pubsub/*")
                .route("a-called", "Is called.", "direct:a-called", "- log: { message: tock }")
                .route(
                        "b-starts",
                        "Starts.",
                        "timer:tick",
                        "- choice:",
                        "    when:",
                        "      - expression: { simple: { expression: '${body} == null' } }",
                        "        steps:",
                        "          - to: { uri: direct:a-called }")
                .route("c-alone", "Nothing calls it.", "direct:c-alone", "- log: { message: tock }");
        assertThat(run("routes", "--story", "clock")).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "b-starts (timer:tick): Starts.",
                        "  a-called (direct:a-called): Is called.",
                        "c-alone (direct:c-alone): Nothing calls it.");
        out.getBuffer().setLength(0);
        assertThat(run("routes", "--json", "clock")).isZero();
        assertThat(out.toString()).contains("\"id\":\"b-starts\"", "\"calls\":[\"a-called\"]");
    }
}
