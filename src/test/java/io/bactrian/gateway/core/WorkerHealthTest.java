package io.bactrian.gateway.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.camel.util.TimeUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which workers are out, on a clock of the test and with the intervals of the shipped configuration. */
class WorkerHealthTest {
    private static final long LEASE_MS = configured("lease");
    private static final long PROBE_MS = configured("probe.interval");
    private static final long TIMEOUT_MS = configured("probe.timeout");
    private static final long RENEWAL_MS = 300;

    private final TargetPool pool =
            new TargetPool(new TargetPoolSettings(BalancerPolicy.ROUND_ROBIN, 10, 3, 2_000, 60_000, 50, 0), bound -> 0);
    private final WorkerHealth health = new WorkerHealth(pool, LEASE_MS);
    private final BalancerCore core = new BalancerCore(pool, 100);

    private static long configured(String key) {
        Properties properties = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of("config/application.properties"))) {
            properties.load(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return TimeUtils.toMilliSeconds(properties.getProperty("bactrian.gateway.balancer." + key));
    }

    private void join(String... workers) {
        for (String worker : workers) {
            pool.join(worker, 0);
            health.contacted(worker, true, 0);
        }
    }

    /** It is stopped at any time between two probes and two renewals of its lease. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 50, 100, 150, 200, 250, 299})
    void aSilentWorkerIsOutWithinTwoSecondsAndItsProducersAreGivenToAnother(long sinceProbeMs) {
        join("a", "b");
        assertThat(core.register(1, 0))
                .hasValueSatisfying(
                        change -> assertThat(change.mapping().worker()).isEqualTo("a"));
        long stoppedMs = 10_000;
        health.contacted("a", true, stoppedMs - 1);
        long probedMs = stoppedMs - sinceProbeMs;
        health.probe();
        health.answered("a", false, probedMs);
        health.answered("b", false, probedMs);
        long nowMs = probedMs;
        boolean out = false;
        while (!out) {
            nowMs += PROBE_MS;
            if (health.probe().contains("a")) {
                health.answered("b", false, nowMs);
                nowMs += TIMEOUT_MS;
                out = health.silent("a", false, nowMs);
            }
        }
        assertThat(nowMs - stoppedMs).isLessThanOrEqualTo(2_000);
        assertThat(core.holds(core.mapping(1), nowMs)).isFalse();
        assertThat(core.reassign(1, nowMs))
                .hasValueSatisfying(
                        change -> assertThat(change.mapping().worker()).isEqualTo("b"));
    }

    @Test
    void aWorkerWhoseProcessIsGoneIsOutWithTheNextProbe() {
        join("a", "b");
        assertThat(health.probe()).containsExactly("a", "b");
        assertThat(health.silent("a", true, PROBE_MS)).isTrue();
        assertThat(pool.serves("a", PROBE_MS)).isFalse();
        assertThat(health.leaseLeftMs("a", PROBE_MS)).isZero();
        for (int i = 0; i < 4; i++) {
            assertThat(pool.assign(i, PROBE_MS)).contains("b");
        }
    }

    @Test
    void aWorkerIsNotOutWhileItsLeaseRunsHoweverSilentItIs() {
        join("a");
        for (long nowMs = 1; nowMs < LEASE_MS; nowMs += RENEWAL_MS) {
            health.probe();
            assertThat(health.silent("a", false, nowMs)).isFalse();
        }
        assertThat(health.silent("a", false, LEASE_MS)).isTrue();
    }

    @Test
    void aWorkerThatHasJustStartedIsBackWhenItCanWork() {
        join("a", "b");
        health.silent("a", true, 1);
        for (int i = 0; i < 10; i++) {
            assertThat(health.answered("a", true, 2)).isEqualTo(new WorkerHealth.Answer(false, 0));
        }
        assertThat(health.answered("a", false, 3)).isEqualTo(new WorkerHealth.Answer(true, 0));
        assertThat(pool.serves("a", 3)).isTrue();
    }

    /** As one that listens on loopback only and registers with a balancer on another machine. */
    @Test
    void aWorkerThatRegistersAndRefusesConnectionsIsNotBackUntilItAnswers() {
        join("a", "b");
        assertThat(health.silent("a", true, 1)).isTrue();
        for (long nowMs = 2; nowMs < 10_000; nowMs += RENEWAL_MS) {
            pool.join("a", nowMs);
            pool.renew("a", nowMs);
            assertThat(health.contacted("a", true, nowMs)).isZero();
            assertThat(pool.serves("a", nowMs)).isFalse();
            assertThat(pool.assign(nowMs, nowMs)).contains("b");
            assertThat(health.silent("a", true, nowMs)).isFalse();
        }
        assertThat(health.answered("a", false, 10_000).risen()).isTrue();
        assertThat(health.contacted("a", true, 10_001)).isPositive();
    }

    /** As behind a firewall that drops what comes from outside. */
    @Test
    void aWorkerThatCallsAndNeverAnswersIsOutInTheEnd() {
        join("a", "b");
        long nowMs = 0;
        boolean out = false;
        while (!out && nowMs < 60_000) {
            nowMs += TIMEOUT_MS;
            out = health.silent("a", false, nowMs);
            long unused = health.contacted("a", true, nowMs);
        }
        assertThat(nowMs).isLessThanOrEqualTo(10 * TIMEOUT_MS + LEASE_MS + TIMEOUT_MS);
        assertThat(health.leaseLeftMs("a", nowMs)).isZero();
        assertThat(pool.serves("a", nowMs)).isFalse();
    }

    @Test
    void aLeaseIsNotRenewedBeforeTheLastWaitForItsEndIsOver() {
        join("a");
        assertThat(health.revoke("a", 10)).isEqualTo(LEASE_MS - 10);
        assertThat(health.revoke("a", 20)).isEqualTo(LEASE_MS - 20);
        health.restore("a");
        assertThat(health.contacted("a", true, 30)).isZero();
        health.restore("a");
        assertThat(health.contacted("a", true, 40)).isPositive().isLessThan(LEASE_MS);
    }
}
