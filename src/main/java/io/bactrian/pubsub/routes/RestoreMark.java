package io.bactrian.pubsub.routes;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file beside the log that is there while a restore puts log and database in their place: no hub starts on a part. */
public record RestoreMark(Path file) {
    /** The mark in the folder of a log. */
    public static RestoreMark in(Path folder) {
        return new RestoreMark(folder.resolve("hub.restoring"));
    }

    /** Whether a restore is under way, or was cut. */
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
        // Windows can neither open nor force a folder.
        if (File.separatorChar == '/') {
            try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    /**
     * Refuses to go on if it is set.
     *
     * @throws IllegalStateException that says what to do
     */
    void check() {
        if (isSet()) {
            throw new IllegalStateException("a restore into " + file.getParent()
                    + " was cut short, and only parts of it are there: run bactrian restore again");
        }
    }
}
