package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;

/**
 * A takeover by a node of a pair over a log that is thrown away, with a witness that lives as long. A real one then finds the
 * code that it needs loaded, which takes longer than all that it does.
 */
public final class PairRehearsal {
    private PairRehearsal() {}

    /**
     * Becomes active in an epoch of the node's side above all of the log.
     *
     * @throws RuntimeException if the log fails
     */
    public static void takeOver(PairSettings settings, PairLog log, long nowMs) {
        PairSettings witnessed = new PairSettings(
                settings.pair(),
                settings.side(),
                settings.heartbeatMs(),
                true,
                settings.sync(),
                settings.windowBytes(),
                settings.chunkBytes(),
                settings.joinLag(),
                settings.outAfterMs());
        Side peer = settings.side().other();
        int former = peer.epochAbove(log.history().epochStarts().size());
        Desk desk = new Desk(new WitnessRecord(former, peer, 1, EnumSet.allOf(Side.class)));
        PairNode node = new PairNode(witnessed, log, new NoStore(former), new NoReplica(), desk, 1, nowMs);
        node.heartbeat(Role.ACTIVE, nowMs);
        node.tick(nowMs);
        desk.answer(node, nowMs);
        node.peerRefused(nowMs);
        desk.answer(node, nowMs);
        if (!node.active()) {
            throw new IllegalStateException("the takeover was not granted");
        }
        node.appended(nowMs);
    }

    /** The witness of one node; what goes to the peer is only encoded. */
    private static final class Desk implements Outbox {
        private final Queue<byte[]> questions = new ArrayDeque<>();
        private WitnessRecord record;

        private Desk(WitnessRecord record) {
            this.record = record;
        }

        private void answer(PairNode node, long nowMs) {
            try {
                for (byte[] question = questions.poll(); question != null; question = questions.poll()) {
                    Witness.Decision decision = Witness.decide(record, PairCodec.request(question));
                    WitnessRecord kept = decision.keep();
                    record = kept == null ? record : kept;
                    node.witnessReply(PairCodec.reply(PairCodec.encode(decision.reply())), nowMs);
                }
            } catch (PairCodec.BadFrameException e) {
                throw new IllegalStateException("a frame of this node's own is refused", e);
            }
        }

        @Override
        public void toPeer(PairMessage message) {
            PairCodec.encode(message);
        }

        @Override
        public void toWitness(Witness.Request request) {
            questions.add(PairCodec.encode(request));
        }

        @Override
        public void event(PairEvent event) {}
    }

    private record NoStore(int highestEpoch) implements PairStore {
        @Override
        public void keepHighestEpoch(int epoch) {}
    }

    private static final class NoReplica implements Replica {
        @Override
        public void copied(List<Entry> entries) {}

        @Override
        public void rebuild() {}

        @Override
        public void activated(int epoch) {}

        @Override
        public void deactivated() {}

        @Override
        public void committed(long position) {}
    }
}
