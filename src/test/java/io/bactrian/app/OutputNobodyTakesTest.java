package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.client.BareHub;
import io.bactrian.testing.JavaCommand;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Standard output that cannot be written: a command fails, and get acknowledges only what somebody has taken. */
@Timeout(600)
@Tag("slow")
class OutputNobodyTakesTest {
    private static final int MESSAGES = 300;
    private static final File FULL = new File("/dev/full");

    @TempDir
    Path folder;

    private BareHub hub;
    private final StringWriter err = new StringWriter();

    static boolean thereIsAFullDevice() {
        return FULL.exists();
    }

    @BeforeEach
    void start() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
        Path lines = folder.resolve("lines");
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= MESSAGES; i++) {
            text.append("message ").append(i).append('\n');
        }
        Files.writeString(lines, text);
        assertThat(run(new ByteArrayOutputStream(), hubbed("put", "t", "--file", lines.toString())))
                .as(err::toString)
                .isZero();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private String[] hubbed(String... own) {
        List<String> all = new ArrayList<>(List.of(own));
        all.addAll(List.of("--hub", "127.0.0.1"));
        all.addAll(List.of("--publish-port", String.valueOf(hub.publishPort())));
        all.addAll(List.of("--subscribe-port", String.valueOf(hub.subscribePort())));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        return all.toArray(String[]::new);
    }

    private int run(OutputStream out, String... arguments) {
        err.getBuffer().setLength(0);
        return Main.run(out, new PrintWriter(err, true), arguments);
    }

    private String all(String subscriber) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(run(out, hubbed("get", "t", "--subscriber", subscriber)))
                .as(err::toString)
                .isZero();
        return out.toString(UTF_8);
    }

    @Test
    @EnabledIf("thereIsAFullDevice")
    void getAcknowledgesNothingThatAFullDeviceRefused() throws Exception {
        for (String form : List.of("--follow", "--json", "--null")) {
            try (OutputStream full = new FileOutputStream(FULL)) {
                assertThat(run(full, hubbed("get", "t", "--subscriber", "s" + form, form)))
                        .isEqualTo(1);
            }
            assertThat(err.toString())
                    .contains("Cannot write to standard output", "comes again")
                    .hasLineCount(1);
            assertThat(all("s" + form)).as(form).hasLineCount(MESSAGES);
        }
    }

    @Test
    @EnabledIf("thereIsAFullDevice")
    void everyCommandThatPrintsFails() throws Exception {
        Path log = folder.resolve("log");
        try (Journal journal = Journal.open(log, JournalSettings.defaults())) {
            journal.append(List.of(new NewEntry(1, new byte[10])));
        }
        for (String[] command : List.of(
                hubbed("put", "t", "x", "--json"),
                hubbed("subscribe", "t", "--subscriber", "x"),
                hubbed("subscribe", "t", "--subscriber", "x", "--json"),
                new String[] {"journal", "cat", log.toString()},
                new String[] {"journal", "list", log.toString(), "--json"},
                new String[] {"journal", "verify", log.toString()},
                new String[] {"keygen", "--output", folder.resolve("keys").toString()},
                new String[] {"routes"},
                new String[] {"--version"},
                new String[] {"--help"})) {
            try (OutputStream full = new FileOutputStream(FULL)) {
                assertThat(run(full, command)).as(String.join(" ", command)).isEqualTo(1);
            }
            assertThat(err.toString()).as(String.join(" ", command)).contains("Standard output cannot be written");
        }
    }

    /** As {@code head} does: takes a little and ends. */
    @Test
    void aReaderThatEndsEndsTheCommandWithoutAWord() throws Exception {
        Path taken = folder.resolve("taken");
        List<String> words = JavaCommand.of(List.of(), Main.class);
        words.addAll(List.of(hubbed("get", "t", "--subscriber", "s", "--follow", "--json")));
        List<String> bash = new ArrayList<>(
                List.of("bash", "-c", "\"$@\" | head -1 > '" + taken + "'; echo ${PIPESTATUS[0]}", "bash"));
        bash.addAll(words);
        Process pipe = new ProcessBuilder(bash)
                .redirectError(folder.resolve("said").toFile())
                .start();
        try {
            // What comes once the reader has ended meets a closed pipe.
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(taken) && Files.size(taken) > 0);
            while (pipe.isAlive()) {
                run(new ByteArrayOutputStream(), hubbed("put", "t", "more"));
            }
            assertThat(new String(pipe.getInputStream().readAllBytes(), UTF_8).strip())
                    .isEqualTo("1");
            assertThat(Files.readString(folder.resolve("said"))).isEmpty();
            assertThat(Files.readAllLines(taken)).hasSize(1);
        } finally {
            pipe.descendants().forEach(ProcessHandle::destroyForcibly);
            pipe.destroyForcibly();
        }
    }
}
