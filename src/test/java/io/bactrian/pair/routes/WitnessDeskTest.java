package io.bactrian.pair.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pair.core.PairCodec;
import io.bactrian.pair.core.Side;
import io.bactrian.pair.core.Witness;
import io.bactrian.pair.core.Witness.Kind;
import io.bactrian.pair.core.WitnessRecord;
import io.bactrian.zeromq.ZeroMqMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One witness of several pairs, and what it finds in its folder. */
class WitnessDeskTest {
    private static final int PAIRS_MAX = 3;
    private static final byte[] NODE = {0, 1, 2};

    @TempDir
    Path folder;

    private long number;

    private WitnessDesk desk() {
        return new WitnessDesk(folder, PAIRS_MAX);
    }

    private List<ZeroMqMessage> ask(WitnessDesk desk, String pair, Side node, Kind kind, int epoch, long version) {
        Witness.Request request = new Witness.Request(++number, pair, node, kind, epoch, version);
        return desk.answer(List.of(ZeroMqMessage.of(NODE, PairCodec.encode(request))));
    }

    private Witness.Reply reply(WitnessDesk desk, String pair, Side node, Kind kind, int epoch, long version)
            throws PairCodec.BadFrameException {
        List<ZeroMqMessage> answers = ask(desk, pair, node, kind, epoch, version);
        assertThat(answers).hasSize(1);
        assertThat(answers.get(0).routingId()).isEqualTo(NODE);
        Witness.Reply reply = PairCodec.reply(answers.get(0).frame(0));
        assertThat(reply.number()).isEqualTo(number);
        assertThat(reply.pair()).isEqualTo(pair);
        return reply;
    }

    private WitnessRecord record(WitnessDesk desk, String pair) throws PairCodec.BadFrameException {
        return reply(desk, pair, Side.PRIMARY, Kind.ASK, 0, 0).record();
    }

    private WitnessRecord found(WitnessDesk desk, String pair, Side node, int epoch)
            throws PairCodec.BadFrameException {
        Witness.Reply reply = reply(desk, pair, node, Kind.FOUND, epoch, 0);
        assertThat(reply.granted()).as(reply.reason()).isTrue();
        return reply.record();
    }

    private Path file(String pair) {
        return folder.resolve(pair + ".witness");
    }

    @Test
    void twoPairsDoNotDisturbEachOther() throws Exception {
        WitnessDesk desk = desk();
        WitnessRecord hub = found(desk, "hub", Side.PRIMARY, 1);
        assertThat(record(desk, "speed")).isEqualTo(WitnessRecord.NONE);
        WitnessRecord speed = found(desk, "speed", Side.BACKUP, 2);
        assertThat(record(desk, "hub")).isEqualTo(hub);
        Witness.Reply in = reply(desk, "hub", Side.PRIMARY, Kind.IN, 1, hub.version());
        assertThat(in.granted()).isTrue();
        assertThat(record(desk, "speed")).isEqualTo(speed);
        assertThat(reply(desk, "speed", Side.PRIMARY, Kind.TAKE, 3, 0).granted())
                .as("in step in the other pair only")
                .isFalse();
        assertThat(reply(desk, "hub", Side.BACKUP, Kind.TAKE, 2, 0).granted()).isTrue();
        assertThat(record(desk, "speed")).isEqualTo(speed);
    }

    @Test
    void recordsOutliveARestart() throws Exception {
        WitnessDesk desk = desk();
        WitnessRecord hub = found(desk, "hub", Side.PRIMARY, 1);
        WitnessRecord both =
                reply(desk, "hub", Side.PRIMARY, Kind.IN, 1, hub.version()).record();
        assertThat(both.inStep()).isEqualTo(Set.of(Side.PRIMARY, Side.BACKUP));
        WitnessRecord speed = found(desk, "speed", Side.BACKUP, 2);
        WitnessDesk again = desk();
        assertThat(record(again, "hub")).isEqualTo(both);
        assertThat(record(again, "speed")).isEqualTo(speed);
        assertThat(reply(again, "hub", Side.PRIMARY, Kind.OUT, 1, hub.version()).granted())
                .as("a request from before the change")
                .isFalse();
        assertThat(reply(again, "hub", Side.BACKUP, Kind.TAKE, 2, 0).granted()).isTrue();
        assertThat(record(desk(), "hub").active()).isEqualTo(Side.BACKUP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"flipped", "cut", "empty", "other"})
    void aDamagedFileCostsTheOtherPairNothing(String damage) throws Exception {
        WitnessDesk desk = desk();
        found(desk, "hub", Side.PRIMARY, 1);
        WitnessRecord speed = found(desk, "speed", Side.BACKUP, 2);
        byte[] bytes = Files.readAllBytes(file("hub"));
        byte[] damaged = switch (damage) {
            case "flipped" -> {
                byte[] flipped = bytes.clone();
                flipped[bytes.length / 2] ^= 1;
                yield flipped;
            }
            case "cut" -> Arrays.copyOf(bytes, bytes.length / 2);
            case "empty" -> new byte[0];
            default -> "another file\n".getBytes(StandardCharsets.UTF_8);
        };
        Files.write(file("hub"), damaged);
        WitnessDesk again = desk();
        assertThat(String.valueOf(again.figures().get("hub")))
                .startsWith("cannot be read: ")
                .contains(file("hub").toString());
        assertThat(record(again, "speed")).isEqualTo(speed);
        assertThat(reply(again, "speed", Side.BACKUP, Kind.IN, 2, speed.version())
                        .granted())
                .isTrue();
        for (Kind kind : Kind.values()) {
            assertThat(ask(again, "hub", Side.BACKUP, kind, 4, 0))
                    .as("%s", kind)
                    .isEmpty();
        }
        assertThat(Files.readAllBytes(file("hub")))
                .as("it is left for people to look at")
                .isEqualTo(damaged);
        Files.delete(file("hub"));
        assertThat(found(desk(), "hub", Side.PRIMARY, 5).epoch()).isEqualTo(5);
    }

    @Test
    void aStrangerCannotMakeItKeepMorePairsThanItMay() throws Exception {
        WitnessDesk desk = desk();
        WitnessRecord hub = found(desk, "hub", Side.PRIMARY, 1);
        for (int i = 0; i < 20; i++) {
            Witness.Reply reply = reply(desk, "stranger-" + i, Side.PRIMARY, Kind.FOUND, 1, 0);
            assertThat(reply.granted()).isEqualTo(i < PAIRS_MAX - 1);
            if (!reply.granted()) {
                assertThat(reply.record()).isEqualTo(WitnessRecord.NONE);
                assertThat(reply.reason()).contains("bactrian.witness.pairs.max");
            }
            assertThat(record(desk, "only-asked-" + i)).isEqualTo(WitnessRecord.NONE);
        }
        assertThat(files()).hasSize(PAIRS_MAX);
        assertThat(reply(desk, "hub", Side.PRIMARY, Kind.IN, 1, hub.version()).granted())
                .as("known pairs are served")
                .isTrue();
        assertThat(reply(desk(), "stranger-19", Side.PRIMARY, Kind.FOUND, 1, 0).granted())
                .as("after a restart")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "a/b", "../hub", "a b", "hub\n"})
    void aNameThatIsNoneIsNotAnswered(String name) throws Exception {
        WitnessDesk desk = desk();
        assertThat(ask(desk, name, Side.PRIMARY, Kind.FOUND, 1, 0)).isEmpty();
        assertThat(desk.figures().get("refused")).isEqualTo(1L);
        assertThat(files()).isEmpty();
    }

    @Test
    void aFrameThatIsNoQuestionIsCountedAndTheNextOneIsAnswered() {
        WitnessDesk desk = desk();
        Witness.Request request = new Witness.Request(1, "hub", Side.PRIMARY, Kind.ASK, 0, 0);
        assertThat(desk.answer(List.of(
                        ZeroMqMessage.of(NODE, "nonsense".getBytes(StandardCharsets.UTF_8)),
                        ZeroMqMessage.of(NODE, PairCodec.encode(request)))))
                .hasSize(1);
        assertThat(desk.figures()).containsEntry("refused", 1L).containsEntry("answered", 1L);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
