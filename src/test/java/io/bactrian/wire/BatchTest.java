package io.bactrian.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
    private static final Limits LIMITS = new Limits(100, 1024);

    private static Batch batch(long sequence, String... records) {
        BatchBuilder builder = new BatchBuilder("p", "t", 4, sequence);
        for (String record : records) {
            builder.append(record.getBytes(StandardCharsets.UTF_8));
        }
        return builder.build();
    }

    private static List<String> texts(Batch batch) {
        return batch.records().stream()
                .map(record -> new String(record, StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void trimmingKeepsTheTailAndIsAValidBatch() throws Exception {
        Batch trimmed = Batch.parse(batch(10, "a", "", "ccc", "d").from(12).bytes(), LIMITS);

        assertThat(texts(trimmed)).containsExactly("ccc", "d");
        assertThat(trimmed.sequence()).isEqualTo(12);
        assertThat(trimmed.last()).isEqualTo(13);
        assertThat(trimmed.epoch()).isEqualTo(4);
    }

    @Test
    void batchesOfOneLengthDoNotShareTheirOctets() throws Exception {
        BatchBuilder builder = new BatchBuilder("p", "t", 4, 1);
        List<Batch> built = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < (i == 3 ? 2 : 12); j++) {
                builder.append(new byte[] {(byte) i, (byte) j, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            }
            built.add(builder.build());
        }
        for (int i = 0; i < built.size(); i++) {
            Batch parsed = Batch.parse(built.get(i).bytes(), new Limits(100, 1024));
            assertThat(parsed.count()).isEqualTo(i == 3 ? 2 : 12);
            assertThat(parsed.topic()).isEqualTo("t");
            assertThat(parsed.records().get(1)).startsWith(i, 1);
        }
        assertThat(built.get(1).last() + 1).isEqualTo(built.get(2).sequence());
    }

    @Test
    void trimmingNothingGivesTheBatchItself() {
        Batch batch = batch(10, "a", "b");

        assertThat(batch.from(10)).isSameAs(batch);
        assertThat(batch.from(1)).isSameAs(batch);
    }

    @Test
    void trimmingEverythingIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch(10, "a", "b").from(12));
    }

    @Test
    void numberingAnewKeepsTheRecordsAndIsAValidBatch() throws Exception {
        Batch numbered = Batch.parse(batch(10, "a", "b").numbered(7, 100).bytes(), LIMITS);

        assertThat(texts(numbered)).containsExactly("a", "b");
        assertThat(numbered.epoch()).isEqualTo(7);
        assertThat(numbered.sequence()).isEqualTo(100);
    }

    @Test
    void aBuilderGoesOnWithTheNextSequence() {
        BatchBuilder builder = new BatchBuilder("p", "t", 1, 5);
        builder.append(new byte[3]);
        builder.append(new byte[500_000]);
        assertThat(builder.build().last()).isEqualTo(6);
        builder.append(new byte[] {9});
        Batch second = builder.build();

        assertThat(second.sequence()).isEqualTo(7);
        assertThat(second.records()).containsExactly(new byte[] {9});
        assertThatIllegalStateException().isThrownBy(builder::build);
    }

    @Test
    void aMessageAboveTheLimitIsNamedAndItsHeaderCanStillBeRead() {
        byte[] frame = batch(3, "x".repeat(101)).bytes();

        WireException refused = catchThrowableOfType(WireException.class, () -> Batch.parse(frame, LIMITS));

        assertThat(refused.code()).isEqualTo(Code.MESSAGE_TOO_LARGE);
        assertThat(Batch.parseTrusted(frame).sequence()).isEqualTo(3);
    }

    @Test
    void aBatchAtTheLimitIsTakenAndOneAboveIsNot() throws Exception {
        int overhead = new BatchBuilder("p", "t", 1, 1).overheadBytes();
        int fitting = (1024 - overhead) / 8;
        List<String> records = new ArrayList<>();
        for (int i = 0; i < fitting; i++) {
            records.add("1234");
        }
        assertThat(Batch.parse(batch(1, records.toArray(String[]::new)).bytes(), LIMITS)
                        .count())
                .isEqualTo(fitting);

        records.add("1234");
        byte[] above = batch(1, records.toArray(String[]::new)).bytes();
        WireException refused = catchThrowableOfType(WireException.class, () -> Batch.parse(above, LIMITS));
        assertThat(refused.code()).isEqualTo(Code.BATCH_TOO_LARGE);
    }

    @Test
    void aChangedOctetIsFoundWhereverItIs() {
        byte[] frame = batch(1, "hello").bytes();
        for (int i = 0; i < frame.length; i++) {
            byte[] changed = frame.clone();
            changed[i] ^= 1;
            assertThat(catchThrowableOfType(WireException.class, () -> Batch.parse(changed, LIMITS)))
                    .as("octet %d", i)
                    .isNotNull();
        }
    }

    @Test
    void aNameThatIsTooLongOrNotTextIsRefusedAtOnce() {
        assertThatIllegalArgumentException().isThrownBy(() -> new BatchBuilder("p", "", 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new BatchBuilder("p", "ä".repeat(128), 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new BatchBuilder("p", "\ud800", 1, 1));
    }

    @Test
    void theFramesOfAMessageComeBack() {
        List<byte[]> frames = List.of(new byte[] {1}, new byte[0], new byte[] {2, 3});
        byte[] body = Multipart.pack(frames);

        assertThat(Multipart.unpack(body, 0, body.length))
                .usingRecursiveComparison()
                .isEqualTo(frames);
        assertThatIllegalArgumentException().isThrownBy(() -> Multipart.pack(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> Multipart.unpack(body, 0, body.length - 1));
    }

    @Test
    void aReasonIsCutToWhatTheProtocolAllows() throws Exception {
        Command.Error error = new Command.Error(1, 2, Code.MALFORMED, "é".repeat(2000) + "\ud800");

        assertThat(error.text()).isEqualTo("é".repeat(512));
        assertThat(Commands.decode(error.encode())).isEqualTo(error);
    }

    @Test
    void anErrorIsReadInAnyVersion() throws Exception {
        byte[] frame = new Command.Error(0, 0, Code.UNSUPPORTED_VERSION, "2 is spoken").encode();
        frame[1] = 2;

        assertThat(Commands.decode(frame)).isInstanceOf(Command.Error.class);
    }
}
