package io.bactrian.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GetOutputTest {
    private static final long LARGE = (64L << 20) + 1;

    @TempDir
    Path folder;

    private void cut(String written, long saved) throws IOException {
        Path file = folder.resolve("f");
        Files.writeString(file, written);
        try (GetOutput out = GetOutput.to(file)) {
            out.cutTo(OptionalLong.of(saved));
        }
        assertThat(file).hasSize(saved);
    }

    @Test
    void whatIsCutOffIsAppendedToTheFileBesideIt() throws IOException {
        cut("a\nb\n", 2);
        cut("a\nc\n", 2);
        assertThat(folder.resolve("f.cut")).hasContent("b\nc");
    }

    @Test
    void whatWasCutOffDoesNotGrowWithoutABound() throws IOException {
        Path aside = folder.resolve("f.cut");
        try (RandomAccessFile large = new RandomAccessFile(aside.toFile(), "rw")) {
            large.setLength(LARGE);
        }
        cut("a\nb\n", 2);
        assertThat(aside).hasContent("b");
        assertThat(folder.resolve("f.cut.1")).hasSize(LARGE);
    }
}
