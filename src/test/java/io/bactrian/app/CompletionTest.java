package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A real bash completes with the script. */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
class CompletionTest {
    @TempDir
    Path folder;

    private List<String> completed(String... words) throws Exception {
        StringWriter out = new StringWriter();
        assertThat(BactrianCommand.commandLine().setOut(new PrintWriter(out)).execute("completion"))
                .isZero();
        Path script = Files.writeString(folder.resolve("completion"), out.toString());
        String line = "bactrian " + String.join(" ", words);
        String asked = "set -e; source " + script + "; COMP_WORDS=(" + line + "); COMP_CWORD=" + words.length
                + "; COMP_LINE='" + line + "'; COMP_POINT=" + line.length()
                + "; _complete_bactrian || true; printf '%s\\n' \"${COMPREPLY[@]}\"";
        Process bash = new ProcessBuilder("bash", "-c", asked)
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), UTF_8);
        assertThat(bash.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(bash.exitValue()).as(said).isZero();
        return said.lines().map(String::strip).toList();
    }

    @Test
    void commandsAndOptionsAreCompleted() throws Exception {
        assertThat(completed("subscr")).contains("subscribe", "subscribers");
        assertThat(completed("topics", "--wa")).contains("--watch");
    }
}
