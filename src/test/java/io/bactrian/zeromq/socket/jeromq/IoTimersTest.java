package io.bactrian.zeromq.socket.jeromq;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import zmq.util.MultiMap;

class IoTimersTest {
    @Test
    void onlyTimersFromBeforeTheStepAreMovedHoweverLateTheirThreadHearsOfIt() {
        long dayMs = 86_400_000;
        long seenAtMs = System.currentTimeMillis() - dayMs;
        MultiMap<Long, Object> timers = new MultiMap<>();
        timers.insert(seenAtMs + dayMs - 50, "overdue");
        timers.insert(seenAtMs + dayMs + 100, "before");
        timers.insert(seenAtMs + 100, "after");
        IoTimers.setBack(timers, dayMs, seenAtMs);
        assertThat(timers.key("overdue")).isEqualTo(seenAtMs - 50);
        assertThat(timers.key("before")).isEqualTo(seenAtMs + 100);
        assertThat(timers.key("after")).isEqualTo(seenAtMs + 100);
    }
}
