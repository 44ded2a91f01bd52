package io.bactrian.pair.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.LogRewrite;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much goes to a passive that confirms nothing, and that it goes on when that does. */
class CopySourceTest {
    private static final int CHUNK = 1_000;
    private static final int WINDOW = 16 * CHUNK;
    private static final int ENTRY = 100;
    private static final long END = 10_000;
    private static final long OUT_AFTER_MS = 3_000;

    private final List<PairMessage.Copies> sent = new ArrayList<>();
    private final Outbox out = new Outbox() {
        @Override
        public void toPeer(PairMessage message) {
            if (message instanceof PairMessage.Copies copies) {
                sent.add(copies);
            }
        }

        @Override
        public void toWitness(Witness.Request request) {
            throw new AssertionError("nobody is asked");
        }

        @Override
        public void event(PairEvent event) {
            throw new AssertionError(event.text());
        }
    };

    private static CopySource source(long heartbeatMs) {
        return new CopySource(
                new PairSettings("p", Side.PRIMARY, heartbeatMs, true, true, WINDOW, CHUNK, 100, OUT_AFTER_MS),
                new LongLog(),
                1);
    }

    private static PairMessage.Confirm confirm(CopySource source, long position) {
        return new PairMessage.Confirm(source.session(), position, WINDOW, false);
    }

    private CopySource attached(long heartbeatMs) {
        CopySource source = source(heartbeatMs);
        LogHistory empty = new LogHistory("log", 1, 0, List.of());
        source.attach(new PairMessage.State("p", Side.BACKUP, Role.PASSIVE, 1, 0, 1, 0, empty), 0, out);
        source.confirmed(confirm(source, 0), 0);
        return source;
    }

    private long octets() {
        return sent.stream()
                .flatMap(copies -> copies.entries().stream())
                .mapToLong(entry -> 32 + entry.payload().length)
                .sum();
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 100, 20})
    void aPassiveThatConfirmsNothingIsSentAWindowAndLittleMore(long heartbeatMs) {
        CopySource source = attached(heartbeatMs);
        long nowMs = 0;
        for (; nowMs < 20_000; nowMs += 25) {
            source.pump(0, nowMs, out);
            assertThat(source.stalled(nowMs)).isEqualTo(nowMs >= OUT_AFTER_MS);
        }
        long again = 8 + nowMs / OUT_AFTER_MS;
        assertThat(octets()).isBetween((long) WINDOW, WINDOW + again * CHUNK);

        // It was only slow: it has all that it was sent first.
        long had = sent.stream()
                .mapToLong(copies ->
                        copies.entries().get(copies.entries().size() - 1).last())
                .max()
                .orElseThrow();
        sent.clear();
        source.confirmed(confirm(source, had), nowMs);
        source.pump(0, nowMs, out);
        assertThat(sent.get(0).entries().get(0).position()).isEqualTo(had + 1);
        assertThat(octets()).isBetween((long) WINDOW - CHUNK, (long) WINDOW + CHUNK);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 100, 20})
    void whatWasLostIsSentAgainInTimeToCome(long heartbeatMs) {
        CopySource source = attached(heartbeatMs);
        source.pump(0, 0, out);
        sent.clear();
        long nowMs = 0;
        long confirmed = 0;
        while (confirmed < END && !source.stalled(nowMs)) {
            nowMs += 25;
            source.pump(0, nowMs, out);
            for (PairMessage.Copies copies : sent) {
                for (Entry entry : copies.entries()) {
                    confirmed = entry.position() == confirmed + 1 ? entry.last() : confirmed;
                }
            }
            sent.clear();
            source.confirmed(confirm(source, confirmed), nowMs);
        }
        assertThat(confirmed).isEqualTo(END);
    }

    /** A log of many short entries. */
    private static final class LongLog implements PairLog {
        @Override
        public LogHistory history() {
            return new LogHistory("log", 1, END, List.of(1L));
        }

        @Override
        public long end() {
            return END;
        }

        @Override
        public long writtenEnd() {
            return END;
        }

        @Override
        public boolean isEpochSpent() {
            return false;
        }

        @Override
        public long first() {
            return 1;
        }

        @Override
        public List<Entry> read(long position, int maxBytes) {
            List<Entry> entries = new ArrayList<>();
            for (long at = position, bytes = 0; at <= END && (bytes == 0 || bytes + ENTRY <= maxBytes); at++) {
                entries.add(new Entry(at, 1, 1, 1_000, new byte[ENTRY - 32]));
                bytes += ENTRY;
            }
            return entries;
        }

        @Override
        public List<Entry> salvage(long position, int maxBytes) {
            return read(position, maxBytes);
        }

        @Override
        public void appendCopies(List<Entry> copies) {
            throw new AssertionError("it is the active's");
        }

        @Override
        public Optional<String> cutAbove(long position, List<Long> epochStarts) {
            throw new AssertionError("it is the active's");
        }

        @Override
        public Optional<String> beginAnew(String id, long first, List<Long> epochStarts) {
            throw new AssertionError("it is the active's");
        }

        @Override
        public OptionalLong damagedSegment() {
            return OptionalLong.empty();
        }

        @Override
        public LogRewrite rewrite(long first) {
            throw new AssertionError("nothing is damaged");
        }

        @Override
        public void raiseEpoch(int epoch) {
            throw new AssertionError("it has one epoch");
        }

        @Override
        public void open(boolean appendable) {
            throw new AssertionError("nobody appends");
        }

        @Override
        public void hold(boolean held) {
            throw new AssertionError("nobody appends");
        }
    }
}
