package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.client.BareHub;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hubs have names in a file, for the commands that are clients. */
@Timeout(120)
@Tag("system")
class NamedHubsTest {
    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Path file;

    @BeforeEach
    void file() {
        file = folder.resolve("hubs.properties");
    }

    private int run(String... own) {
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of(own));
        all.addAll(List.of("--set", "bactrian.client.hubs=" + file));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        return Main.run(out, new PrintWriter(err, true), all.toArray(String[]::new));
    }

    private void named(String... lines) throws Exception {
        Files.write(file, List.of(lines));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private void putTo(String... options) {
        List<String> all = new ArrayList<>(List.of("put", "t", "hello"));
        all.addAll(List.of(options));
        assertThat(run(all.toArray(String[]::new))).as(err::toString).isZero();
    }

    /** What cannot be used: a usage error that says all of it. */
    private void refused(String hub, String... says) {
        assertThat(run("put", "t", "hello", "--hub", hub)).as(err::toString).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains(says).doesNotContain("Exception");
    }

    @Test
    void everyCommandOfAClientTakesTheName() throws Exception {
        try (BareHub hub = new BareHub(folder.resolve("hub"))) {
            named(
                    "# mine",
                    "a.host=127.0.0.1",
                    "a.publishPort=" + hub.publishPort(),
                    "a.subscribePort=" + hub.subscribePort(),
                    "b.host=127.0.0.1:" + hub.publishPort() + "/" + hub.subscribePort());
            putTo("--hub", "a");
            putTo("--hub", "b");
            for (List<String> command : List.of(
                    List.of("subscribe", "t", "--subscriber", "s"),
                    List.of("get", "t", "--subscriber", "s", "--count", "2"),
                    List.of("peek", "t", "--last", "1"),
                    List.of("tail", "t", "--from", "oldest", "--count", "1"),
                    List.of("unsubscribe", "t", "--subscriber", "s"))) {
                List<String> all = new ArrayList<>(command);
                all.addAll(List.of("--hub", "b"));
                assertThat(run(all.toArray(String[]::new)))
                        .as(command + " " + err)
                        .isZero();
            }
            assertThat(out.toString(StandardCharsets.UTF_8).lines().filter(line -> line.endsWith("hello")))
                    .hasSize(4);
            putTo("--hub", "127.0.0.1:" + hub.publishPort() + "/" + hub.subscribePort());
        }
    }

    @Test
    void aHubThatBindsIpcAloneIsUsedByItsConfigurationAndByAName() throws Exception {
        String publish = "ipc://" + folder.resolve("p");
        String subscribe = "ipc://" + folder.resolve("s");
        try (BareHub hub = new BareHub(folder.resolve("hub"), publish, subscribe)) {
            named("here.publish=" + publish, "here.subscribe=" + subscribe);
            putTo("--hub", "here");
            putTo("--set", "bactrian.hub.publish=" + publish, "--set", "bactrian.hub.subscribe=" + subscribe);
            assertThat(hub.messages()).isEqualTo(2);
            assertThat(run("peek", "t", "--hub", "here")).as(err::toString).isZero();
            assertThat(run(
                            "get",
                            "t",
                            "--subscriber",
                            "s",
                            "--set",
                            "bactrian.hub.publish=" + publish,
                            "--set",
                            "bactrian.hub.subscribe=" + subscribe))
                    .as(err::toString)
                    .isZero();
            assertThat(out.toString(StandardCharsets.UTF_8).lines().filter(line -> line.endsWith("hello")))
                    .hasSize(4);
        }
    }

    @Test
    void aNameThatIsSpeltWrongIsToldWithThoseThatThereAre() throws Exception {
        named("prod.host=10.0.0.1", "test.host=10.0.0.2");
        refused("prdo", "prdo is neither a hub that " + file + " names, which has prod, test, nor a host");
    }

    @Test
    void whatIsWrongInTheFileIsToldAtOnce() throws Exception {
        named(
                "a.host=h",
                "a.prot=1",
                "b.publishPort=1",
                "c.host=h",
                "c.publish=ipc:///p",
                "d.host=h",
                "d.publishPort=x",
                "d.security=ssl",
                "x=y",
                "e.publish=ipc:///p");
        refused(
                "a",
                "a.prot is not NAME.OPTION",
                "x is not NAME.OPTION",
                "hub b needs b.host, or both b.publish and b.subscribe",
                "hub c needs c.host, or both",
                "hub d: publishPort = x is no port",
                "hub d: security = ssl is none of",
                "hub e needs e.host, or both");
        Files.delete(file);
        refused("a", "bactrian.client.hubs: there is no file " + file);
    }

    @Test
    void aPasswordThatOthersCanReadIsRefusedAndNeverShown() throws Exception {
        named("a.host=127.0.0.1", "a.plainUsername=u", "a.plainPassword=geheim");
        refused("a", file + " holds a password, and others can read it: chmod 600 " + file);
        assertThat(err.toString()).doesNotContain("geheim");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(run("put", "t", "x", "--hub", "a", "--timeout", "1s")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("was never heard").doesNotContain("geheim");
    }

    @Test
    void keysLieBesideTheFileAndAreToldIfTheyDoNot() throws Exception {
        named("a.host=127.0.0.1", "a.curveKeyFile=me.key_secret", "a.curveServerKeyFile=hub.key");
        refused("a", file + ": hub a", folder.resolve("me.key_secret") + " cannot be used: there is no such file");
    }
}
