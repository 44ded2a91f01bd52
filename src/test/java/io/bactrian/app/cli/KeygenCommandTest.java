package io.bactrian.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.app.ExitCode;
import io.bactrian.testing.Tools;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Keys and password hashes as the commands write them, read by others. */
class KeygenCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Object command, String... arguments) {
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler((exception, line, parsed) -> {
                    line.getErr().println(exception.getMessage());
                    return ExitCode.FAILED;
                })
                .execute(arguments);
    }

    @Test
    void aPairIsWrittenWithTheRightModes() throws Exception {
        Path keys = folder.resolve("new/keys");
        assertThat(run(new KeygenCommand(), "--name", "hub", "--output", keys.toString()))
                .isZero();
        CurveCertificate secret = CurveCertificate.read(keys.resolve("hub.key_secret"));
        CurveCertificate open = CurveCertificate.read(keys.resolve("hub.key"));
        assertThat(secret.keys()).isNotNull();
        assertThat(open.keys()).isNull();
        assertThat(open.publicKey()).isEqualTo(secret.publicKey());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.resolve("hub.key_secret"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.resolve("hub.key"))))
                .isEqualTo("rw-r--r--");
        assertThat(out.toString())
                .contains(open.publicKey().z85(), open.publicKey().fingerprint())
                .doesNotContain(Objects.requireNonNull(secret.keys()).secretZ85());
        assertThat(Files.list(keys)).hasSize(2);
    }

    @Test
    void keysAreReplacedOnlyByForce() throws Exception {
        String[] arguments = {"--output", folder.toString()};
        assertThat(run(new KeygenCommand(), arguments)).isZero();
        CurveKeys first =
                CurveCertificate.read(folder.resolve("bactrian.key_secret")).keys();
        assertThat(run(new KeygenCommand(), arguments)).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("bactrian.key", "--force");
        Files.delete(folder.resolve("bactrian.key_secret"));
        assertThat(run(new KeygenCommand(), arguments)).isEqualTo(ExitCode.FAILED);
        assertThat(folder.resolve("bactrian.key_secret")).doesNotExist();
        assertThat(run(new KeygenCommand(), "--force", "--output", folder.toString()))
                .isZero();
        assertThat(CurveCertificate.read(folder.resolve("bactrian.key_secret")).keys())
                .isNotEqualTo(first);
    }

    @Test
    void aNameThatIsAPathIsWrong() {
        assertThat(run(new KeygenCommand(), "--name", "../hub", "--output", folder.toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(folder).isEmptyDirectory();
    }

    @Tag("slow")
    @Test
    void pyzmqReadsTheFiles() throws Exception {
        assertThat(run(new KeygenCommand(), "--name", "hub", "--output", folder.toString()))
                .isZero();
        CurveKeys keys = Objects.requireNonNull(
                CurveCertificate.read(folder.resolve("hub.key_secret")).keys());
        Process python = Tools.python(
                "import sys, zmq.auth\nfor f in sys.argv[1:]: print(zmq.auth.load_certificate(f))",
                folder.resolve("hub.key").toString(),
                folder.resolve("hub.key_secret").toString());
        assertThat(new String(python.getInputStream().readAllBytes(), UTF_8).lines())
                .containsExactly(
                        "(b'" + keys.publicKey().z85() + "', None)",
                        "(b'" + keys.publicKey().z85() + "', b'" + keys.secretZ85() + "')");
    }

    @Tag("slow")
    @Test
    void aPasswordIsHashedAsOthersDoIt() throws Exception {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("geheim für alle\n".getBytes(UTF_8)));
            assertThat(run(new HashPasswordCommand(), "ann")).isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(out.toString()).startsWith("ann:pbkdf2-sha256$600000$").doesNotContain("geheim");
        Process python = Tools.python(
                "import sys, hashlib, base64\nn, s, h = sys.argv[1].strip().split('$')[1:]\n"
                        + "print(base64.b64encode(hashlib.pbkdf2_hmac('sha256', 'geheim für alle'.encode(),"
                        + " base64.b64decode(s), int(n))).decode() == h)",
                out.toString());
        assertThat(new String(python.getInputStream().readAllBytes(), UTF_8).strip())
                .isEqualTo("True");
    }
}
