package io.bactrian.journal.log;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a journal works.
 *
 * @param sync when appends are forced to the disk
 * @param syncInterval for {@link SyncMode#INTERVAL}, how long an append may stay unforced, at least 1 ms
 * @param segmentBytes a segment is closed when it would grow beyond this, 4 KiB to 1 GiB; one append never spans two
 *     segments, so a segment that holds a single larger append exceeds it
 * @param tailBytes payload bytes of the newest entries that stay in memory for readers, 0 for none
 * @param maxEntryBytes the largest payload that is taken, at most 512 MiB
 * @param retentionAge closed segments whose newest entry is older are deleted; null keeps them
 * @param retentionBytes the oldest closed segments are deleted while the log is larger; 0 keeps them
 * @param cursorInterval how long a cursor on disk may lag behind what was processed
 * @param onDamage what a reader gets in the place of an entry that is damaged
 */
public record JournalSettings(
        SyncMode sync,
        Duration syncInterval,
        int segmentBytes,
        long tailBytes,
        int maxEntryBytes,
        @Nullable Duration retentionAge,
        long retentionBytes,
        Duration cursorInterval,
        OnDamage onDamage) {

    public JournalSettings {
        List<String> problems = new ArrayList<>();
        check(problems, syncInterval.toMillis() >= 1, "syncInterval", syncInterval, "at least 1ms");
        check(problems, segmentBytes >= 4096 && segmentBytes <= 1 << 30, "segmentBytes", segmentBytes, "4k to 1g");
        check(problems, tailBytes >= 0, "tailBytes", tailBytes, "0 or more");
        check(problems, maxEntryBytes >= 1 && maxEntryBytes <= 1 << 29, "maxEntryBytes", maxEntryBytes, "1 to 512m");
        check(
                problems,
                retentionAge == null || retentionAge.toMillis() >= 1,
                "retentionAge",
                retentionAge,
                "at least 1ms");
        check(problems, retentionBytes >= 0, "retentionBytes", retentionBytes, "0 or more");
        check(problems, cursorInterval.toMillis() >= 1, "cursorInterval", cursorInterval, "at least 1ms");
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("Journal settings: " + String.join("; ", problems));
        }
    }

    private static void check(List<String> problems, boolean good, String key, @Nullable Object value, String right) {
        if (!good) {
            problems.add(key + "=" + value + " must be " + right);
        }
    }

    /** Sync always, segments of 64 MiB, a tail of 32 MiB, entries up to 16 MiB, everything kept. */
    public static JournalSettings defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects settings; not thread-safe. */
    public static final class Builder {
        private SyncMode sync = SyncMode.ALWAYS;
        private Duration syncInterval = Duration.ofMillis(100);
        private int segmentBytes = 64 << 20;
        private long tailBytes = 32L << 20;
        private int maxEntryBytes = 16 << 20;
        private @Nullable Duration retentionAge;
        private long retentionBytes;
        private Duration cursorInterval = Duration.ofMillis(100);
        private OnDamage onDamage = OnDamage.STOP;

        private Builder() {}

        public Builder sync(SyncMode value) {
            sync = value;
            return this;
        }

        public Builder syncInterval(Duration value) {
            syncInterval = value;
            return this;
        }

        public Builder segmentBytes(int value) {
            segmentBytes = value;
            return this;
        }

        public Builder tailBytes(long value) {
            tailBytes = value;
            return this;
        }

        public Builder maxEntryBytes(int value) {
            maxEntryBytes = value;
            return this;
        }

        public Builder retentionAge(@Nullable Duration value) {
            retentionAge = value;
            return this;
        }

        public Builder retentionBytes(long value) {
            retentionBytes = value;
            return this;
        }

        public Builder cursorInterval(Duration value) {
            cursorInterval = value;
            return this;
        }

        public Builder onDamage(OnDamage value) {
            onDamage = value;
            return this;
        }

        public JournalSettings build() {
            return new JournalSettings(
                    sync,
                    syncInterval,
                    segmentBytes,
                    tailBytes,
                    maxEntryBytes,
                    retentionAge,
                    retentionBytes,
                    cursorInterval,
                    onDamage);
        }
    }
}
