package io.bactrian.pubsub.routes;

import io.bactrian.support.file.MarkFile;
import java.io.IOException;
import java.nio.file.Path;

/** A file beside the log that is there while a restore puts log and database in their place: no hub starts on a part. */
public record RestoreMark(MarkFile mark) {
    /** The mark in the folder of a log. */
    public static RestoreMark in(Path folder) {
        return new RestoreMark(new MarkFile(folder.resolve("hub.restoring")));
    }

    /** Whether a restore is under way, or was cut. */
    public boolean isSet() {
        return mark.isSet();
    }

    /** Durable on return. */
    public void set() throws IOException {
        mark.set();
    }

    /** Durable on return. */
    public void clear() throws IOException {
        mark.clear();
    }

    /**
     * Refuses to go on if it is set.
     *
     * @throws IllegalStateException that says what to do
     */
    void check() {
        if (isSet()) {
            throw new IllegalStateException("a restore into " + mark.file().getParent()
                    + " was cut short, and only parts of it are there: run bactrian restore again");
        }
    }
}
