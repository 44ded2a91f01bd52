package io.bactrian.pubsub.routes;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file beside the log that is there from the start of a hub until it has closed the log in order. The next start finds it
 * only if the end of the log may be lost: after a kill or a power cut.
 */
public record OpenMark(Path file) {
    static OpenMark in(Path folder) {
        return new OpenMark(folder.resolve("hub.open"));
    }

    /** The mark that earlier versions left where batches were not synced one by one. */
    private Path former() {
        return file.resolveSibling("hub.unsynced");
    }

    boolean isSet() {
        return Files.exists(file) || Files.exists(former());
    }

    /** Durable on return. */
    void set() throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file);
            forceFolder();
        }
        Files.deleteIfExists(former());
    }

    /** Durable on return. */
    void clear() throws IOException {
        Files.deleteIfExists(file);
        forceFolder();
    }

    /** Makes durable which files are there. */
    void forceFolder() throws IOException {
        // Windows can neither open nor force a folder.
        if (File.separatorChar == '/') {
            try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }
}
