package io.bactrian.pair.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every transition of the Binary Star pattern. */
class BinaryStarTest {

    @ParameterizedTest
    @CsvSource({
        "PRIMARY, PRIMARY, SAME_SIDE",
        "PRIMARY, BACKUP, BECOME_ACTIVE",
        "PRIMARY, ACTIVE, BECOME_PASSIVE",
        "PRIMARY, PASSIVE, STAY",
        "BACKUP, PRIMARY, STAY",
        "BACKUP, BACKUP, SAME_SIDE",
        "BACKUP, ACTIVE, BECOME_PASSIVE",
        "BACKUP, PASSIVE, STAY",
        "ACTIVE, PRIMARY, STAY",
        "ACTIVE, BACKUP, STAY",
        "ACTIVE, ACTIVE, TWO_ACTIVES",
        "ACTIVE, PASSIVE, STAY",
        "PASSIVE, PRIMARY, BECOME_ACTIVE",
        "PASSIVE, BACKUP, BECOME_ACTIVE",
        "PASSIVE, ACTIVE, STAY",
        "PASSIVE, PASSIVE, TWO_PASSIVES",
    })
    void aNodeHearsItsPeer(Role own, Role peer, BinaryStar.Step step) {
        assertThat(BinaryStar.onPeer(own, peer)).isEqualTo(step);
    }

    @ParameterizedTest
    @CsvSource({
        "PRIMARY, false, SERVE",
        "PRIMARY, true, SERVE_AND_BECOME_ACTIVE",
        "BACKUP, false, REFUSE",
        "BACKUP, true, REFUSE",
        "ACTIVE, false, SERVE",
        "ACTIVE, true, SERVE",
        "PASSIVE, false, REFUSE",
        "PASSIVE, true, SERVE_AND_BECOME_ACTIVE",
    })
    void aClientAsks(Role own, boolean peerDead, BinaryStar.Step step) {
        assertThat(BinaryStar.onRequest(own, peerDead)).isEqualTo(step);
    }

    @Test
    void aHeartbeatIsOneDigitAndNothingElse() {
        for (Role role : Role.values()) {
            assertThat(Role.ofHeartbeat(new byte[] {role.digit()})).contains(role);
        }
        assertThat(new byte[] {Role.PRIMARY.digit(), Role.PASSIVE.digit()})
                .isEqualTo("14".getBytes(StandardCharsets.UTF_8));
        for (String frame : new String[] {"", "0", "5", "33", "a"}) {
            assertThat(Role.ofHeartbeat(frame.getBytes(StandardCharsets.UTF_8))).isEmpty();
        }
    }

    @Test
    void epochsOfThePrimaryAreOddAndThoseOfTheBackupEven() {
        assertThat(Side.PRIMARY.epochAbove(1)).isEqualTo(3);
        assertThat(Side.PRIMARY.epochAbove(4)).isEqualTo(5);
        assertThat(Side.BACKUP.epochAbove(1)).isEqualTo(2);
        assertThat(Side.BACKUP.epochAbove(4)).isEqualTo(6);
        assertThat(Side.PRIMARY.epochAbove(1_800_000_000_001L)).isEqualTo(1_800_000_000_003L);
        assertThat(Side.BACKUP.epochAbove(1_800_000_000_001L)).isEqualTo(1_800_000_000_002L);
    }
}
