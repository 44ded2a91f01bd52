package io.bactrian.pair.hub;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over a few times with a log of its own, beside that of the hub, which is deleted afterwards. So the first real takeover
 * does not wait for classes to be loaded. It takes a second at most.
 */
final class TakeoverRehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(TakeoverRehearsal.class);
    private static final String SUFFIX = ".rehearsal";
    private static final int TAKEOVERS = 4;
    private static final long TIME_MS = 1_000;
    private static final JournalSettings SMALL =
            JournalSettings.builder().segmentBytes(1 << 20).tailBytes(1 << 20).build();

    private final Path folder;
    private final Consumer<Journal> takeover;

    /**
     * For the log of a hub.
     *
     * @param log the folder of the log, which is not touched
     * @param takeover takes over once with the log that it is given
     */
    TakeoverRehearsal(Path log, Consumer<Journal> takeover) {
        this.folder = log.resolveSibling(log.getFileName() + SUFFIX);
        this.takeover = takeover;
    }

    /** Returns when it is done. If it fails the first takeover is slower, and no more. */
    void run() {
        long startNs = System.nanoTime();
        try {
            clear();
            try (Journal scratch = Journal.open(folder, SMALL)) {
                int done = 0;
                do {
                    takeover.accept(scratch);
                    done++;
                } while (done < TAKEOVERS && elapsedMs(startNs) < TIME_MS);
            }
            clear();
            LOG.info("takeover rehearsed in {} ms", elapsedMs(startNs));
        } catch (IOException | RuntimeException e) {
            // Whatever it is: the hub can start without it.
            LOG.warn("folder={} the takeover was not rehearsed, so the first one is slower: {}", folder, e.toString());
        }
    }

    private static long elapsedMs(long startNs) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    }

    private void clear() throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
