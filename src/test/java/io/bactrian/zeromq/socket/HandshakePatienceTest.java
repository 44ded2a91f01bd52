package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandshakePatienceTest {
    private final List<Integer> told = new ArrayList<>();
    private final HandshakePatience patience = new HandshakePatience(300);

    @BeforeEach
    void begin() {
        patience.begin(told::add);
    }

    @Test
    void itDoublesWhenAConnectionHasUsedItUpAndHalvesWhenGreetingsAreQuickAgain() {
        patience.ended(nanos(301));
        patience.ended(nanos(600));
        patience.greeted(nanos(900));
        patience.greeted(nanos(10));
        patience.greeted(nanos(10));
        patience.greeted(nanos(10));
        assertThat(told).containsExactly(600, 1200, 600, 300);
    }

    @Test
    void connectionsThatEndBeforeItsTimeSayNothing() {
        patience.ended(nanos(5));
        patience.ended(nanos(301));
        patience.ended(nanos(301));
        assertThat(told).containsExactly(600);
    }

    @Test
    void itHasAnUpperEnd() {
        for (int i = 0; i < 20; i++) {
            patience.ended(nanos(60_000));
        }
        assertThat(told).endsWith(19_200, HandshakePatience.MAX_MS).hasSize(7);
    }

    @Test
    void aSocketThatIsOpenedAgainBeginsWithItsOwnInterval() {
        patience.ended(nanos(301));
        patience.begin(told::add);
        patience.ended(nanos(301));
        assertThat(told).containsExactly(600, 600);
    }

    @Test
    void withoutALimitThereIsNone() {
        HandshakePatience endless = new HandshakePatience(0);
        endless.begin(told::add);
        endless.ended(nanos(60_000));
        endless.greeted(nanos(1));
        assertThat(told).isEmpty();
    }

    @Test
    void anIntervalAboveTheUpperEndStays() {
        HandshakePatience longer = new HandshakePatience(40_000);
        longer.begin(told::add);
        longer.ended(nanos(40_001));
        longer.greeted(nanos(1));
        assertThat(told).isEmpty();
    }

    private static long nanos(long ms) {
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }
}
