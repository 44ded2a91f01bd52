package io.bactrian.speed.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sensor with two servers. */
class SensorCoreTest {
    private final SensorCore sensor = new SensorCore(7, 1_000, 3, 0);

    private List<String> out() {
        return sensor.outgoing().stream()
                .map(one -> one.server() + ":" + new String(one.frame(), StandardCharsets.UTF_8))
                .toList();
    }

    private void hear(int server, String frame, long nowMs) {
        sensor.heard(server, frame.getBytes(StandardCharsets.UTF_8), nowMs);
    }

    @Test
    void aSpeedIsKeptUntilItIsAcknowledged() {
        sensor.measured("80.5", 100, 0);
        assertThat(out()).containsExactly("0:7,0,Speed,80.5,100");
        assertThat(sensor.unacknowledgedCount()).isEqualTo(1);
        hear(0, "7,0,Speed,80.5,100", 10);
        assertThat(sensor.unacknowledgedCount()).isZero();
    }

    @Test
    void anAverageIsAcknowledged() {
        hear(0, "5,Average,81,100", 10);
        assertThat(out()).containsExactly("0:7,5,Average,81,100");
        assertThat(sensor.lastAverageValue()).isEqualTo(81);
    }

    @Test
    void aSilentServerIsGivenUpAndWhatIsOwedIsSentAgainInOrder() {
        sensor.measured("80", 100, 0);
        sensor.measured("81", 100, 10);
        out();
        sensor.tick(999);
        assertThat(out()).allMatch(frame -> frame.startsWith("1:7,0,"));
        sensor.tick(1_000);
        assertThat(out()).containsExactly("1:7,0,Speed,80,100", "1:7,1,Speed,81,100");
        sensor.tick(1_999);
        assertThat(out()).allMatch(frame -> frame.startsWith("0:7,0,"));
        sensor.tick(2_000);
        assertThat(out()).hasSize(2).first().asString().startsWith("0:");
    }

    @Test
    void aSpeedThatTheServerInUseHasNotAcknowledgedInTimeIsSentAgainAlthoughOthersWere() {
        sensor.measured("80", 100, 0);
        sensor.measured("81", 100, 600);
        out();
        hear(0, "7,1,Speed,81,100", 900);
        sensor.tick(999);
        assertThat(out()).isEmpty();
        sensor.tick(1_300);
        assertThat(out()).contains("0:7,0,Speed,80,100");
        assertThat(sensor.changes()).isZero();
    }

    @Test
    void whileAnAnswerIsOverdueTheOtherServerIsAskedTooAndInUseOnceItAnswers() {
        sensor.measured("80", 100, 0);
        sensor.measured("81", 100, 10);
        out();
        sensor.tick(149);
        assertThat(out()).isEmpty();
        sensor.tick(150);
        assertThat(out()).as("one of them is enough").containsExactly("1:7,0,Speed,80,100");
        sensor.tick(200);
        assertThat(out()).isEmpty();
        hear(1, "7,0,Speed,80,100", 210);
        assertThat(sensor.server()).isEqualTo(1);
        assertThat(out()).containsExactly("1:7,1,Speed,81,100");
        hear(1, "7,1,Speed,81,100", 220);
        assertThat(sensor.unacknowledgedCount()).isZero();
    }

    @Test
    void aLateAnswerOfTheFormerServerIsNoReasonToGoBack() {
        sensor.measured("80", 100, 0);
        sensor.tick(1_000);
        hear(0, "7,0,Speed,80,100", 1_010);
        assertThat(sensor.server()).isEqualTo(1);
    }

    @Test
    void anIdleSensorStaysWhereItIs() {
        sensor.measured("80", 100, 0);
        hear(0, "7,0,Speed,80,100", 10);
        sensor.tick(100_000);
        sensor.measured("81", 200, 100_000);
        sensor.tick(100_500);
        assertThat(sensor.server()).isZero();
        assertThat(sensor.changes()).isZero();
    }

    @Test
    void aClosedConnectionIsAReasonToChangeAtOnce() {
        sensor.measured("80", 100, 300);
        out();
        sensor.closed(1, 310);
        assertThat(sensor.server()).isZero();
        sensor.closed(0, 310);
        assertThat(out()).containsExactly("1:7,0,Speed,80,100");
    }

    @Test
    void whatIsOwedIsBounded() {
        for (int i = 0; i < 3; i++) {
            assertThat(sensor.hasRoom()).isTrue();
            sensor.measured("80", 100, 0);
        }
        assertThat(sensor.hasRoom()).isFalse();
    }

    @Test
    void whatIsNotUnderstoodIsCounted() {
        hear(0, "nonsense", 0);
        hear(0, "x,Average,1,2", 0);
        assertThat(sensor.notUnderstood()).isEqualTo(2);
        assertThat(out()).isEmpty();
    }
}
