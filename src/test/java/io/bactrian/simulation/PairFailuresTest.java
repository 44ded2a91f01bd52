package io.bactrian.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.pair.core.Side;
import io.bactrian.simulation.PairSimulation.BrokenRule;
import io.bactrian.simulation.PairSimulation.Defect;
import io.bactrian.simulation.PairSimulation.Failure;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of failures: who accepts and who acknowledges when one or two of primary, backup, witness and their links are gone. */
class PairFailuresTest {
    private static final long LONG_AFTER_MS = 3_000;
    private static final long STOPPED_MS = 60_000;

    @ParameterizedTest
    @CsvSource({
        "PRIMARY, BACKUP, BACKUP",
        "BACKUP, PRIMARY, PRIMARY",
        "WITNESS, PRIMARY, PRIMARY",
        "LINK_OF_PRIMARY_AND_WITNESS, PRIMARY, PRIMARY",
        "LINK_OF_BACKUP_AND_WITNESS, PRIMARY, PRIMARY",
        "PRIMARY BACKUP, NOBODY, NOBODY",
        "PRIMARY WITNESS, NOBODY, NOBODY",
        "BACKUP WITNESS, PRIMARY, NOBODY",
        "PRIMARY LINK_OF_THE_NODES, BACKUP, BACKUP",
        "BACKUP LINK_OF_THE_NODES, PRIMARY, PRIMARY",
        "PRIMARY LINK_OF_BACKUP_AND_WITNESS, NOBODY, NOBODY",
        "BACKUP LINK_OF_PRIMARY_AND_WITNESS, PRIMARY, NOBODY",
        "PRIMARY LINK_OF_PRIMARY_AND_WITNESS, BACKUP, BACKUP",
        "BACKUP LINK_OF_BACKUP_AND_WITNESS, PRIMARY, PRIMARY",
        "LINK_OF_THE_NODES LINK_OF_PRIMARY_AND_WITNESS, PRIMARY BACKUP, BACKUP",
        "LINK_OF_THE_NODES LINK_OF_BACKUP_AND_WITNESS, PRIMARY, PRIMARY",
        "LINK_OF_THE_NODES WITNESS, PRIMARY, NOBODY",
        "LINK_OF_PRIMARY_AND_WITNESS LINK_OF_BACKUP_AND_WITNESS, PRIMARY, PRIMARY",
        "WITNESS LINK_OF_PRIMARY_AND_WITNESS, PRIMARY, PRIMARY",
        "WITNESS LINK_OF_BACKUP_AND_WITNESS, PRIMARY, PRIMARY",
    })
    void withAWitness(String failures, String accept, String acknowledge) {
        assertAfter(failures, true, accept, acknowledge);
    }

    @ParameterizedTest
    @CsvSource({
        "PRIMARY, BACKUP, BACKUP",
        "BACKUP, PRIMARY, PRIMARY",
        "PRIMARY BACKUP, NOBODY, NOBODY",
        "PRIMARY LINK_OF_THE_NODES, BACKUP, BACKUP",
        "BACKUP LINK_OF_THE_NODES, PRIMARY, PRIMARY",
        "LINK_OF_THE_NODES, PRIMARY BACKUP, PRIMARY BACKUP",
    })
    void withoutAWitness(String failures, String accept, String acknowledge) {
        assertAfter(failures, false, accept, acknowledge);
    }

    @ParameterizedTest
    @CsvSource({"LINK_OF_THE_NODES"})
    void oneOfTwoThatDoNotHearEachOtherGoesOn(String failures) {
        assertThat(failed(failures, true).acknowledging(LONG_AFTER_MS)).hasSize(1);
    }

    @Test
    void oneOfTwoThatDoNotHearEachOtherGoesOnWhenTheWitnessIsBack() {
        PairSimulation simulation = failed("LINK_OF_THE_NODES WITNESS", true);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isEmpty();
        simulation.mend(Failure.WITNESS);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "PRIMARY BACKUP, PRIMARY, PRIMARY",
        "PRIMARY BACKUP, BACKUP, BACKUP",
        "PRIMARY WITNESS, PRIMARY, NOBODY",
        "PRIMARY WITNESS, WITNESS, BACKUP",
        "BACKUP WITNESS, BACKUP, PRIMARY",
        "BACKUP WITNESS, WITNESS, PRIMARY",
        "PRIMARY LINK_OF_BACKUP_AND_WITNESS, PRIMARY, PRIMARY",
        "PRIMARY LINK_OF_BACKUP_AND_WITNESS, LINK_OF_BACKUP_AND_WITNESS, BACKUP",
        "BACKUP LINK_OF_PRIMARY_AND_WITNESS, BACKUP, PRIMARY",
        "BACKUP LINK_OF_PRIMARY_AND_WITNESS, LINK_OF_PRIMARY_AND_WITNESS, PRIMARY",
        "LINK_OF_THE_NODES WITNESS, LINK_OF_THE_NODES, PRIMARY",
    })
    void whenOneOfTwoIsBack(String failures, String back, String acknowledges) {
        PairSimulation simulation = failed(failures, true);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isEmpty();
        simulation.mend(Failure.valueOf(back));
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isEqualTo(sides(acknowledges));
    }

    @ParameterizedTest
    @ValueSource(longs = {150, 250, 500, 1_000, 5_000})
    void aBackupThatWasAloneBeforeThereWasAPairTakesOver(long aloneMs) {
        PairSimulation simulation = PairSimulation.inStep(true, aloneMs);
        simulation.fail(Failure.PRIMARY);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.BACKUP);
    }

    /** Neither node may take over for as long as that lasts: the only one that is in step does not reach the witness. */
    @Test
    void whileNeitherNodeIsActiveTheWitnessIsAskedOnceInAHeartbeat() {
        PairSimulation simulation = failed("BACKUP", true);
        simulation.fail(Failure.PRIMARY);
        simulation.fail(Failure.LINK_OF_PRIMARY_AND_WITNESS);
        simulation.mend(Failure.PRIMARY);
        simulation.mend(Failure.BACKUP);
        simulation.pass(LONG_AFTER_MS);
        simulation.questions = 0;
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isEmpty();
        assertThat(simulation.questions)
                .isPositive()
                .isLessThanOrEqualTo((int) (LONG_AFTER_MS / PairSimulation.HEARTBEAT_MS) + 1);
        simulation.mend(Failure.LINK_OF_PRIMARY_AND_WITNESS);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatANodeSaidBeforeItWasActiveMakesNobodyElseActive(boolean witnessed) {
        PairSimulation simulation = PairSimulation.inStepAfterWordsWereOvertaken(witnessed);
        assertThat(simulation.takeovers).isEqualTo(1);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
    }

    /**
     * The primary is killed when it has logged a message that was not copied. Clients are away, so the backup says for a time that it is
     * passive, and ZeroMQ keeps that for the primary. Then a client comes, the backup takes over, and the primary is started again.
     */
    @Test
    void whatWaitedForANodeThatWasDownDoesNotMakeItActiveBesideAnActiveOne() {
        PairSimulation simulation = PairSimulation.inStep(false);
        simulation.clientsAreAway(true);
        simulation.pass(PairSimulation.HEARTBEAT_MS);
        simulation.acceptAndPause(false, PairSimulation.HEARTBEAT_MS);
        simulation.wordsWait();
        simulation.fail(Failure.PRIMARY);
        simulation.mend(Failure.LINK_OF_THE_NODES);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.active()).isEmpty();
        simulation.clientsAreAway(false);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.BACKUP);
        int takeovers = simulation.takeovers;
        simulation.mend(Failure.PRIMARY);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.BACKUP);
        assertThat(simulation.takeovers).isEqualTo(takeovers);
        assertThat(simulation.trace).noneMatch(line -> line.contains("TWO_ACTIVES"));
    }

    /** The same, where an operator has made the backup active and the primary has more of the log. */
    @Test
    void whatWaitedForANodeThatIsAheadDoesNotMakeItActiveEither() {
        PairSimulation simulation = failed("BACKUP", false);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
        simulation.wordsWait();
        simulation.fail(Failure.PRIMARY);
        simulation.mend(Failure.BACKUP);
        simulation.pass(LONG_AFTER_MS);
        simulation.promoteByForce(Side.BACKUP);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.BACKUP);
        simulation.mend(Failure.PRIMARY);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.BACKUP);
        assertThat(simulation.trace).noneMatch(line -> line.contains("TWO_ACTIVES"));
    }

    /** What the primary acknowledged alone is lost if the backup takes over before it knows how much it lacks. */
    @Test
    void aNodeThatHasHeardNothingButTheLastHeartbeatDoesNotTakeOver() {
        PairSimulation simulation = failed("BACKUP", false);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
        simulation.fail(Failure.PRIMARY);
        simulation.mend(Failure.BACKUP); // it hears a heartbeat that was under way
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isEmpty();
        simulation.mend(Failure.PRIMARY);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
        assertThat(simulation.trace).noneMatch(line -> line.contains("MOVED_ASIDE"));
    }

    /** The active does not wait for a node that has not begun to copy: what it acknowledges after its last word, nobody else knows. */
    @Test
    void aNodeThatHasNotBegunToCopyDoesNotTakeOver() {
        PairSimulation simulation = PairSimulation.inStep(false);
        simulation.clientsAreAway(true);
        simulation.pass(PairSimulation.HEARTBEAT_MS);
        simulation.fail(Failure.BACKUP);
        simulation.pass(LONG_AFTER_MS);
        simulation.backupIsHeard(false);
        simulation.mend(Failure.BACKUP);
        simulation.pass(5 * PairSimulation.HEARTBEAT_MS / 2);
        simulation.clientsAreAway(false);
        assertThat(simulation.acknowledging(PairSimulation.HEARTBEAT_MS / 4)).containsExactly(Side.PRIMARY);
        simulation.fail(Failure.PRIMARY);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isEmpty();
        simulation.backupIsHeard(true);
        simulation.mend(Failure.PRIMARY);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
        assertThat(simulation.trace).noneMatch(line -> line.contains("MOVED_ASIDE"));
    }

    @Test
    void aNodeThatDoesNotKnowWhatItLacksDoesNotTakeOver() {
        PairSimulation simulation = failed("BACKUP", false);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
        simulation.fail(Failure.PRIMARY);
        simulation.mend(Failure.BACKUP);
        simulation.pass(LONG_AFTER_MS);
        simulation.goneOnceThePeerCopies();
        simulation.mend(Failure.PRIMARY);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isSubsetOf(Side.PRIMARY);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isEmpty();
        simulation.mend(Failure.PRIMARY);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
    }

    /** What the primary acknowledged alone is moved aside if an empty backup takes it for a classic peer, which keeps no log. */
    @Test
    void aBackupThatIsCutOffFromTheCopiesAloneDoesNotTakeOver() {
        PairSimulation simulation = PairSimulation.backupThatHearsHeartbeatsOnly(false);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.PRIMARY);
        simulation.fail(Failure.PRIMARY);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).isEmpty();
        assertThat(simulation.trace).anyMatch(line -> line.contains("WAITS_FOR_PEER"));
    }

    @Test
    void aClassicPeerIsFollowed() {
        PairSimulation simulation = PairSimulation.backupThatHearsHeartbeatsOnly(true);
        assertThat(simulation.acknowledging(PairSimulation.HEARTBEAT_MS)).containsExactly(Side.PRIMARY);
        simulation.fail(Failure.PRIMARY);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.BACKUP);
    }

    /** There are no leases and no clocks: whoever was away for a minute learns what holds now before it acknowledges anything. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void anActiveThatWasStoppedForAMinuteInTheMiddleOfAnAcknowledgementDoesNotGiveIt(
            boolean arrives, boolean linkIsBack) {
        PairSimulation simulation = PairSimulation.inStep(true);
        long position = simulation.acceptAndPause(arrives, STOPPED_MS);
        simulation.pass(LONG_AFTER_MS);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.BACKUP);
        assertThat(simulation.accepted()).containsExactly(Side.BACKUP);
        assertThat(simulation.active())
                .as("the one that is stopped knows nothing of it")
                .containsExactlyInAnyOrder(Side.PRIMARY, Side.BACKUP);
        if (linkIsBack) {
            simulation.mend(Failure.LINK_OF_THE_NODES);
        }
        assertThat(simulation.acknowledging(STOPPED_MS)).containsExactly(Side.BACKUP);
        assertThat(simulation.active()).as("position %d", position).containsExactly(Side.BACKUP);
        simulation.mend(Failure.LINK_OF_THE_NODES);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).containsExactly(Side.BACKUP);
        simulation.checkEnd();
    }

    /** A control: the case before can fail. */
    @ParameterizedTest
    @EnumSource(
            value = Defect.class,
            names = {"OUT_IS_TAKEN_FOR_GRANTED", "WITNESS_LETS_A_STALE_ACTIVE_PUT_THE_PEER_OUT"})
    void anActiveThatWasStoppedAndAcknowledgesIsCaught(Defect defect) {
        PairSimulation simulation = PairSimulation.inStep(defect);
        simulation.acceptAndPause(false, STOPPED_MS);
        assertThat(simulation.acknowledging(2 * LONG_AFTER_MS)).containsExactly(Side.BACKUP);
        assertThatThrownBy(() -> simulation.pass(STOPPED_MS))
                .isInstanceOf(BrokenRule.class)
                .hasMessageStartingWith("acknowledgements-of-two-epochs");
    }

    private static void assertAfter(String failures, boolean witnessed, String accept, String acknowledge) {
        PairSimulation simulation = failed(failures, witnessed);
        assertThat(simulation.acknowledging(LONG_AFTER_MS)).as("acknowledge").isEqualTo(sides(acknowledge));
        assertThat(simulation.accepted()).as("accept").isEqualTo(sides(accept));
    }

    private static PairSimulation failed(String failures, boolean witnessed) {
        PairSimulation simulation = PairSimulation.inStep(witnessed);
        Arrays.stream(failures.split(" ", -1)).map(Failure::valueOf).forEach(simulation::fail);
        simulation.pass(LONG_AFTER_MS);
        return simulation;
    }

    private static Set<Side> sides(String words) {
        return Arrays.stream(words.split(" ", -1))
                .filter(word -> !word.equals("NOBODY"))
                .map(Side::valueOf)
                .collect(Collectors.toSet());
    }
}
