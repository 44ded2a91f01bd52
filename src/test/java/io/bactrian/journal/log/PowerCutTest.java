package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.all;
import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static io.bactrian.journal.log.TestJournals.quiet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.testing.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power is cut at random moments: seeded runs over a disk that forgets what was not synced, fills up and fails. Properties as
 * in {@link Seeds}, named {@code bactrian.journal}.
 */
@Tag("slow")
class PowerCutTest {
    private static final Seeds SEEDS = Seeds.of("bactrian.journal", 0, 400);

    /** What a run knows of the log: all that was acknowledged, and how much of it had been synced. */
    private static final class Run {
        private final Random random;
        private final SyncMode sync;
        private final List<String> acknowledged = new ArrayList<>();
        private MemoryFiles files = new MemoryFiles();
        private long synced;
        private long cursor;
        private int lost;
        private int refused;

        Run(long seed, SyncMode sync) {
            this.random = new Random(seed);
            this.sync = sync;
        }

        void lives() throws IOException {
            for (int life = 0; life < 6; life++) {
                Journal journal = open(files, quiet(sync, 4096));
                checkWhatIsLeft(journal);
                int steps = random.nextInt(30);
                for (int step = 0; step < steps; step++) {
                    step(journal);
                }
                synced = journal.syncedEnd();
                files = random.nextInt(4) == 0 ? killed() : files.afterPowerCut(random);
                journal.abandon();
            }
        }

        private MemoryFiles killed() {
            synced = acknowledged.size(); // a kill takes nothing that was written
            return files.afterKill();
        }

        private void checkWhatIsLeft(Journal journal) {
            List<String> left = all(journal);
            int kept = Math.min(left.size(), acknowledged.size());
            assertThat(left.subList(0, kept)).isEqualTo(acknowledged.subList(0, kept));
            assertThat((long) left.size()).as("everything synced").isGreaterThanOrEqualTo(synced);
            assertThat(journal.cursor("reader").position())
                    .as("a cursor never leads")
                    .isLessThanOrEqualTo(cursor);
            lost += acknowledged.size() - kept;
            acknowledged.clear();
            acknowledged.addAll(left); // an append that failed or was cut may be there: nobody was told otherwise
            cursor = journal.cursor("reader").position();
        }

        private void step(Journal journal) throws IOException {
            switch (random.nextInt(12)) {
                case 0 -> files.failSyncs(1 + random.nextInt(3));
                case 1 -> files.room(random.nextInt(600));
                case 2 -> files.room(Long.MAX_VALUE);
                case 3 -> tryIt(journal::sync);
                case 4 -> tryIt(journal::syncAside);
                case 5 -> {
                    cursor = Math.max(cursor, journal.end());
                    journal.cursor("reader").advance(journal.end());
                    tryIt(journal.cursor("reader")::flush);
                }
                case 6 -> tryIt(journal::raiseEpoch);
                default -> append(journal);
            }
        }

        private interface Work {
            void run() throws IOException;
        }

        private void tryIt(Work work) {
            try {
                work.run();
            } catch (IOException | JournalException e) {
                refused++;
            }
        }

        private void append(Journal journal) {
            List<String> texts = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                texts.add(acknowledged.size() + "/" + i + "/" + "z".repeat(random.nextInt(400)));
            }
            try {
                long position = journal.append(
                        texts.stream().map(text -> new NewEntry(1, bytes(text))).toList());
                assertThat(position).isEqualTo(acknowledged.size() + 1L);
                acknowledged.addAll(texts);
            } catch (JournalException e) {
                refused++;
            }
            assertThat(journal.end()).isEqualTo(acknowledged.size());
        }
    }

    @ParameterizedTest
    @EnumSource(SyncMode.class)
    void losesNothingThatWasSyncedAndLeavesNoHole(SyncMode sync) throws IOException {
        int lost = 0;
        int refused = 0;
        for (long seed : SEEDS.stream().toArray()) {
            Run run = new Run(seed, sync);
            try {
                run.lives();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed=" + seed + " sync=" + sync, e);
            }
            lost += run.lost;
            refused += run.refused;
        }
        if (sync == SyncMode.ALWAYS) {
            assertThat(lost).as("acknowledged and lost").isZero();
        }
        if (SEEDS.isReplay()) {
            return;
        }
        assertThat((long) refused).as("the disk failed now and then").isGreaterThan(SEEDS.count());
        if (sync != SyncMode.ALWAYS) {
            assertThat(lost)
                    .as("the loss window is real, or this test proves nothing")
                    .isPositive();
        }
    }

    @Test
    void intervalLosesAtMostWhatCameAfterTheLastIntervalSync() throws IOException {
        MemoryFiles files = new MemoryFiles();
        Journal journal = open(files, quiet(SyncMode.INTERVAL, 1 << 20));
        journal.append(bytes("kept"));
        journal.syncAside();
        journal.append(bytes("may be lost"));
        assertThat(journal.syncedEnd()).isEqualTo(1);
        assertThat(journal.end()).isEqualTo(2);
        boolean lostOnce = false;
        for (int seed = 0; seed < 20; seed++) {
            try (Journal after = open(files.afterPowerCut(new Random(seed)), quiet(SyncMode.INTERVAL, 1 << 20))) {
                List<String> left = all(after);
                assertThat(left).startsWith("kept");
                lostOnce |= left.size() == 1;
            }
        }
        assertThat(lostOnce).isTrue();
    }

    @Test
    void neverLosesAtMostTheOpenSegment() {
        MemoryFiles files = new MemoryFiles();
        Journal journal = open(files, quiet(SyncMode.NEVER, 4096));
        for (int i = 0; i < 50; i++) {
            journal.append(new byte[300]);
        }
        List<SegmentInfo> segments = journal.segments();
        long closedEnd = segments.get(segments.size() - 2).lastPosition();
        assertThat(closedEnd).isGreaterThan(30);
        for (int seed = 0; seed < 20; seed++) {
            try (Journal after = open(files.afterPowerCut(new Random(seed)))) {
                assertThat(after.end()).isBetween(closedEnd, 50L);
            }
        }
    }

    @Test
    void aFailedSyncIsNotTrustedUntilTheTailIsWrittenAgain() {
        MemoryFiles files = new MemoryFiles();
        Journal journal = open(files);
        journal.append(bytes("good"));
        files.failSyncs(3);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> journal.append(bytes("failed")))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("Input/output error");
            assertThat(journal.problem()).isNotNull();
        }
        assertThat(journal.end()).isEqualTo(1);
        assertThat(journal.append(bytes("good again"))).isEqualTo(2);
        assertThat(journal.problem()).isNull();
        try (Journal after = open(files.afterPowerCut(new Random(0)))) {
            assertThat(all(after)).containsExactly("good", "good again");
        }
    }
}
