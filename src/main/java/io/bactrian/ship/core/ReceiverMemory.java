package io.bactrian.ship.core;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The running hashes of files that only grow, so that their beginning is not read for every piece of their end. */
final class ReceiverMemory {
    private static final int COUNT_MAX = 10_000;

    private final Map<Path, Known> files = new LinkedHashMap<>(16, 0.75f, true);

    /** A file as it was received. */
    record Known(long size, FileTimeStamp modified, FileHash.Kind kind, FileHash running) {}

    /** The running hash of a file that is still as it was, or null. */
    @Nullable FileHash running(Path path, long size, FileTimeStamp modified, FileHash.Kind kind) {
        Known known = files.get(path);
        return known != null && known.size() == size && known.modified().equals(modified) && known.kind() == kind
                ? known.running()
                : null;
    }

    void put(Path path, Known known) {
        files.put(path, known);
        if (files.size() > COUNT_MAX) {
            files.remove(files.keySet().iterator().next());
        }
    }
}
