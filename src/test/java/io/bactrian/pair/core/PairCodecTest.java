package io.bactrian.pair.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.journal.log.Entry;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The frames of the copy link and of the witness. */
class PairCodecTest {
    static List<PairMessage> messages() {
        LogHistory log = new LogHistory("abc", 3, 99, List.of(1L, 50L, 50L));
        return List.of(
                new PairMessage.State("p", Side.BACKUP, Role.PASSIVE, 4, 7, 8, 9, log),
                new PairMessage.Attach(5, 6, 4, 20, true, "abc", List.of(1L, 9L)),
                new PairMessage.Confirm(5, 77, 1000, true),
                new PairMessage.HandOver(5, 4, 99));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageIsReadAsItWasWritten(PairMessage message) throws Exception {
        assertThat(PairCodec.message(PairCodec.encode(message))).isEqualTo(message);
    }

    @Test
    void entriesAreReadAsTheyWereWritten() throws Exception {
        Entry entry = new Entry(7, 3, 2, 123_456, new byte[] {1, 2, 3});
        PairMessage.Copies read = (PairMessage.Copies)
                PairCodec.message(PairCodec.encode(new PairMessage.Copies(1, 2, 3, List.of(entry))));
        assertThat(read.entries()).usingRecursiveFieldByFieldElementComparator().containsExactly(entry);
    }

    @Test
    void questionsAndAnswersAreReadAsTheyWereWritten() throws Exception {
        Witness.Request request = new Witness.Request(1, "p", Side.PRIMARY, Witness.Kind.OUT, 3, 9);
        assertThat(PairCodec.request(PairCodec.encode(request))).isEqualTo(request);
        for (WitnessRecord record :
                List.of(WitnessRecord.NONE, new WitnessRecord(3, Side.BACKUP, 8, Set.of(Side.PRIMARY, Side.BACKUP)))) {
            Witness.Reply reply = new Witness.Reply(1, "p", Witness.Kind.FORCE, false, record, "because");
            assertThat(PairCodec.reply(PairCodec.encode(reply))).isEqualTo(reply);
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aFrameThatWasChangedOrCutIsRefused(PairMessage message) {
        byte[] good = PairCodec.encode(message);
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << (at % 8));
            refused(bad);
            refused(Arrays.copyOf(good, at));
        }
    }

    @Test
    void anythingIsRefusedWithoutHarm() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] frame = new byte[random.nextInt(100)];
            random.nextBytes(frame);
            refused(frame);
        }
    }

    private static void refused(byte[] frame) {
        assertThatThrownBy(() -> PairCodec.message(frame)).isInstanceOf(PairCodec.BadFrameException.class);
    }
}
