package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

class HubReplicaTest {
    private final ArrayDeque<Runnable> steps = new ArrayDeque<>();
    private final HubReplica replica = new HubReplica(new NoLife(), epoch -> true, new LateSteps());

    @Test
    void aLifeThatIsBeingEndedReliesOnNoMoreThanBefore() {
        replica.committed(691);
        replica.deactivated();
        replica.committed(700);
        assertThat(replica.gate(800)).isEqualTo(691);

        steps.remove().run();
        assertThat(replica.gate(800)).isEqualTo(700);
    }

    /** Without a witness, or with replication=async, the other node may lack the last of what this one has relied on. */
    @Test
    void aLifeThatIsBeingEndedDoesNotRelyOnWhatFollowsACut() {
        replica.committed(691);
        replica.deactivated();
        replica.committed(689);
        replica.committed(700);
        assertThat(replica.gate(800)).isEqualTo(689);

        steps.remove().run();
        assertThat(replica.gate(800)).isEqualTo(700);
    }

    private static final class NoLife implements HubReplica.Lives {
        @Override
        public void stepDown() {}

        @Override
        public void activate() {}

        @Override
        public void follow(boolean keeps) {}

        @Override
        public void committedMoved() {}
    }

    private final class LateSteps implements HubReplica.TakeoverSteps {
        @Override
        public void next(Runnable step) {
            steps.add(step);
        }

        @Override
        public void later(Runnable step, long ms) {
            steps.add(step);
        }

        @Override
        public void failed(String what, RuntimeException cause) {
            throw cause;
        }

        @Override
        public void succeeded() {}
    }
}
