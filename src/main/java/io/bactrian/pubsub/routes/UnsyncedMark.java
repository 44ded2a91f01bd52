package io.bactrian.pubsub.routes;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file beside the log that is there from the start of a hub that does not sync each batch until the start of one that
 * does: so the latter knows that the end of the log may be lost.
 */
record UnsyncedMark(Path file) {
    static UnsyncedMark in(Path folder) {
        return new UnsyncedMark(folder.resolve("hub.unsynced"));
    }

    boolean isSet() {
        return Files.exists(file);
    }

    void set() throws IOException {
        if (!isSet()) {
            Files.createFile(file);
            // Windows can neither open nor force a folder.
            if (File.separatorChar == '/') {
                try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
                    folder.force(true);
                }
            }
        }
    }

    void clear() throws IOException {
        Files.deleteIfExists(file);
    }
}
