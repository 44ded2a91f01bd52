package io.bactrian.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Required;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A codec in another language, written from the protocol's text alone, agrees with the golden vectors. */
@Tag("slow")
class PythonVectorsTest {
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    @Test
    void thePythonCodecAgreesWithEveryVector() throws Exception {
        assertThat(python("src/test/python/check_vectors.py", "src/test/resources/wire/vectors.json"))
                .isEqualTo(Vectors.valid().size() + " vectors agree\n");
    }

    @Test
    void theWholePythonClientStaysUnderTwoHundredLines() throws IOException {
        int lines = 0;
        for (String file : List.of("wire.py", "publish.py", "subscribe.py")) {
            lines += Files.readAllLines(Path.of("src/test/python", file)).size();
        }

        assertThat(lines).isLessThan(200);
    }

    private static String python(String... arguments) throws IOException, InterruptedException {
        if (!Files.isExecutable(PYTHON)) {
            Required.missing("python3: apt-get install python3");
        }
        ProcessBuilder builder = new ProcessBuilder(PYTHON.toString());
        builder.command().addAll(List.of(arguments));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
