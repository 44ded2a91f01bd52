package io.bactrian.speed.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The window, the Averages and what is known of sensors. */
class SpeedStateTest {
    private static final SpeedSettings SETTINGS = new SpeedSettings(100, 60, 50);
    private static final byte[] PEER = {1};

    private final SpeedState state = new SpeedState(SETTINGS);
    private final List<SpeedRecord> log = new ArrayList<>();

    private static SensorFrame parse(String text) {
        return SensorFrame.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private SpeedRecord.Measured take(String text, long nowS) {
        SensorFrame.Speed speed = (SensorFrame.Speed) parse(text);
        assertThat(state.judge(speed)).isEqualTo(SpeedState.Verdict.NEW);
        SpeedRecord.Measured record = state.measured(speed, nowS);
        state.apply(nowS, record);
        log.add(record);
        return record;
    }

    private SpeedState.Verdict judge(String text) {
        return state.judge((SensorFrame.Speed) parse(text));
    }

    @Test
    void eachSpeedMakesAnAverageOverAllSensorsAndTheSequenceBeginsWithZero() {
        assertThat(take("1,0,Speed,80,100", 100).average()).isEqualTo(80);
        SpeedRecord.Measured second = take("2,0,Speed,91,100", 101);
        assertThat(second.average()).as("85.5, rounded down").isEqualTo(85);
        assertThat(second.serverSequence()).isEqualTo(1);
    }

    @Test
    void aSpeedThatIsExactlyFiveSecondsOldCountsAndAnOlderOneDoesNot() {
        take("1,0,Speed,80,100", 100);
        assertThat(take("1,1,Speed,90,105", 105).average()).isEqualTo(85);
        assertThat(take("1,2,Speed,100,106", 106).average()).isEqualTo(95);
    }

    @Test
    void decimalsAreAveragedAsNumbersAndRoundedDownInTheAnswer() {
        take("1,0,Speed,80.5,100", 100);
        assertThat(take("1,1,Speed,80.499999,100", 100).average()).isEqualTo(80);
        assertThat(take("1,2,Speed,85.1,100", 100).average()).isEqualTo(82);
    }

    @Test
    void anOldTimestampIsAcknowledgedAndDoesNotCount() {
        take("1,0,Speed,80,100", 100);
        SpeedRecord.Measured old = take("1,1,Speed,10,50", 101);
        assertThat(old.average()).isEqualTo(80);
        assertThat(new SpeedState(SETTINGS)
                        .measured((SensorFrame.Speed) parse("1,0,Speed,10,50"), 100)
                        .serverSequence())
                .as("there is nothing to be averaged")
                .isEqualTo(-1);
    }

    @Test
    void aClockThatIsAheadKeepsNothingInTheWindowForLonger() {
        take("1,0,Speed,10,999999", 100);
        assertThat(take("2,0,Speed,90,106", 106).average()).isEqualTo(90);
    }

    @Test
    void whatComesAgainCountsOnce() {
        take("1,0,Speed,80,100", 100);
        take("1,1,Speed,82,101", 101);
        assertThat(judge("1,0,Speed,80,100")).isEqualTo(SpeedState.Verdict.DUPLICATE);
        assertThat(judge("1,1,Speed,82,101")).isEqualTo(SpeedState.Verdict.DUPLICATE);
    }

    @Test
    void whatWasLostOnTheWayIsNewWhenItComesLate() {
        take("1,0,Speed,80,100", 100);
        take("1,2,Speed,82,102", 102);
        take("1,1,Speed,81,101", 102);
        assertThat(judge("1,1,Speed,81,101")).isEqualTo(SpeedState.Verdict.DUPLICATE);
    }

    @Test
    void aSensorThatWasStartedAgainCountsFromZeroAgain() {
        take("1,0,Speed,80,100", 100);
        take("1,1,Speed,82,101", 101);
        take("1,0,Speed,60,102", 102);
        assertThat(judge("1,0,Speed,60,102")).isEqualTo(SpeedState.Verdict.DUPLICATE);
        take("1,1,Speed,60,103", 103);
    }

    @Test
    void aNewSensorGetsTheAverageThatItsFirstSpeedMakes() {
        for (int i = 0; i < 5; i++) {
            take("1," + i + ",Speed,80,100", 100);
        }
        take("2,0,Speed,90,100", 100);
        assertThat(state.acknowledgedBy(2)).isEqualTo(4);
        AnswerQueue queue = new AnswerQueue(10);
        queue.add(6, state.newest(), PEER, 2, "2,0,Speed,90,100".getBytes(StandardCharsets.UTF_8));
        assertThat(frames(queue.release(5, state, 0))).isEmpty();
        assertThat(frames(queue.release(6, state, 0))).containsExactly("2,0,Speed,90,100", "5,Average,81,100");
    }

    private static List<String> frames(List<AnswerQueue.Answer> answers) {
        return answers.stream()
                .map(answer -> new String(answer.frame(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void averagesThatAreNotAcknowledgedComeAgainWithBackOffAndNotWithEverySpeed() {
        AnswerQueue queue = new AnswerQueue(1000);
        int frames = 0;
        for (int i = 0; i < 600; i++) {
            take("1," + i + ",Speed,80," + (100 + i / 10), 100 + i / 10);
            queue.add(i + 1, state.newest(), PEER, 1, new byte[0]);
            frames += queue.release(i + 1, state, i * 100L).size();
        }
        assertThat(state.averages()).as("bounded").isEqualTo(50);
        assertThat(frames)
                .as("600 acknowledgements, 600 Averages, and 5 times those that are kept")
                .isBetween(1200, 1500);
        assertThat(queue.averagesResent()).isPositive();
    }

    @Test
    void aSensorThatHasConnectedAnewGetsFirstWhatItsFormerConnectionMayHaveLost() {
        AnswerQueue queue = new AnswerQueue(10);
        for (int i = 0; i < 3; i++) {
            take("1," + i + ",Speed,80,100", 100);
            queue.add(i + 1, state.newest(), PEER, 1, new byte[0]);
        }
        assertThat(queue.release(3, state, 0)).hasSize(6);
        state.apply(100, new SpeedRecord.Acknowledged(1, 0));
        take("1,3,Speed,80,100", 100);
        queue.add(4, state.newest(), new byte[] {2}, 1, new byte[0]);
        assertThat(frames(queue.release(4, state, 1)))
                .containsExactly("", "1,Average,80,100", "2,Average,80,100", "3,Average,80,100");
    }

    @Test
    void aSensorThatIsGoneKeepsNothing() {
        take("1,0,Speed,80,100", 100);
        take("2,0,Speed,80,100", 100);
        for (int i = 1; i < 20; i++) {
            take("1," + i + ",Speed,80,170", 170);
        }
        state.apply(170, new SpeedRecord.Acknowledged(1, state.newest()));
        state.trim();
        assertThat(state.averages()).isEqualTo(20);
        List<SpeedRecord> gone = state.idle(170);
        assertThat(gone).containsExactly(new SpeedRecord.Forgotten(2));
        gone.forEach(record -> state.apply(170, record));
        state.trim();
        assertThat(state.averages()).isZero();
    }

    @Test
    void acknowledgementsOfUnknownSensorsAndOfFutureAveragesAreRefused() {
        take("1,0,Speed,80,100", 100);
        assertThat(state.acknowledged((SensorFrame.Acknowledgement) parse("9,0,Average,80,100")))
                .isNull();
        assertThat(state.acknowledged((SensorFrame.Acknowledgement) parse("1,1,Average,80,100")))
                .isNull();
        assertThat(state.acknowledged((SensorFrame.Acknowledgement) parse("1,0,Average,80,100")))
                .isNotNull();
    }

    @Test
    void thereAreNotMoreSensorsThanThereMayBe() {
        for (int i = 0; i < 100; i++) {
            take(i + ",0,Speed,80,100", 100);
        }
        assertThat(judge("100,0,Speed,80,100")).isEqualTo(SpeedState.Verdict.TOO_MANY_SENSORS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "1,2,Speed,80",
                "1,2,Speed,80,1,2",
                "a,2,Speed,80,1",
                "1,-2,Speed,80,1",
                "1,2,Speed,,1",
                "1,2,Speed,8e9,1",
                "1,2,Speed,80,now",
                "1,2,Unknown,80,1",
                "1,2,Speed,99999999,1",
                "99999999999999999999,2,Speed,80,1",
                "1,2,Speed,NaN,1",
                "\u0000,\u0000,Speed,1,1"
            })
    void whatIsNotUnderstoodIsToldByItsCause(String text) {
        assertThat(parse(text)).isInstanceOf(SensorFrame.Bad.class);
    }

    @ParameterizedTest
    @CsvSource({"80,80000000", "80.5,80500000", "80.,80000000", "0.000001,1", "-3.5,-3500000", "80.1234567,80123456"})
    void valuesAreNumbers(String text, long millionths) {
        assertThat(((SensorFrame.Speed) parse("1,2,Speed," + text + ",1")).value())
                .isEqualTo(millionths);
    }

    @Test
    void theSameRecordsMakeTheSameStateAlsoAcrossASnapshot() {
        Random random = new Random(1);
        List<byte[]> entries = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            long nowS = 100L + i / 20;
            List<SpeedRecord> records = new ArrayList<>();
            int sensor = random.nextInt(10);
            SensorFrame.Speed speed = new SensorFrame.Speed(sensor, i, random.nextInt(200_000_000), nowS);
            if (state.judge(speed) == SpeedState.Verdict.NEW) {
                records.add(state.measured(speed, nowS));
            }
            if (random.nextInt(4) == 0 && state.newest() >= 0) {
                records.add(new SpeedRecord.Acknowledged(sensor, random.nextInt((int) state.newest() + 1)));
            }
            records.forEach(record -> state.apply(nowS, record));
            entries.add(SpeedRecord.encode(nowS, records));
            if (i == 250) {
                entries.add(SpeedRecord.encode(nowS, List.of(state.snapshot())));
            }
        }
        SpeedState all = new SpeedState(SETTINGS);
        entries.forEach(entry -> all.apply(SpeedRecord.decode(entry)));
        SpeedState tail = new SpeedState(SETTINGS);
        entries.subList(251, entries.size()).forEach(entry -> tail.apply(SpeedRecord.decode(entry)));
        assertThat(all.snapshot()).isEqualTo(state.snapshot());
        assertThat(tail.snapshot()).isEqualTo(state.snapshot());
    }

    /** A log of an earlier version is read by this one. */
    @Test
    void theOctetsOfAnEntryStayAsTheyAre() {
        List<SpeedRecord> records = List.of(
                new SpeedRecord.Measured(1, 2, 3, 4, 5, -1, 7),
                new SpeedRecord.Acknowledged(8, 9),
                new SpeedRecord.Forgotten(10),
                new SpeedRecord.Snapshot(
                        11,
                        List.of(new SpeedRecord.Bucket(12, 13, 14)),
                        List.of(new SpeedRecord.AverageValue(15, 16, 17)),
                        List.of(new SpeedRecord.SensorState(18, 19, 20, 21, 22, 23, Map.of(24L, 25L)))));
        byte[] octets = SpeedRecord.encode(99, records);
        assertThat(HexFormat.of().formatHex(octets))
                .isEqualTo(
                        "0100000000000000630000000401000000000000000100000000000000020000000000000003000000000000000400000000"
                                + "00000005ffffffffffffffff0000000000000007020000000000000008000000000000000903000000000000000a04000000"
                                + "000000000b00000001000000000000000c000000000000000d000000000000000e00000001000000000000000f0000000000"
                                + "0000100000000000000011000000010000000000000012000000000000001300000000000000140000000000000015000000"
                                + "000000001600000000000000170000000100000000000000180000000000000019");
        assertThat(SpeedRecord.decode(octets)).isEqualTo(new SpeedRecord.Decoded(99, records));
    }
}
