package io.bactrian.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands beside a running writer, and on what a writer has left. */
class JournalCommandTest {
    private static final String FIRST_SEGMENT = "0000000000000000001.segment";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Journal journal;

    @BeforeEach
    void write() {
        journal = Journal.open(
                folder, JournalSettings.builder().segmentBytes(4096).build());
        for (int i = 0; i < 20; i++) {
            journal.append(List.of(new NewEntry(2, ("entry " + i + "\n" + "e".repeat(500)).getBytes(UTF_8))));
        }
        journal.cursor("reader", 30);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new JournalCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private JsonObject json() throws Exception {
        return (JsonObject) Jsoner.deserialize(out.toString());
    }

    @Test
    void listsSegmentsAndCursors() throws Exception {
        assertThat(run("list", folder.toString())).isZero();
        assertThat(out.toString())
                .contains(
                        "positions 1 to 40, epoch 1",
                        FIRST_SEGMENT,
                        "closed",
                        "open",
                        "cursor reader at 30, 10 behind");
        assertThat(run("list", "--json", folder.toString())).isZero();
        assertThat(json().getLong("end")).isEqualTo(40);
        assertThat((JsonArray) json().get("segments")).hasSizeGreaterThan(2);
        assertThat((JsonObject) json().get("cursors")).containsKey("reader");
    }

    @Test
    void printsEntries() throws Exception {
        assertThat(run("cat", folder.toString())).isZero();
        assertThat(out.toString().lines()).hasSize(20);
        assertThat(run("cat", "--from", "4", "--count", "1", folder.toString())).isZero();
        assertThat(out.toString().lines())
                .singleElement()
                .asString()
                .startsWith("3 count=2 epoch=1 ")
                .contains("entry 1.e");
        assertThat(run("cat", "--json", "--count", "1", folder.toString())).isZero();
        assertThat(new String(Base64.getDecoder().decode(json().getString("payload")), UTF_8))
                .startsWith("entry 0\n");
    }

    @Test
    void verifiesBesideTheWriter() throws Exception {
        assertThat(run("verify", folder.toString())).isZero();
        assertThat(out.toString()).startsWith("good: positions 1 to 40");
        Path open = folder.resolve(
                journal.segments().get(journal.segments().size() - 1).file());
        byte[] bytes = Files.readAllBytes(open);
        Path copy = copy();
        Files.write(copy.resolve(open.getFileName()), Arrays.copyOf(bytes, bytes.length - 3));
        assertThat(run("verify", copy.toString())).isZero();
        assertThat(out.toString()).contains("positions 1 to 38", "unfinished");
    }

    @Test
    void findsDamage() throws Exception {
        Path copy = copy();
        byte[] bytes = Files.readAllBytes(copy.resolve(FIRST_SEGMENT));
        bytes[700] ^= 1;
        Files.write(copy.resolve(FIRST_SEGMENT), bytes);
        assertThat(run("list", copy.toString())).as("a look at the outside").isZero();
        assertThat(run("verify", copy.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("damaged: file=" + copy.resolve(FIRST_SEGMENT), "offset=");
        assertThat(run("verify", "--json", copy.toString())).isEqualTo(1);
        assertThat(json().getBoolean("good")).isFalse();
        assertThat((JsonArray) json().get("damage")).hasSize(1);
        assertThat(run("cat", copy.toString())).isEqualTo(1);
        assertThat(out.toString().lines()).as("what lies before it is shown").hasSize(1);
        assertThat(err.toString()).contains("damaged: ");

        Files.delete(copy.resolve(FIRST_SEGMENT));
        assertThat(run("list", copy.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("missing");
    }

    @Test
    void tellsWrongUsage() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("verify", folder.resolve("nowhere").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("holds no journal");
        assertThat(run("cat", "--from", "0", folder.toString())).isEqualTo(2);
        assertThat(run("--help")).isZero();
        assertThat(run("cat", "--help")).isZero();
        assertThat(out.toString()).contains("--from");
    }

    private Path copy() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        for (Path file : Files.list(folder).filter(Files::isRegularFile).toList()) {
            Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }
}
