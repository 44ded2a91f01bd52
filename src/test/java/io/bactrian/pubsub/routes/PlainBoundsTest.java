package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.core.CommitGate;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.Machines;
import io.bactrian.pubsub.core.MemorySnapshots;
import io.bactrian.wire.Batch;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.zeromq.ZeroMqMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainBoundsTest {
    private static final int BATCH_MAX = 64 << 10;

    @TempDir
    Path folder;

    @Test
    void aMessageThatFitsNoBatchIsDroppedAloneAndCounted() {
        BadInput badInput = new BadInput(() -> 0);
        HubLimits limits = new HubLimits(BATCH_MAX, BATCH_MAX, 10, 10, 100, 10, 10, 1 << 20);
        JournalSettings settings =
                JournalSettings.builder().maxEntryBytes(BATCH_MAX).build();
        try (Journal journal = Journal.open(folder, settings)) {
            PlainPeers peers = new PlainPeers(
                    () -> started(journal, limits), limits, new HubCounters(), badInput, Clock.systemUTC());

            PlainRound round = peers.wrap(List.of(message(10), message(BATCH_MAX - 10), message(10)));
            List<NewEntry> entries = new ArrayList<>();
            round.forEach(entries::add);

            long end = journal.end();
            assertThat(journal.append(entries)).isEqualTo(end + 1);
            assertThat(entries).singleElement().extracting(NewEntry::count).isEqualTo(2);
            assertThat(badInput.counts()).containsEntry("message-too-large", 1L);
        }
    }

    @Test
    void aTopicOfOctetsThatAreNoTextIsRefusedAndCountedAndAnyOtherComesThroughUnchanged() {
        BadInput badInput = new BadInput(() -> 0);
        try (Journal journal = Journal.open(folder, JournalSettings.defaults())) {
            HubLimits limits = HubLimits.defaults();
            PlainPeers peers = new PlainPeers(
                    () -> started(journal, limits), limits, new HubCounters(), badInput, Clock.systemUTC());
            byte[] body = {(byte) 0xff, 0, (byte) 0xc3};
            List<byte[]> refused = List.of(
                    new byte[] {(byte) 0xff},
                    new byte[] {'t', (byte) 0xc3},
                    new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                    new byte[] {'t', 0},
                    new byte[0],
                    new byte[256]);
            List<byte[]> taken = List.of(
                    "größe".getBytes(StandardCharsets.UTF_8),
                    "\ufffd".getBytes(StandardCharsets.UTF_8),
                    new byte[] {' ', '*', '\n'});

            List<Batch> batches = peers.wrap(Stream.concat(refused.stream(), taken.stream())
                            .map(topic -> ZeroMqMessage.of(null, List.of(topic, body)))
                            .toList())
                    .batches();

            assertThat(badInput.counts()).isEqualTo(Map.of("malformed", (long) refused.size()));
            assertThat(batches).hasSize(taken.size());
            for (int i = 0; i < taken.size(); i++) {
                Batch batch = batches.get(i);
                assertThat(batch.topic().getBytes(StandardCharsets.UTF_8)).isEqualTo(taken.get(i));
                assertThat(batch.records()).containsExactly(body);
            }
        }
    }

    @Test
    void whatIsNoSubscriptionIsNotTakenForOne() {
        try (Journal journal = Journal.open(folder, JournalSettings.defaults())) {
            PlainPeers peers = new PlainPeers(
                    () -> started(journal, HubLimits.defaults()),
                    HubLimits.defaults(),
                    new HubCounters(),
                    new BadInput(() -> 0),
                    Clock.systemUTC());
            BatchBuilder batch = new BatchBuilder("p", "t", 1, 1);
            batch.append(new byte[1]);
            List<Batch> taken = List.of(batch.build());

            peers.subscriptions(List.of(ZeroMqMessage.of(null, new byte[] {(byte) 0xB7, 't'})));
            assertThat(peers.wanted(taken)).isFalse();
            peers.subscriptions(List.of(ZeroMqMessage.of(null, new byte[] {1, 't'})));
            assertThat(peers.wanted(taken)).isTrue();
        }
    }

    private static HubMachine started(Journal journal, HubLimits limits) {
        HubMachine hub = Machines.over(new JournalLog(journal), new MemorySnapshots(), limits, CommitGate.ALONE);
        hub.start(0);
        return hub;
    }

    private static ZeroMqMessage message(int bytes) {
        return ZeroMqMessage.of(null, List.of(new byte[] {'t'}, new byte[bytes]));
    }
}
