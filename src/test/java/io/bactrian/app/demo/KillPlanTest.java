package io.bactrian.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.app.demo.KillPlan.Step;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When the primary of the demonstration is killed, started and handed the work. */
class KillPlanTest {
    private static final Map<String, Object> ACTIVE = Map.of("role", "ACTIVE", "peerStanding", "IN");
    private static final Map<String, Object> ALONE = Map.of("role", "ACTIVE", "peerStanding", "OUT");
    private static final Map<String, Object> PASSIVE = Map.of("role", "PASSIVE");
    private static final Map<String, Object> AWAY = Map.of();

    private final KillPlan plan = new KillPlan(20_000, 3_000);

    @Test
    void thePrimaryIsKilledComesBackAndIsHandedTheWork() {
        assertThat(plan.next(ACTIVE, PASSIVE, 100_000)).isEqualTo(Step.NOTHING);
        assertThat(plan.next(ACTIVE, PASSIVE, 119_999)).isEqualTo(Step.NOTHING);
        assertThat(plan.next(ACTIVE, PASSIVE, 120_000)).isEqualTo(Step.KILL);
        assertThat(plan.next(AWAY, ALONE, 122_000)).isEqualTo(Step.NOTHING);
        assertThat(plan.next(AWAY, ALONE, 123_000)).isEqualTo(Step.START);
        assertThat(plan.next(PASSIVE, ALONE, 124_000)).isEqualTo(Step.NOTHING);
        assertThat(plan.next(PASSIVE, ACTIVE, 125_000)).isEqualTo(Step.HAND_BACK);
        assertThat(plan.next(ACTIVE, PASSIVE, 139_999)).isEqualTo(Step.NOTHING);
        assertThat(plan.next(ACTIVE, PASSIVE, 140_000)).isEqualTo(Step.KILL);
        assertThat(plan.kills()).isEqualTo(2);
    }

    @Test
    void thePrimaryIsNotKilledWhileTheBackupIsNotInStep() {
        plan.next(ACTIVE, PASSIVE, 0);
        assertThat(plan.next(ALONE, PASSIVE, 50_000)).isEqualTo(Step.NOTHING);
        assertThat(plan.next(ACTIVE, PASSIVE, 60_000)).isEqualTo(Step.KILL);
    }

    @Test
    void thePrimaryIsNotStartedBeforeTheBackupHasTakenOver() {
        plan.next(ACTIVE, PASSIVE, 0);
        plan.next(ACTIVE, PASSIVE, 20_000);
        assertThat(plan.next(AWAY, PASSIVE, 30_000)).isEqualTo(Step.NOTHING);
        assertThat(plan.primaryAway()).isTrue();
    }
}
