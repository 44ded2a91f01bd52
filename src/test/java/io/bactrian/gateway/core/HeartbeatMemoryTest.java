package io.bactrian.gateway.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.gateway.core.HeartbeatMemory.Look;
import io.bactrian.gateway.core.HeartbeatMemory.Put;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeartbeatMemoryTest {
    private static final int PORT = 6000;
    private static final int ROUNDS = 200_000;

    private final Map<Long, Heartbeat> cache = new ConcurrentHashMap<>();
    private final Leases leases = new Leases(List.of("b"), new ConcurrentHashMap<>(), 100, 0);
    private final HeartbeatMemory memory = new HeartbeatMemory(cache, new ConcurrentHashMap<>(), leases, false, 2);

    private static Heartbeat heartbeat(long id, long receivedMs) {
        return new Heartbeat(id, "lab", "", receivedMs, "" + receivedMs);
    }

    private void grant(long... ids) {
        leases.renewed("b", 0, 1_000, 0);
        for (long id : ids) {
            leases.want(id, PORT);
            leases.claim(PORT, 10);
            memory.grant(List.of(id));
        }
    }

    @Test
    void whatIsGrantedStaysInMemoryAndIsReadFromThere() {
        grant(1);
        Put put = memory.take(heartbeat(1, 5), PORT, 10);
        assertThat(put.write()).isFalse();
        assertThat(memory.isUncovered(put, 11)).isFalse();
        assertThat(memory.look(1, 12).found()).isEqualTo(heartbeat(1, 5));
        assertThat(memory.unwritten()).containsExactly(heartbeat(1, 5));
    }

    @Test
    void anotherProducersHeartbeatIsWrittenAndTheProducerWanted() {
        grant(1);
        assertThat(memory.take(heartbeat(2, 5), PORT, 10).write()).isTrue();
        assertThat(leases.claim(PORT, 10)).containsExactly(2L);
        assertThat(memory.look(2, 11)).isEqualTo(new Look(null, 0, null));
    }

    @Test
    void whenTheLeaseEndsMeanwhileTheHeartbeatMustBeWritten() {
        grant(1);
        Put put = memory.take(heartbeat(1, 5), PORT, 999);
        assertThat(memory.isUncovered(put, 1_000)).isTrue();
    }

    @Test
    void whatAReaderHasLoadedDoesNotReplaceWhatWasWrittenMeanwhile() {
        leases.renewed("b", 0, 1_000, 0);
        Put put = memory.take(heartbeat(1, 20), PORT, 1);
        memory.grant(List.of(1L));
        Look look = memory.look(1, 2);
        memory.written(put);
        assertThat(memory.loaded(1, look, heartbeat(1, 19))).contains(heartbeat(1, 19));
        assertThat(memory.look(1, 3).found()).isNull();
    }

    @Test
    void whatAReaderHasLoadedBeforeTheProducerWasAwayDoesNotCount() {
        grant(1);
        Look look = memory.look(1, 1);
        memory.release(List.of(1L));
        grant(1);
        memory.loaded(1, look, heartbeat(1, 19));
        assertThat(memory.look(1, 2).found()).isNull();
    }

    @Test
    void aGrantThatIsReleasedWhileItIsUnderWayDoesNotCount() {
        leases.renewed("b", 0, 1_000, 0);
        leases.want(1, PORT);
        assertThat(leases.claim(PORT, 10)).containsExactly(1L);
        memory.release(List.of(1L));
        memory.take(heartbeat(1, 5), PORT, 10);
        memory.grant(List.of(1L));
        assertThat(memory.take(heartbeat(1, 6), PORT, 10).write()).isTrue();
        leases.forget(List.of(1L));
        assertThat(leases.claim(PORT, 10)).as("wanted since the release").containsExactly(1L);
        memory.grant(List.of(1L));
        assertThat(memory.take(heartbeat(1, 7), PORT, 10).write()).isFalse();
    }

    @Test
    void whoReleasesAProducerAlsoWritesWhatIsBeingWritten() {
        HeartbeatMemory always = new HeartbeatMemory(cache, new ConcurrentHashMap<>(), leases, true, 2);
        grant(1, 2, 3);
        Put one = always.take(heartbeat(1, 5), PORT, 10);
        Put two = always.take(heartbeat(2, 5), PORT, 10);
        Put three = always.take(heartbeat(3, 5), PORT, 10);
        always.written(two);
        always.notWritten(three);
        assertThat(always.release(List.of(1L, 2L, 3L))).containsExactly(one.heartbeat());
        assertThat(always.releaseAll()).containsExactly(one.heartbeat());
        always.written(one);
        assertThat(always.releaseAll()).isEmpty();
    }

    @Test
    void whatIsWrittenWhileAReaderReadsTheTableIsNotMissed() {
        grant(1);
        Heartbeat one = memory.take(heartbeat(1, 5), PORT, 10).heartbeat();
        Look afterTheLease = memory.look(1, 1_000);
        assertThat(afterTheLease.found()).isNull();
        memory.flushed(List.of(one));
        assertThat(memory.loaded(1, afterTheLease, null)).contains(one);
    }

    @Test
    void whenHalfOfALeaseIsOverHeartbeatsAreWritten() {
        grant(1, 2);
        assertThat(memory.take(heartbeat(1, 5), PORT, 499).write()).isFalse();
        assertThat(memory.take(heartbeat(2, 5), PORT, 500).write()).isTrue();
        assertThat(memory.look(1, 501).found()).isEqualTo(heartbeat(1, 5));
        Put later = memory.take(heartbeat(1, 6), PORT, 502);
        assertThat(later.write()).isTrue();
        memory.written(later);
        assertThat(memory.loaded(1, memory.look(1, 503), heartbeat(1, 6))).contains(heartbeat(1, 6));
    }

    @Test
    void anEvictionLosesNothing() {
        grant(1);
        memory.take(heartbeat(1, 5), PORT, 1);
        cache.clear();
        assertThat(memory.look(1, 2).found()).isEqualTo(heartbeat(1, 5));
        assertThat(memory.release(List.of(1L))).containsExactly(heartbeat(1, 5));
    }

    @Test
    void whatIsInMemoryOnlyIsBounded() {
        grant(1, 2, 3);
        assertThat(memory.take(heartbeat(1, 5), PORT, 1).write()).isFalse();
        assertThat(memory.take(heartbeat(2, 5), PORT, 1).write()).isFalse();
        assertThat(memory.take(heartbeat(3, 5), PORT, 1).write()).isTrue();
        memory.flushed(memory.unwritten());
        assertThat(memory.take(heartbeat(3, 6), PORT, 1).write()).isFalse();
    }

    @Test
    void aLargeHeartbeatCountsAsMany() {
        grant(1, 2);
        Heartbeat large = new Heartbeat(1, "lab", "", 5, "x".repeat(2 * 1_024));
        assertThat(memory.take(large, PORT, 10).write()).as("3 of 2").isTrue();
        assertThat(memory.take(heartbeat(1, 6), PORT, 10).write()).isFalse();
        assertThat(memory.take(heartbeat(2, 6), PORT, 10).write()).isFalse();
        assertThat(memory.unwrittenWeight()).isEqualTo(2);
        memory.flushed(memory.unwritten());
        assertThat(memory.unwrittenWeight()).isZero();
    }

    @Test
    void aLargeHeartbeatAfterASmallOneThatWaitsIsReadFromTheTable() {
        grant(1);
        Heartbeat small = heartbeat(1, 5);
        memory.take(small, PORT, 10);
        Put put = memory.take(new Heartbeat(1, "lab", "", 5, "x".repeat(2 * 1_024)), PORT, 10);
        Heartbeat large = put.heartbeat();
        assertThat(put.write()).isTrue();
        assertThat(large.receivedMs()).as("later than the one before it").isEqualTo(6);
        memory.written(put);
        Look look = memory.look(1, 11);
        assertThat(look.found()).isNull();
        assertThat(memory.loaded(1, look, large)).contains(large);
        assertThat(memory.take(heartbeat(1, 5), PORT, 11).heartbeat().receivedMs())
                .as("no earlier than the large one")
                .isEqualTo(6);
        memory.flushed(List.of(small));
        grant(1);
        assertThat(memory.take(heartbeat(1, 9), PORT, 12).write()).isFalse();
    }

    @Test
    void aSecondHeartbeatInTheSameMillisecondCountsAsLater() {
        grant(1);
        memory.take(heartbeat(1, 5), PORT, 1);
        assertThat(memory.take(heartbeat(1, 5), PORT, 1).heartbeat().receivedMs())
                .isEqualTo(6);
    }

    /** Locks that two of them take in opposite order would hold both for ever. */
    @Test
    void heartbeatsGrantsAndReleasesAtTheSameTimeAllEnd() throws Exception {
        grant(1);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        List<Future<?>> all = new ArrayList<>();
        try {
            all.add(threads.submit(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    memory.written(memory.take(heartbeat(1, i), PORT, 1));
                }
            }));
            all.add(threads.submit(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    memory.release(List.of(1L));
                    grant(1);
                }
            }));
            all.add(threads.submit(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    memory.releaseAll();
                    memory.loaded(1, memory.look(1, 1), heartbeat(1, i));
                }
            }));
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
