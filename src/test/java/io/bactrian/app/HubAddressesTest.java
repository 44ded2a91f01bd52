package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.client.BareHub;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command does with the addresses that a hub binds, and with arguments that a locale has spoilt. */
@Timeout(600)
class HubAddressesTest {
    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();

    private int put(String publish, String subscribe, String... more) {
        List<String> all = new ArrayList<>(List.of("put", "t", "hello"));
        all.addAll(List.of("--set", "bactrian.hub.publish=" + publish));
        all.addAll(List.of("--set", "bactrian.hub.subscribe=" + subscribe));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        all.addAll(List.of(more));
        return Main.run(new ByteArrayOutputStream(), new PrintWriter(err, true), all.toArray(String[]::new));
    }

    @Test
    void ofSeveralAddressesTheFirstThatACommandCanUseIsUsed() throws Exception {
        try (BareHub hub = new BareHub(folder.resolve("hub"))) {
            int code = put(
                    "ipc:///tmp/none,tcp://*:" + hub.publishPort() + ",tcp://10.255.255.1:1",
                    "tcp://127.0.0.1:" + hub.subscribePort() + ",ipc:///tmp/none");
            assertThat(code).as(err.toString()).isZero();
            assertThat(hub.messages()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://*:*", "tcp://127.0.0.1:*", "tcp://[::1]:*"})
    void anAddressThatNoCommandCanUseIsToldInALineWithWhatToDo(String address) throws Exception {
        assertThat(put(address, "tcp://127.0.0.1:1")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString())
                .contains("bactrian.hub.publish = " + address + " names no address that a command can use")
                .contains("give --hub, --publish-port and --subscribe-port")
                .doesNotContain("Exception");
        try (BareHub hub = new BareHub(folder.resolve("hub"))) {
            int code = put(
                    address,
                    address,
                    "--hub",
                    "127.0.0.1",
                    "--publish-port",
                    String.valueOf(hub.publishPort()),
                    "--subscribe-port",
                    String.valueOf(hub.subscribePort()));
            assertThat(code).as(err.toString()).isZero();
        }
    }

    @Tag("slow")
    @Test
    void anArgumentThatTheLocaleCannotDecodeIsRefused() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                "sh",
                "-c",
                "LC_ALL=C exec \"$0\" -XX:TieredStopAtLevel=1 -cp \"$1\" " + Main.class.getName()
                        + " put \"$(printf 'gr\\303\\266\\303\\237e')\" x",
                ProcessHandle.current().info().command().orElse("java"),
                System.getProperty("java.class.path"));
        Process process = builder.redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(told).isEqualTo(ExitCode.USAGE);
        assertThat(told).contains("cannot decode in this locale").contains("set LC_ALL=C.UTF-8");
    }
}
