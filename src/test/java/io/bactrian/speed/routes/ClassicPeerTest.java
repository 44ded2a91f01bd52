package io.bactrian.speed.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classic Binary Star node in Python is the other server of the pair, and a classic sensor in Python uses both. */
@Tag("slow")
class ClassicPeerTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int HEARTBEAT_MS = 1_000;
    /** A sensor that moves is the vote, so it must not move while a server is held up by a busy machine: then both would be active. */
    private static final int SILENCE_MS = 6_000;

    private static final int PROGRESS = 6;

    @TempDir
    Path folder;

    private final String classic = address();
    private final String ours = address();
    private final String classicBeats = address();
    private final int ourBeats = Ports.free();

    private static String address() {
        return "tcp://127.0.0.1:" + Ports.free();
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** A server of ours on one side; the ports of the other side belong to the classic peer, which has none for copies. */
    private PairProcesses server(String side) {
        PairProcesses server = new PairProcesses(folder, List.of("speed-server", "--role"), false, HEARTBEAT_MS);
        server.set(side, "bactrian.pair." + side + ".beats", ourBeats);
        server.set(side, "bactrian.pair." + PairProcesses.other(side) + ".beats", port(classicBeats));
        server.set(side, "bactrian.speed." + side + ".port", port(ours));
        return server;
    }

    private PythonPeer classic(String side) throws IOException {
        return new PythonPeer(
                "classic_binary_star.py",
                "--role",
                side,
                "--listen",
                classic,
                "--beats",
                classicBeats,
                "--peer-beats",
                "tcp://127.0.0.1:" + ourBeats,
                "--heartbeat",
                "" + HEARTBEAT_MS);
    }

    private static PythonPeer sensor(String servers) throws IOException {
        return new PythonPeer(
                "speed_sensor.py", "--servers", servers, "--count", "1000000", "--silence", "" + SILENCE_MS);
    }

    private static void awaitMore(PythonPeer peer, String beginning) {
        long before = peer.count(beginning);
        await().atMost(PATIENCE).until(() -> peer.count(beginning) >= before + PROGRESS);
    }

    @Test
    void aBackupFollowsAClassicPrimaryAndTakesOverWhenItIsKilledAndASensorAsks() throws Exception {
        try (PairProcesses server = server("backup");
                PythonPeer primary = classic("primary")) {
            server.start("backup");
            await().atMost(PATIENCE).until(() -> primary.said().contains("role ACTIVE"));
            await().atMost(PATIENCE).until(() -> server.says("backup", "role", "PASSIVE"));
            try (PythonPeer sensor = sensor(classic + "," + ours)) {
                awaitMore(sensor, "ack ");
                awaitMore(primary, "peer 4"); // by now it is known that this peer tells no states
                assertThat(server.says("backup", "role", "PASSIVE")).isTrue();
                assertThat(sensor.count("server ")).isEqualTo(1);
                primary.kill();
                await().atMost(PATIENCE).until(() -> server.says("backup", "role", "ACTIVE"));
                awaitMore(sensor, "ack ");
                awaitMore(sensor, "average ");
                assertThat(sensor.said()).contains("server " + ours);
                joinsAndTakesOver("primary", server, "backup", sensor);
            }
        }
    }

    @Test
    @Tag("campaign")
    void aClassicBackupFollowsAPrimaryAndTakesOverWhenItIsKilledAndASensorAsks() throws Exception {
        try (PairProcesses server = server("primary")) {
            server.start("primary");
            try (PythonPeer sensor = sensor(ours + "," + classic)) {
                joinsAndTakesOver("backup", server, "primary", sensor);
            }
        }
    }

    /** There is no failback: what is started beside an active server follows it, until that is killed. */
    private void joinsAndTakesOver(String classicSide, PairProcesses server, String side, PythonPeer sensor)
            throws Exception {
        try (PythonPeer joining = classic(classicSide)) {
            await().atMost(PATIENCE).until(() -> joining.said().contains("role PASSIVE"));
            awaitMore(joining, "peer 3");
            assertThat(server.says(side, "role", "ACTIVE")).isTrue();
            assertThat(joining.said()).doesNotContain("role ACTIVE");
            awaitMore(sensor, "ack ");
            server.kill(side);
            awaitMore(joining, "served");
            awaitMore(sensor, "ack ");
            assertThat(joining.said()).contains("role ACTIVE");
            assertThat(joining.isAlive()).as("%s", joining.said()).isTrue();
        }
    }
}
