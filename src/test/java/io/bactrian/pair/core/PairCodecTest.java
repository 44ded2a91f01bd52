package io.bactrian.pair.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.journal.log.Entry;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
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

    /** Nodes of two versions of this program form a pair while it is upgraded. */
    @Test
    void theOctetsStayAsTheyAre() {
        LogHistory log = new LogHistory("abc", 1, 99, List.of(1L, 9L));
        Entry entry = new Entry(7, 3, 2, 123_456, new byte[] {1, 2, 3});
        WitnessRecord record = new WitnessRecord(3, Side.BACKUP, 8, Set.of(Side.PRIMARY, Side.BACKUP));
        assertThat(Stream.of(
                                PairCodec.encode(
                                        new PairMessage.State("pä", Side.BACKUP, Role.PASSIVE, 4, 7, 8, 9, log)),
                                PairCodec.encode(new PairMessage.Attach(5, 6, 4, 20, true, "abc", List.of(1L, 9L))),
                                PairCodec.encode(new PairMessage.Copies(1, 2, 3, List.of(entry))),
                                PairCodec.encode(new PairMessage.Confirm(5, 77, 1000, true)),
                                PairCodec.encode(new PairMessage.HandOver(5, 4, 99)),
                                PairCodec.encode(new PairMessage.Fetch(5, "abc", 4, 99)),
                                PairCodec.encode(new PairMessage.Fetched(5, List.of(entry), "none")),
                                PairCodec.encode(new Witness.Request(1, "p", Side.PRIMARY, Witness.Kind.OUT, 3, 9)),
                                PairCodec.encode(
                                        new Witness.Reply(1, "p", Witness.Kind.FORCE, false, record, "because")),
                                PairCodec.encode(
                                        new Witness.Reply(1, "p", Witness.Kind.OUT, true, WitnessRecord.NONE, "")))
                        .map(HexFormat.of()::formatHex))
                .containsExactly(
                        "42500101000370c3a40103000000040000000000000007000000000000000800000000000000090003616263000000000000"
                                + "000100000000000000630000000200000000000000010000000000000009d71285de",
                        "4250010200000000000000050000000000000006000000040000000000000014010003616263000000020000000000000001"
                                + "00000000000000097e31478a",
                        "4250010300000000000000010000000200000000000000030000000100000000000000070000000300000002000000000001"
                                + "e240000000030102031fa32ff0",
                        "425001040000000000000005000000000000004d000003e801b935110f",
                        "42500105000000000000000500000004000000000000006381b6c44e",
                        "4250010600000000000000050003616263000000000000000400000000000000630975f326",
                        "4250010700000000000000050000000100000000000000070000000300000002000000000001e2400000000301020300046e"
                                + "6f6e650e82f759",
                        "425001140000000000000001000170000200000003000000000000000965585ecb",
                        "425001150000000000000001000170050000000003010000000000000008030007626563617573652d5a76f2",
                        "425001150000000000000001000170020100000000ff0000000000000000000000ab314f2e");
    }
}
