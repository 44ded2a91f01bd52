package io.bactrian.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class JournalBenchTest {
    @TempDir
    Path folder;

    @Test
    void printsEachCaseWithItsRatio() throws Exception {
        StringWriter out = new StringWriter();
        int exit = new CommandLine(new JournalBench())
                .setOut(new PrintWriter(out, true))
                .execute("--json", "--seconds", "0.01", "--folder", folder.toString());
        assertThat(exit).isZero();
        JsonObject json = (JsonObject) Jsoner.deserialize(out.toString());
        assertThat((JsonArray) json.get("cases"))
                .hasSize(3)
                .allSatisfy(one -> assertThat((JsonObject) one)
                        .containsKeys(
                                "messagesPerSecond",
                                "rawMessagesPerSecond",
                                "ratio",
                                "p50Micros",
                                "p99Micros",
                                "records",
                                "size"));
        assertThat(folder).as("leaves nothing behind").isEmptyDirectory();
    }
}
