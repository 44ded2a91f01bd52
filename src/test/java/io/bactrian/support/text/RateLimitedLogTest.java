package io.bactrian.support.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitedLogTest {
    private long nowMs = 1;
    private final RateLimitedLog log = new RateLimitedLog(() -> nowMs);

    @Test
    void aCauseOfAPeerIsLoggedOnceAMinute() {
        assertThat(log.admit("gap", "a")).isZero();
        assertThat(log.admit("gap", "a")).isNegative();
        assertThat(log.admit("gap", "b"))
                .as("the one left out is told with the next line")
                .isEqualTo(1);
        assertThat(log.admit("malformed", "a")).isZero();
        nowMs += 60_000;
        assertThat(log.admit("gap", "a")).isZero();
    }

    @Test
    void peersThatCallThemselvesDifferentlyEachTimeDoNotFillTheLog() {
        assertThat(lines("malformed", 2_000)).isEqualTo(RateLimitedLog.LINES_OF_A_CAUSE);
        assertThat(log.admit("gap", "honest"))
                .as("another cause is still logged")
                .isZero();
        nowMs += 60_000;
        assertThat(log.admit("malformed", "x"))
                .as("what was left out is told")
                .isEqualTo(2_000 - RateLimitedLog.LINES_OF_A_CAUSE);
    }

    @Test
    void causesThatAreOtherTextsEachTimeDoNotFillTheLog() {
        int lines = 0;
        for (int i = 0; i < 5_000; i++) {
            lines += log.admit("refused user" + i, "peer") >= 0 ? 1 : 0;
        }
        assertThat(lines).isEqualTo(RateLimitedLog.LINES);
    }

    private int lines(String cause, int peers) {
        int lines = 0;
        for (int i = 0; i < peers; i++) {
            lines += log.admit(cause, "peer" + i) >= 0 ? 1 : 0;
        }
        return lines;
    }
}
