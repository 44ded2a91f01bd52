package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.PatternKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlCodecTest {
    @Test
    void whatIsWrittenIsRead() {
        List<ControlRecord> records = List.of(
                new ControlRecord.Granted("p", -3, 7, 1_000),
                new ControlRecord.Opened("p\u00fc", 7, 1_001),
                new ControlRecord.PublisherForgotten("q"),
                new ControlRecord.SubscriberSaved(
                        new DurableSubscriber("s", 2, 3, 40, 41, 5, 1_002, List.of()),
                        List.of(new DurableSubscription(PatternKind.PREFIX, "", 1, 9, true)),
                        List.of(new DurableSubscription(PatternKind.TOPIC, "t", 10, 0, false))),
                new ControlRecord.SubscriberForgotten("s"),
                new ControlRecord.LogCut(2, 100),
                new ControlRecord.LogNamed(-1),
                new ControlRecord.LogLives(-1, 3, 70),
                new ControlRecord.LogPurged(-1, 1L << 40),
                new ControlRecord.EpochsRaised(1L << 33),
                new ControlRecord.EpochsUsed(8),
                new ControlRecord.Sequences(List.of(new SequenceState("p", "t", 12), new SequenceState("p", "u", 1))),
                new ControlRecord.Noted(new HubEvent(1, "range-lost", null, "s", null, 4, 5, "a test")));
        Batch batch = ControlCodec.encode(records);
        assertThat(ControlCodec.isControl(batch.topic())).isTrue();
        assertThat(batch.count()).isEqualTo(records.size());
        assertThat(ControlCodec.decode(Batch.parseTrusted(batch.bytes()))).isEqualTo(records);
    }

    @Test
    void aRecordOfALaterVersionIsRefusedWithAWordOnWhatToDo() {
        BatchBuilder batch = new BatchBuilder("", ControlCodec.TOPIC, 0, 0);
        batch.append(new byte[] {99, 0});
        assertThatThrownBy(() -> ControlCodec.decode(batch.build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown type 99")
                .hasMessageContaining("later version");
    }

    @Test
    void aRecordThatIsNotWholeIsRefused() {
        BatchBuilder batch = new BatchBuilder("", ControlCodec.TOPIC, 0, 0);
        batch.append(new byte[] {1, 0});
        assertThatThrownBy(() -> ControlCodec.decode(batch.build())).hasMessageContaining("not whole");
    }

    @Test
    void whatOnlyASnapshotTakesIsNotLogged() {
        assertThatThrownBy(() -> ControlCodec.encode(List.of(new ControlRecord.Applied(LogPosition.NONE))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
