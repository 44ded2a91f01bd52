package io.bactrian.support.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An empty file that says something by being there. */
public record MarkFile(Path file) {
    public boolean isSet() {
        return Files.exists(file);
    }

    /** Durable on return. */
    public void set() throws IOException {
        if (!isSet()) {
            Files.createFile(file);
            forceFolder();
        }
    }

    /** Durable on return. */
    public void clear() throws IOException {
        Files.deleteIfExists(file);
        forceFolder();
    }

    private void forceFolder() throws IOException {
        DurableFiles.forceFolder(file.resolveSibling("."));
    }
}
