package io.bactrian.pubsub.routes;

import io.bactrian.support.file.MarkFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file beside the log that is there from the start of a hub until it has closed the log in order. The next start finds it
 * only if the end of the log may be lost: after a kill or a power cut.
 */
public record OpenMark(MarkFile mark, Path former) {
    static OpenMark in(Path folder) {
        // Earlier versions left the other mark where batches were not synced one by one.
        return new OpenMark(new MarkFile(folder.resolve("hub.open")), folder.resolve("hub.unsynced"));
    }

    boolean isSet() {
        return mark.isSet() || Files.exists(former);
    }

    /** Durable on return. */
    void set() throws IOException {
        mark.set();
        Files.deleteIfExists(former);
    }

    /** Durable on return. */
    void clear() throws IOException {
        mark.clear();
    }

    Path file() {
        return mark.file();
    }
}
