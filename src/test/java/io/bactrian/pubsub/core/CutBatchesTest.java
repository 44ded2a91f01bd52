package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.TopicSequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A publisher with an outbox, whose batches do not fit its hub, ends after each step and is started anew. */
class CutBatchesTest {
    private static final PublisherSettings SETTINGS =
            PublisherSettings.of("p").withTimes(100, 400, 1000).withOutbox(true).withBatches(100_000, 10);
    private static final int MESSAGE_BYTES_MAX = 100;
    private static final int BATCH_BYTES_MAX = 1_024;
    private static final int MESSAGES = 30;

    /** A hub of one topic, by the rules of the protocol's page. */
    private static final class OneTopicHub {
        private final List<Integer> log = new ArrayList<>();
        private long last;
        private long granted;
        private long inForce;
        private long instance;
        private int messageBytesMax = MESSAGE_BYTES_MAX;
        private int batchBytesMax = BATCH_BYTES_MAX;

        List<Command> take(byte[] frame) throws Exception {
            if (Batch.isBatch(frame)) {
                return List.of(log(Batch.parseTrusted(frame)));
            }
            Command command = Commands.decode(frame);
            if (command instanceof Command.Hello hello) {
                granted += hello.instance() == instance ? 0 : 1;
                instance = hello.instance();
                return List.of(new Command.Welcome(instance, granted, 1, messageBytesMax, batchBytesMax));
            } else if (command instanceof Command.Open open && open.epoch() < inForce) {
                return List.of(new Command.Refuse(open.epoch(), "", 0, 0, Code.STALE_EPOCH, "another is in force"));
            } else if (command instanceof Command.Open open) {
                inForce = open.epoch();
                return open.accepted().isEmpty()
                        ? List.of()
                        : List.of(new Command.Opened(inForce, List.of(new TopicSequence("t", last))));
            }
            return List.of();
        }

        private Command log(Batch batch) {
            int largest =
                    batch.records().stream().mapToInt(body -> body.length).max().orElseThrow();
            if (batch.epoch() < inForce) {
                return refusal(batch, 0, Code.STALE_EPOCH);
            } else if (largest > messageBytesMax) {
                return refusal(batch, 0, Code.MESSAGE_TOO_LARGE);
            } else if (batch.bytes().length > batchBytesMax) {
                return refusal(batch, 0, Code.BATCH_TOO_LARGE);
            } else if (batch.sequence() > last + 1) {
                return refusal(batch, last + 1, Code.GAP);
            }
            if (batch.last() > last) {
                batch.from(last + 1).records().forEach(body -> log.add((int) body[0]));
                last = batch.last();
            }
            return new Command.Ack(inForce, 1, List.of(new TopicSequence("t", last)));
        }

        private static Command refusal(Batch batch, long expected, Code code) {
            return new Command.Refuse(batch.epoch(), "t", batch.sequence(), expected, code, "refused");
        }
    }

    /** What a process is, and what of it survives. */
    private static final class Life implements PublisherOutput {
        private final List<byte[]> disk;
        private final ArrayDeque<byte[]> toHub = new ArrayDeque<>();
        private final ArrayDeque<OutboxEntry> unsynced = new ArrayDeque<>();
        private final TreeSet<Integer> accepted;
        private final TreeSet<Integer> failed;
        private final PublisherCore core;
        private long synced;

        Life(List<byte[]> disk, TreeSet<Integer> accepted, TreeSet<Integer> failed, long instance) throws Exception {
            this.disk = disk;
            this.accepted = accepted;
            this.failed = failed;
            OutboxReplay outbox = new OutboxReplay();
            for (byte[] entry : disk) {
                outbox.read(OutboxEntry.decode(entry));
            }
            core = new PublisherCore(SETTINGS, this, new Instances(instance)::next, outbox);
            core.start(0);
        }

        /** Does the next thing; false if there is none. */
        boolean step(OneTopicHub hub) throws Exception {
            OutboxEntry entry = unsynced.poll();
            byte[] frame = entry == null ? toHub.poll() : null;
            if (entry != null) {
                disk.add(entry.encode());
                core.stored(++synced, 1);
            } else if (frame != null) {
                for (Command answer : hub.take(frame)) {
                    core.receive(answer.encode(), 1);
                }
            }
            return entry != null || frame != null;
        }

        @Override
        public void send(byte[] frame) {
            toHub.add(frame);
        }

        @Override
        public void store(OutboxEntry entry) {
            unsynced.add(entry);
        }

        @Override
        public void kept(SealedBatch batch) {}

        @Override
        public void accepted(SealedBatch batch) {
            batch.batch().records().forEach(body -> accepted.add((int) body[0]));
        }

        @Override
        public void failed(SealedBatch batch, Code code, String text) {
            batch.batch().records().forEach(body -> failed.add((int) body[0]));
        }

        @Override
        public void troubled(Code code, String text) {}

        @Override
        public void stopped(Code code, String text) {
            throw new IllegalStateException(code + " " + text);
        }
    }

    private static final class Instances {
        private long last;

        Instances(long last) {
            this.last = last;
        }

        long next() {
            return ++last;
        }
    }

    private static boolean large(int number) {
        return number % 10 == 0 || number % 10 == 4 || number % 10 == 5 || number == 1;
    }

    private static byte[] message(int number) {
        byte[] body = new byte[large(number) ? 400 : 60];
        body[0] = (byte) number;
        return body;
    }

    /** The first process ends after so many steps; the hub bounds become lower after others, or hold from the start if 0. */
    private static int run(int steps, int lowered) throws Exception {
        OneTopicHub hub = new OneTopicHub();
        if (lowered > 0) {
            hub.messageBytesMax = 1_000;
            hub.batchBytesMax = 100_000;
        }
        List<byte[]> disk = new ArrayList<>();
        TreeSet<Integer> accepted = new TreeSet<>();
        TreeSet<Integer> failed = new TreeSet<>();
        Life first = new Life(disk, accepted, failed, 100);
        for (int i = 1; i <= MESSAGES; i++) {
            first.core.offer("t", message(i), null, 0);
        }
        while (!first.unsynced.isEmpty()) {
            first.step(hub);
        }
        int done = 0;
        while (done < steps && first.step(hub)) {
            done++;
            if (done == lowered) {
                hub.messageBytesMax = MESSAGE_BYTES_MAX;
                hub.batchBytesMax = BATCH_BYTES_MAX;
            }
        }
        Life second = first;
        if (done == steps) {
            hub.messageBytesMax = MESSAGE_BYTES_MAX;
            hub.batchBytesMax = BATCH_BYTES_MAX;
            second = new Life(disk, accepted, failed, 200);
            for (int ms = 0; ms < 20_000 && !second.core.idle(); ms += 50) {
                while (second.step(hub)) {
                    assertThat(hub.log.size()).isLessThanOrEqualTo(MESSAGES);
                }
                second.core.tick(ms);
            }
        }
        assertThat(second.core.idle()).as("ended after step %s", steps).isTrue();
        List<Integer> kept = new ArrayList<>();
        for (int i = 1; i <= MESSAGES; i++) {
            if (!failed.contains(i)) {
                kept.add(i);
            }
        }
        assertThat(hub.log).as("ended after step %s", steps).isEqualTo(kept);
        assertThat(hub.log).as("ended after step %s", steps).containsAll(accepted);
        assertThat(failed).as("ended after step %s", steps).allMatch(CutBatchesTest::large);
        if (lowered == 0) {
            assertThat(failed).as("ended after step %s", steps).hasSize(10);
        }
        return done;
    }

    @Test
    void itsNeighboursAreLoggedOnceAndInOrderWhereverItEnds() throws Exception {
        int all = run(Integer.MAX_VALUE, 0);
        assertThat(all).isGreaterThan(20);
        for (int steps = 0; steps <= all; steps++) {
            run(steps, 0);
        }
    }

    @Test
    void theSameIfTheHubsBoundsBecomeLowerWhileItSends() throws Exception {
        for (int lowered = 1; lowered <= 20; lowered++) {
            int all = run(Integer.MAX_VALUE, lowered);
            for (int steps = 0; steps <= all; steps++) {
                run(steps, lowered);
            }
        }
    }
}
