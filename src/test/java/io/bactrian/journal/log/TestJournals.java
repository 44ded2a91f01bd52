package io.bactrian.journal.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the journal's tests share. */
final class TestJournals {
    static final Path FOLDER = Path.of("journal");

    /** No tail in memory, and nothing that happens by itself. */
    static final JournalSettings QUIET = quiet(SyncMode.ALWAYS, 4096);

    private TestJournals() {}

    static JournalSettings quiet(SyncMode sync, int segmentBytes) {
        return JournalSettings.builder()
                .sync(sync)
                .syncInterval(Duration.ofHours(1))
                .segmentBytes(segmentBytes)
                .tailBytes(0)
                .cursorInterval(Duration.ofHours(1))
                .build();
    }

    static Journal open(MemoryFiles files, JournalSettings settings) {
        return Journal.open(FOLDER, settings, files, Clock.systemUTC());
    }

    static Journal open(MemoryFiles files) {
        return open(files, QUIET);
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** Everything that can be read, from the oldest position on; damage is thrown. */
    static List<String> all(Journal journal) {
        List<String> texts = new ArrayList<>();
        long next = journal.first();
        while (next <= journal.end()) {
            for (Entry entry : journal.read(next, 1000)) {
                if (entry.position() != next) {
                    throw new AssertionError("position " + next + " expected, but " + entry.position());
                }
                texts.add(new String(entry.payload(), UTF_8));
                next = entry.last() + 1;
            }
        }
        return texts;
    }

    static Path segment(long first) {
        return FOLDER.resolve(SegmentHeader.fileName(first));
    }
}
