package io.bactrian.federation.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pair.core.Side;
import org.junit.jupiter.api.Test;

class MemberTest {
    private static Member at(String place) {
        return new Member("root", "root", place, "127.0.0.1", 1, 2, "", "");
    }

    @Test
    void theProcessesOfAPairAreItsTwoSides() {
        assertThat(at("primary").side()).contains(Side.PRIMARY);
        assertThat(at("backup").side()).contains(Side.BACKUP);
        assertThat(at("").side()).isEmpty();
    }
}
