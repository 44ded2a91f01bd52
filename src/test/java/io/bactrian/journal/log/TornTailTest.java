package io.bactrian.journal.log;

import static io.bactrian.journal.log.TestJournals.FOLDER;
import static io.bactrian.journal.log.TestJournals.all;
import static io.bactrian.journal.log.TestJournals.bytes;
import static io.bactrian.journal.log.TestJournals.open;
import static io.bactrian.journal.log.TestJournals.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The machine dies while a group is written: the file ends, or is nonsense, at any byte of that group. */
class TornTailTest {
    private static final List<String> SYNCED = List.of("first", "second", "third");
    private static final List<String> LAST_GROUP = List.of("fourth, which is longer", "", "sixth");

    private final MemoryFiles files = new MemoryFiles();

    /** Leaves the journal as a process that was killed leaves it; returns where the last group begins. */
    private int write() {
        Journal journal = open(files);
        SYNCED.forEach(text -> journal.append(bytes(text)));
        int start = files.bytes(segment(1)).length;
        journal.append(
                LAST_GROUP.stream().map(text -> new NewEntry(1, bytes(text))).toList());
        return start;
    }

    private void check(UnaryOperator<byte[]> damage, int wholeEntries) {
        MemoryFiles after = files.afterKill();
        after.replace(segment(1), damage.apply(files.bytes(segment(1))));
        List<String> expected = new java.util.ArrayList<>(SYNCED);
        expected.addAll(LAST_GROUP.subList(0, wholeEntries));
        try (Journal journal = open(after)) {
            assertThat(all(journal)).isEqualTo(expected);
            assertThat(journal.append(bytes("goes on"))).isEqualTo(expected.size() + 1L);
        }
        expected.add("goes on");
        try (Journal journal = open(after)) {
            assertThat(all(journal)).isEqualTo(expected);
        }
    }

    private static int wholeEntries(int start, int length) {
        int at = start;
        int whole = 0;
        for (String text : LAST_GROUP) {
            at += EntryFormat.HEADER_BYTES + bytes(text).length;
            whole += at <= length ? 1 : 0;
        }
        return whole;
    }

    @Test
    void isCutWhereTheFileEndsAtAnyByte() {
        int start = write();
        int end = files.bytes(segment(1)).length;
        for (int length = start; length <= end; length++) {
            int cut = length;
            check(bytes -> Arrays.copyOf(bytes, cut), wholeEntries(start, cut));
        }
    }

    @Test
    void isCutWhereZerosBeginAtAnyByte() {
        int start = write();
        int end = files.bytes(segment(1)).length;
        for (int length = start; length < end; length++) {
            int cut = length;
            // A payload may itself end in what a hole looks like, but none here does.
            check(bytes -> Arrays.copyOf(Arrays.copyOf(bytes, cut), end + 5000), wholeEntries(start, cut));
        }
    }

    @Test
    void isCutWhereNonsenseBeginsAtAnyByte() {
        int start = write();
        int end = files.bytes(segment(1)).length;
        Random random = new Random(1);
        for (int length = start; length < end; length++) {
            int cut = length;
            check(
                    bytes -> {
                        byte[] nonsense = new byte[end + 100 - cut];
                        random.nextBytes(nonsense);
                        nonsense[0] = (byte) (bytes[cut] ^ 0x40);
                        byte[] all = Arrays.copyOf(bytes, end + 100);
                        System.arraycopy(nonsense, 0, all, cut, nonsense.length);
                        return all;
                    },
                    wholeEntries(start, cut));
        }
    }

    @Test
    void isCutAlsoWhenLaterPartsOfTheSameGroupReachedTheDisk() {
        int start = write();
        check(
                bytes -> {
                    Arrays.fill(bytes, start, start + 40, (byte) 0);
                    return bytes;
                },
                0);
    }

    @Test
    void isDamageWhenItLiesBeforeALaterSync() {
        int start = write();
        MemoryFiles after = files.afterKill();
        byte[] bytes = files.bytes(segment(1));
        int second = start - EntryFormat.HEADER_BYTES - bytes("third").length;
        bytes[second + 2] ^= 1;
        after.replace(segment(1), bytes);

        assertThatThrownBy(() -> open(after))
                .isInstanceOfSatisfying(JournalDamagedException.class, damage -> {
                    assertThat(damage.file()).isEqualTo(segment(1));
                    assertThat(damage.offset()).isEqualTo(second);
                })
                .hasMessageContaining("was written after it had been synced");
        assertThat(after.bytes(segment(1))).as("nothing is changed").isEqualTo(bytes);
    }

    @Test
    void isDamageWhenTheJournalHadBeenClosed() {
        try (Journal journal = open(files)) {
            SYNCED.forEach(text -> journal.append(bytes(text)));
        }
        byte[] bytes = files.bytes(segment(1));
        for (int length = 0; length < bytes.length; length++) {
            MemoryFiles after = files.afterKill();
            after.replace(segment(1), Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> open(after)).as("length %d", length).isInstanceOf(JournalDamagedException.class);
        }
        assertThat(files.exists(FOLDER.resolve(JournalMeta.FILE))).isTrue();
    }
}
