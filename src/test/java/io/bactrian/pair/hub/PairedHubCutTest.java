package io.bactrian.pair.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Namespaces;
import io.bactrian.testing.PairProcesses;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hubs, their witness and their clients, each in a network namespace of its own, whose links are cut in all ways: what was
 * accepted is got once, in order, by everybody, and it goes on while two of the three are connected.
 */
class PairedHubCutTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PRIMARY = 0;
    private static final int BACKUP = 1;
    private static final int WITNESS = 2;
    private static final int CLIENTS = 3;
    private static final int PUBLISH = Ports.free();
    private static final int SUBSCRIBE = Ports.free();

    @TempDir
    Path folder;

    /** A cut of links, or their end. */
    private interface Cut {
        void set(boolean isCut) throws IOException;
    }

    /** What is cut while clients go on. */
    private interface Cuts {
        void play(Namespaces network, PairProcesses hubs, HubLoadProcess load) throws Exception;
    }

    /** The cable of the active, then everything that the active says to the passive. */
    @Test
    @Tag("slow")
    void goesOnWhenTheActiveIsCutOffAndWhenOnlyItsCopiesAre() throws Exception {
        played((network, hubs, load) -> {
            int cable = awaitActive(hubs);
            during(isCut -> network.cut(cable, isCut), hubs, load, true);
            int from = awaitActive(hubs);
            during(isCut -> network.cutOneWay(from, from == PRIMARY ? BACKUP : PRIMARY, isCut), hubs, load, true);
        });
    }

    @Test
    @Tag("campaign")
    void goesOnWhileTwoOfThreeAreConnected() throws Exception {
        played((network, hubs, load) -> {
            for (int link : List.of(PRIMARY, BACKUP, PRIMARY, BACKUP, WITNESS)) {
                during(isCut -> network.cut(link, isCut), hubs, load, true);
            }
            during(isCut -> network.cut(CLIENTS, isCut), hubs, load, false);
            for (int from : List.of(PRIMARY, BACKUP)) {
                for (int to : List.of(PRIMARY, BACKUP, WITNESS)) {
                    if (from != to) {
                        during(isCut -> network.cutOneWay(from, to, isCut), hubs, load, true);
                    }
                }
            }
            during(
                    isCut -> {
                        network.cutOneWay(PRIMARY, BACKUP, isCut);
                        network.cutOneWay(BACKUP, PRIMARY, isCut);
                    },
                    hubs,
                    load,
                    true);
        });
    }

    private void played(Cuts cuts) throws Exception {
        try (Namespaces network = Namespaces.make(CLIENTS);
                PairProcesses hubs = hubs(network)) {
            hubs.start("witness");
            hubs.start("primary");
            hubs.start("backup");
            awaitActive(hubs);
            String hosts = network.host(PRIMARY) + ports() + "," + network.host(BACKUP) + ports();
            try (HubLoadProcess load = new HubLoadProcess(network, folder, "load", hosts, 2, 2)) {
                load.awaitProgress();
                cuts.play(network, hubs, load);
                assertThat(load.verdict()).isEqualTo("good");
            }
        }
    }

    private static String ports() {
        return ":" + PUBLISH + "/" + SUBSCRIBE;
    }

    private PairProcesses hubs(Namespaces network) {
        PairProcesses hubs = new PairProcesses(folder, List.of("hub-pair", "--side"), true, 200, network);
        for (int i : List.of(PRIMARY, BACKUP)) {
            String side = i == PRIMARY ? "primary" : "backup";
            hubs.set(side, "bactrian.hub.publish", "tcp://" + network.host(i) + ":" + PUBLISH);
            hubs.set(side, "bactrian.hub.subscribe", "tcp://" + network.host(i) + ":" + SUBSCRIBE);
        }
        hubs.setOfBoth("bactrian.pair.rehearse", false); // takes a second of each start
        return hubs;
    }

    private static void during(Cut cut, PairProcesses hubs, HubLoadProcess load, boolean goesOn) throws Exception {
        cut.set(true);
        if (goesOn) {
            load.awaitProgress();
            load.awaitProgress();
        } else {
            await().atMost(PATIENCE).until(() -> {
                List<Long> before = load.accepted();
                TimeUnit.SECONDS.sleep(1);
                return before.equals(load.accepted());
            });
        }
        cut.set(false);
        awaitActive(hubs);
        load.awaitProgress();
    }

    private static int awaitActive(PairProcesses hubs) {
        return await().atMost(PATIENCE).until(() -> active(hubs), node -> node >= 0);
    }

    /** The node that is active with its peer in step; -1 if none is. */
    private static int active(PairProcesses hubs) {
        return hubs.says("primary", "peerStanding", "IN")
                ? PRIMARY
                : hubs.says("backup", "peerStanding", "IN") ? BACKUP : -1;
    }
}
