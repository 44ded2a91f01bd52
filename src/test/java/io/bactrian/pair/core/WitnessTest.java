package io.bactrian.pair.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pair.core.Witness.Kind;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may take over, and who may acknowledge alone. */
class WitnessTest {
    private WitnessRecord record = WitnessRecord.NONE;
    private long number;

    @BeforeEach
    void thePrimaryIsActiveInEpochThree() {
        assertThat(ask(Side.PRIMARY, Kind.FOUND, 3)).isTrue();
    }

    private Witness.Request request(Side node, Kind kind, int epoch) {
        return new Witness.Request(++number, "p", node, kind, epoch, record.version());
    }

    private boolean ask(Side node, Kind kind, int epoch) {
        return ask(request(node, kind, epoch));
    }

    private boolean ask(Witness.Request request) {
        Witness.Decision decision = Witness.decide(record, request);
        WitnessRecord keep = decision.keep();
        record = keep == null ? record : keep;
        assertThat(decision.reply().record()).isEqualTo(record);
        assertThat(decision.reply().number()).isEqualTo(request.number());
        assertThat(decision.reply().reason().isEmpty())
                .isEqualTo(decision.reply().granted());
        return decision.reply().granted();
    }

    @Test
    void aNodeThatIsNotInStepDoesNotTakeOver() {
        assertThat(ask(Side.BACKUP, Kind.TAKE, 4)).isFalse();
        assertThat(record.active()).isEqualTo(Side.PRIMARY);
    }

    @Test
    void aNodeInStepTakesOverAndIsAloneInStepThen() {
        assertThat(ask(Side.PRIMARY, Kind.IN, 3)).isTrue();
        assertThat(ask(Side.BACKUP, Kind.TAKE, 4)).isTrue();
        assertThat(record.epoch()).isEqualTo(4);
        assertThat(record.inStep()).isEqualTo(Set.of(Side.BACKUP));
        assertThat(ask(Side.PRIMARY, Kind.OUT, 3))
                .as("the former active is refused")
                .isFalse();
        assertThat(ask(Side.PRIMARY, Kind.TAKE, 5)).isFalse();
    }

    @Test
    void whoWasPutOutDoesNotTakeOver() {
        ask(Side.PRIMARY, Kind.IN, 3);
        assertThat(ask(Side.PRIMARY, Kind.OUT, 3)).isTrue();
        assertThat(ask(Side.BACKUP, Kind.TAKE, 4)).isFalse();
    }

    @Test
    void aRequestThatComesLateChangesNothing() {
        Witness.Request in = request(Side.PRIMARY, Kind.IN, 3);
        assertThat(ask(Side.PRIMARY, Kind.OUT, 3)).isTrue();
        assertThat(ask(in)).isFalse();
        assertThat(record.inStep()).isEqualTo(Set.of(Side.PRIMARY));
    }

    @Test
    void aDoubledRequestIsGrantedAgainAndChangesNothing() {
        ask(Side.PRIMARY, Kind.IN, 3);
        Witness.Request take = request(Side.BACKUP, Kind.TAKE, 4);
        assertThat(ask(take)).isTrue();
        WitnessRecord once = record;
        assertThat(ask(take)).isTrue();
        assertThat(record).isEqualTo(once);
    }

    @Test
    void anEpochIsGrantedOnce() {
        ask(Side.PRIMARY, Kind.IN, 3);
        assertThat(ask(Side.BACKUP, Kind.TAKE, 3)).isFalse();
        assertThat(ask(Side.BACKUP, Kind.TAKE, 2)).isFalse();
        assertThat(ask(Side.BACKUP, Kind.FOUND, 4)).isFalse();
    }

    @Test
    void theActiveTakesANewEpochAfterARestart() {
        assertThat(ask(Side.PRIMARY, Kind.TAKE, 5)).isTrue();
        assertThat(record.epoch()).isEqualTo(5);
    }

    @Test
    void anOperatorOverrules() {
        assertThat(ask(Side.BACKUP, Kind.FORCE, 4)).isTrue();
        assertThat(record.active()).isEqualTo(Side.BACKUP);
        assertThat(ask(Side.PRIMARY, Kind.OUT, 3)).isFalse();
    }

    @Test
    void nobodyTakesWhatWasNeverFounded() {
        record = WitnessRecord.NONE;
        assertThat(ask(Side.PRIMARY, Kind.TAKE, 3)).isFalse();
    }
}
