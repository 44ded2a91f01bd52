package io.bactrian.federation.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.federation.routes.TopologyFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pair at a single level in simulated time: the link between the two, and the life sign in the field device. */
class LifeSignTest {
    private static final long SILENT_MS = 1_000;
    private static final long STEP_MS = 100;
    private static final byte[] NOBODY = new byte[0];
    private static final byte[] BACKUP_ID = "backup".getBytes(StandardCharsets.UTF_8);

    private final Topology topology = TopologyFile.parse("test", """
            nodes:
              root:
                owns: [tunnel]
                primary: { southPort: 1001, northPort: 1011 }
                backup: { southPort: 1002, northPort: 1021 }
            """);
    private long nowMs = 1_000_000;
    private NodeCore primary;
    private NodeCore backup;
    private boolean primaryLives = true;
    private boolean linked = true;
    private boolean primaryReaches = true;
    private boolean backupReaches = true;
    private int life;

    private static final class NoHistory implements HistoryLog {
        @Override
        public long end() {
            return 0;
        }

        @Override
        public List<HistoryEntry> read(long after, int bytesMax) {
            return List.of();
        }
    }

    private NodeCore core(String place, int seed) {
        NodeSettings settings = new NodeSettings(200, SILENT_MS, 1_000, 1_000, 100, 100, 600_000, 100);
        return new NodeCore(
                topology,
                "nodes.root[" + place + "]",
                settings,
                Signatures.NONE,
                new NoHistory(),
                new Random(seed),
                nowMs);
    }

    @BeforeEach
    void meet() {
        primary = core("primary", 1);
        backup = core("backup", 2);
        pass(primary.start(null, nowMs), true);
        pass(backup.start(null, nowMs), false);
        run(2_000);
        assertThat(primary.active()).isTrue();
        assertThat(backup.active()).isFalse();
    }

    private void pass(Actions actions, boolean ofPrimary) {
        for (Outgoing outgoing : actions.outgoing()) {
            boolean toPeer = outgoing.door() == (ofPrimary ? Door.SOUTH : Door.PEER);
            if (toPeer && linked && primaryLives) {
                if (ofPrimary) {
                    pass(backup.receive(Door.PEER, NOBODY, outgoing.frames(), nowMs), false);
                } else {
                    pass(primary.receive(Door.SOUTH, BACKUP_ID, outgoing.frames(), nowMs), true);
                }
            }
        }
    }

    private @Nullable String read(boolean reaches) {
        return reaches ? Integer.toString(life) : null;
    }

    private void run(long ms) {
        for (long endMs = nowMs + ms; nowMs < endMs; nowMs += STEP_MS) {
            if (primaryLives) {
                pass(primary.tick(nowMs), true);
                pass(primary.lifeSign(read(primaryReaches), nowMs), true);
                life += primary.active() && primaryReaches ? 1 : 0;
            }
            pass(backup.tick(nowMs), false);
            pass(backup.lifeSign(read(backupReaches), nowMs), false);
            life += backup.active() && backupReaches ? 1 : 0;
        }
    }

    @Test
    void aDeadActiveIsReplacedWithoutAClientsVote() {
        primaryLives = false;
        run(5 * SILENT_MS);
        assertThat(backup.active()).isTrue();
    }

    @Test
    void aLifeSignThatGoesOnForbidsTheTakeoverAlsoIfSomebodyVotes() {
        linked = false;
        run(10 * SILENT_MS);
        pass(backup.vote("a client", nowMs), false);
        assertThat(backup.active()).isFalse();
        primaryLives = false;
        run(3 * SILENT_MS);
        assertThat(backup.active()).as("both channels are silent").isTrue();
    }

    @Test
    void aDeviceThatIsNotReadSaysNothing() {
        backupReaches = false;
        linked = false;
        run(10 * SILENT_MS);
        assertThat(backup.active()).isFalse();
        backupReaches = true;
        run(STEP_MS);
        assertThat(backup.active())
                .as("it has not been looked at for long enough")
                .isFalse();
        run(10 * SILENT_MS);
        assertThat(backup.active()).as("and then it goes on").isFalse();
    }

    @Test
    void anActiveThatDoesNotReachTheDeviceHandsOverToAPeerThatDoes() {
        primaryReaches = false;
        run(6 * SILENT_MS);
        assertThat(backup.active()).isTrue();
        assertThat(primary.active()).isFalse();
    }

    @Test
    void aDeviceThatNobodyReachesMovesNothing() {
        primaryReaches = false;
        backupReaches = false;
        run(10 * SILENT_MS);
        assertThat(primary.active()).isTrue();
        assertThat(backup.active()).isFalse();
    }

    @Test
    void anActiveThatIsCutOffFromPeerAndDeviceStepsDownWhenTheLinkIsBack() {
        linked = false;
        primaryReaches = false;
        run(5 * SILENT_MS);
        assertThat(backup.active()).isTrue();
        assertThat(primary.active()).as("it cannot know").isTrue();
        linked = true;
        primaryReaches = true;
        run(5 * SILENT_MS);
        assertThat(backup.active()).isTrue();
        assertThat(primary.active()).isFalse();
    }
}
