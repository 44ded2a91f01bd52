package io.bactrian.journal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is copied of a journal beside its writer, checked, and made a journal again. */
class JournalImageTest {
    @TempDir
    Path folder;

    private static final JournalSettings SMALL =
            JournalSettings.builder().segmentBytes(4096).build();

    @Test
    void aCopyOfWhatWasCapturedGoesOnInANewEpoch() throws Exception {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        JournalCapture captured;
        try (Journal journal = Journal.open(folder.resolve("log"), SMALL)) {
            append(journal, 1, 40);
            captured = journal.capture();
            // The writer goes on, and its open segment grows; the copy takes no more than was captured.
            append(journal, 41, 43);
            assertThat(captured.parts()).hasSizeGreaterThan(2);
            copy(captured, copy);
        }
        for (JournalCapture.Part part : captured.parts()) {
            JournalImage.check(copy.resolve(part.file()), captured.id(), part, bytes -> {});
        }
        try (Closeable lock = JournalImage.lock(copy)) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> Journal.open(copy, SMALL)).isInstanceOf(JournalLockedException.class);
            JournalImage.finish(copy, captured, 5, 1);
        }
        try (Journal restored = Journal.open(copy, SMALL)) {
            assertThat(restored.end()).isEqualTo(40);
            assertThat(restored.epoch()).isEqualTo(5);
            assertThat(restored.endOfEpoch(1)).isEqualTo(40);
            assertThat(restored.endOfEpoch(4)).isEqualTo(40);
            append(restored, 41, 60);
            assertThat(restored.read(41, 1).get(0).epoch()).isEqualTo(5);
        }
        assertThat(JournalFolder.verify(copy).damage()).isEmpty();
        try (Journal again = Journal.open(copy, SMALL)) {
            assertThat(again.end()).isEqualTo(60);
        }
    }

    @Test
    void aCopyUpToAnyPositionIsWhole() throws Exception {
        try (Journal journal = Journal.open(folder.resolve("log"), SMALL)) {
            append(journal, 1, 40);
            journal.raiseEpoch();
            append(journal, 41, 43);
            for (long upTo = 0; upTo <= 44; upTo++) {
                JournalCapture captured = journal.capture(upTo);
                assertThat(captured.end()).isEqualTo(Math.min(upTo, 43));
                assertThat(captured.epochStarts()).containsExactly(1L, Math.min(upTo + 1, 41));
                Path copy = Files.createDirectories(folder.resolve("copy-" + upTo));
                copy(captured, copy);
                for (JournalCapture.Part part : captured.parts()) {
                    JournalImage.check(copy.resolve(part.file()), captured.id(), part, bytes -> {});
                }
                JournalImage.finish(copy, captured, 5, 1);
                try (Journal restored = Journal.open(copy, SMALL)) {
                    assertThat(restored.end()).isEqualTo(captured.end());
                    assertThat(restored.endOfEpoch(1)).isEqualTo(Math.min(upTo, 40));
                }
            }
        }
    }

    @Test
    void anEmptyLogAndAPurgedLogAreLogsToo() throws Exception {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Path purged = Files.createDirectories(folder.resolve("purged"));
        try (Journal journal = Journal.open(folder.resolve("log"), SMALL)) {
            JournalImage.finish(empty, journal.capture(), 2, 1);
            append(journal, 1, 40);
            journal.deleteBefore(20);
            copy(journal.capture(), purged);
            JournalImage.finish(purged, journal.capture(), 2, 1);
            assertThat(journal.first()).isBetween(2L, 20L);
            try (Journal restored = Journal.open(purged, SMALL)) {
                assertThat(restored.first()).isEqualTo(journal.first());
                assertThat(restored.end()).isEqualTo(40);
            }
        }
        try (Journal restored = Journal.open(empty, SMALL)) {
            assertThat(restored.end()).isZero();
            assertThat(restored.append(new byte[1])).isEqualTo(1);
        }
    }

    @Test
    void onlyWhatIsOnTheDiskIsCaptured() throws Exception {
        JournalSettings never = JournalSettings.builder().sync(SyncMode.NEVER).build();
        try (Journal journal = Journal.open(folder.resolve("log"), never)) {
            append(journal, 1, 10);
            journal.syncAside();
            append(journal, 11, 20);
            JournalCapture captured = journal.capture();
            assertThat(captured.end()).isEqualTo(10);
            assertThat(captured.parts()).singleElement().satisfies(part -> {
                assertThat(part.last()).isEqualTo(10);
                assertThat(part.closed()).isFalse();
            });
            Path copy = Files.createDirectories(folder.resolve("copy"));
            copy(captured, copy);
            JournalCapture.Part part = captured.parts().get(0);
            JournalImage.check(copy.resolve(part.file()), captured.id(), part, bytes -> {});
        }
    }

    @Test
    void everyChangedByteIsFound() throws Exception {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        JournalCapture captured;
        try (Journal journal = Journal.open(folder.resolve("log"), SMALL)) {
            append(journal, 1, 20);
            captured = journal.capture();
            copy(captured, copy);
        }
        for (JournalCapture.Part part : captured.parts()) {
            Path file = copy.resolve(part.file());
            byte[] good = Files.readAllBytes(file);
            for (int at = 0; at < good.length; at += 13) {
                byte[] bad = good.clone();
                bad[at] ^= 4;
                Files.write(file, bad);
                assertThatThrownBy(() -> JournalImage.check(file, captured.id(), part, bytes -> {}))
                        .as(part + " at " + at)
                        .isInstanceOf(JournalDamagedException.class);
            }
            Files.write(file, good);
            JournalImage.check(file, captured.id(), part, bytes -> {});
        }
    }

    private static void append(Journal journal, int from, int to) {
        for (int i = from; i <= to; i++) {
            assertThat(journal.append(List.of(new NewEntry(1, new byte[300])))).isEqualTo(i);
        }
    }

    private static void copy(JournalCapture captured, Path to) throws IOException {
        for (JournalCapture.Part part : captured.parts()) {
            try (FileChannel in = FileChannel.open(captured.folder().resolve(part.file()), StandardOpenOption.READ);
                    FileChannel out = FileChannel.open(
                            to.resolve(part.file()), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) part.bytes());
                assertThat(in.read(bytes, 0)).isEqualTo((int) part.bytes());
                out.write(bytes.flip());
            }
        }
    }
}
