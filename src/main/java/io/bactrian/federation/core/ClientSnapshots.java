package io.bactrian.federation.core;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Answers clients that ask for a snapshot, in parts, so that nobody else waits for a large one and the memory does not hold it.
 * A snapshot has the sequence of when it began: what changes meanwhile is published with a later one, and clients apply it
 * after the snapshot. For one thread.
 */
final class ClientSnapshots {
    private static final int KEYS_OF_A_TICK = 5_000;
    private static final int KEYS_OF_A_PART = 500;
    private static final int SNAPSHOTS_MAX = 1_000;
    private static final int SNAPSHOTS_OF_A_CLIENT_MAX = 4;

    private final NodeContext context;
    private final Deque<Snapshot> waiting = new ArrayDeque<>();
    private int left = KEYS_OF_A_TICK;

    /** A snapshot that is under way, and how far. */
    private static final class Snapshot {
        private final ReturnPath path;
        private final String subtree;
        private final long sequence;
        private String last = "";
        private long count;

        private Snapshot(ReturnPath path, String subtree, long sequence) {
            this.path = path;
            this.subtree = subtree;
            this.sequence = sequence;
        }
    }

    ClientSnapshots(NodeContext context) {
        this.context = context;
    }

    /** A client asks for the keys that begin with a text. */
    void ask(ReturnPath path, String subtree) {
        long same = waiting.stream()
                .filter(other -> Arrays.equals(other.path.routingId(), path.routingId()))
                .count();
        if (waiting.size() >= SNAPSHOTS_MAX || same >= SNAPSHOTS_OF_A_CLIENT_MAX) {
            context.actions.warn(
                    "full",
                    "refused a snapshot: at most " + SNAPSHOTS_MAX + " are under way, of a client "
                            + SNAPSHOTS_OF_A_CLIENT_MAX);
            return;
        }
        waiting.add(new Snapshot(path, subtree, context.sequence()));
        serve();
    }

    /** Time has passed: the next parts go out. */
    void tick() {
        left = KEYS_OF_A_TICK;
        serve();
    }

    /** Messages were dropped, perhaps parts of snapshots: their clients have to ask again. */
    void drop() {
        waiting.clear();
    }

    private void serve() {
        if (!context.active) {
            drop();
        }
        while (left > 0 && !waiting.isEmpty()) {
            Snapshot next = waiting.remove();
            if (!ended(next)) {
                waiting.add(next);
            }
        }
    }

    /** Sends a part. Each client in turn gets one. */
    private boolean ended(Snapshot snapshot) {
        int part = Math.min(left, KEYS_OF_A_PART);
        List<StateEntry> entries = context.state.startingWith(snapshot.subtree, snapshot.last, part);
        for (StateEntry entry : entries) {
            send(snapshot, entry.key(), entry.uuid(), NodeContext.clientProperties(entry), entry.value());
            snapshot.last = entry.key();
        }
        snapshot.count += entries.size();
        left -= Math.max(1, entries.size());
        if (entries.size() == part) {
            return false;
        }
        // By the count a client sees whether it was too slow for its queue.
        send(
                snapshot,
                ClusteredHashmap.KTHXBAI,
                ClusteredHashmap.EMPTY,
                Map.of("count", Long.toString(snapshot.count)),
                ClusteredHashmap.octets(snapshot.subtree));
        return true;
    }

    private void send(Snapshot snapshot, String key, byte[] uuid, Map<String, String> properties, byte[] body) {
        context.actions
                .outgoing()
                .add(snapshot.path.outgoing(ClusteredHashmap.frames(key, snapshot.sequence, uuid, properties, body)));
    }
}
