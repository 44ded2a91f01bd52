package io.bactrian.pair.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.journal.log.Entry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Copies that follow each other become one message, which is one write and one sync. */
class JoinedCopiesTest {
    private static final PairMessage OTHER = new PairMessage.HandOver(5, 4, 99);

    private static PairMessage.Copies copies(long session, long committed, long first, int octets) {
        return new PairMessage.Copies(session, 4, committed, List.of(new Entry(first, 3, 4, 1_000, new byte[octets])));
    }

    private static List<Long> positions(PairMessage message) {
        return ((PairMessage.Copies) message)
                .entries().stream().map(Entry::position).toList();
    }

    @Test
    void whatFollowsIsJoinedAndTheLastCommittedCounts() {
        List<PairMessage> all =
                PairMessage.Copies.joined(List.of(copies(5, 1, 10, 8), copies(5, 7, 13, 8), copies(5, 9, 16, 8)));
        assertThat(all).hasSize(1);
        assertThat(positions(all.get(0))).containsExactly(10L, 13L, 16L);
        assertThat(((PairMessage.Copies) all.get(0)).committed()).isEqualTo(9);
    }

    @Test
    void aGapAnotherSessionAndAnotherMessageEndARun() {
        List<PairMessage> all = PairMessage.Copies.joined(List.of(
                copies(5, 1, 10, 8), copies(5, 1, 16, 8), copies(6, 1, 19, 8), OTHER, copies(6, 1, 22, 8), OTHER));
        assertThat(all).hasSize(6);
        assertThat(all.get(3)).isEqualTo(OTHER);
        assertThat(positions(all.get(4))).containsExactly(22L);
        assertThat(all.get(5)).isEqualTo(OTHER);
    }

    @Test
    void aRunHasABound() {
        List<PairMessage> many = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            many.add(copies(5, 1, 10 + 3L * i, 1 << 20));
        }
        List<PairMessage> all = PairMessage.Copies.joined(many);
        assertThat(all).hasSize(3);
        assertThat(all.stream().mapToInt(one -> positions(one).size()).sum()).isEqualTo(10);
    }
}
