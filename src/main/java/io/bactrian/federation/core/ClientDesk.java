package io.bactrian.federation.core;

import io.bactrian.federation.core.ActorCommand.Address;
import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import java.util.List;
import java.util.Map;

/** Answers clients, by the Clustered Hashmap Protocol and the requests beside it. For one thread. */
final class ClientDesk {
    private static final long MS_PER_S = 1_000;

    private final NodeContext context;
    private final CommandDesk desk;
    private final OwnKeys own;
    private final PairDuty pair;
    private final ClientSnapshots snapshots;

    ClientDesk(NodeContext context, CommandDesk desk, OwnKeys own, PairDuty pair, ClientSnapshots snapshots) {
        this.context = context;
        this.desk = desk;
        this.own = own;
        this.pair = pair;
        this.snapshots = snapshots;
    }

    /** A client asks for a snapshot, a key, a change or a command. */
    void receive(byte[] routingId, List<byte[]> all, long nowMs) {
        ReturnPath path = ReturnPath.of(routingId, all);
        List<byte[]> frames = all.subList(path.envelope().size(), all.size());
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("a request is empty");
        }
        pair.vote("a client", nowMs);
        if (!context.active) {
            // A passive process does not answer: the client goes to the other one.
            context.actions.note("not-active", "a client has asked a passive process");
            return;
        }
        String first = ClusteredHashmap.text(frames.get(0));
        if (first.equals(ClusteredHashmap.ICANHAZ) && frames.size() <= 2) {
            snapshots.ask(path, frames.size() < 2 ? "" : ClusteredHashmap.text(frames.get(1)));
            return;
        }
        KeyValue message = ClusteredHashmap.read(frames, 0);
        if (message.uuid().length == 0) {
            throw new IllegalArgumentException("a request has a UUID");
        }
        switch (message.key()) {
            case "GET?" -> getForClient(path, message);
            case "SET?" -> setForClient(path, message, nowMs);
            case "COMMAND?" -> commandForClient(path, message, nowMs);
            default ->
                throw new IllegalArgumentException(
                        "clients send ICANHAZ?, GET?, SET? or COMMAND?, not " + message.key());
        }
    }

    private static long life(KeyValue message) {
        String life = message.property("life");
        return life.isEmpty() ? 5 * MS_PER_S : Math.max(1, Math.min(Long.parseLong(life), 3_600 * MS_PER_S));
    }

    private void getForClient(ReturnPath path, KeyValue message) {
        StateEntry entry = context.state.get(message.property("key"));
        if (entry == null) {
            answerClient(path, message, false, "no such key: " + message.property("key"));
        } else {
            context.actions
                    .outgoing()
                    .add(path.outgoing(ClusteredHashmap.frames(
                            ClusteredHashmap.DONE,
                            0,
                            message.uuid(),
                            NodeContext.clientProperties(entry),
                            entry.value())));
        }
    }

    private void setForClient(ReturnPath path, KeyValue message, long nowMs) {
        String key = message.property("key");
        String owner = context.topology.owner(key);
        if (owner == null) {
            answerClient(path, message, false, "nobody owns " + key + ": add its subtree to owns in the topology");
        } else {
            byte[] request = SetRequest.octets(key, ttlMs(message), message.body());
            Address to = new Address(NodeCore.STATE_ACTOR, owner);
            desk.send(desk.command(message.uuid(), client(), to, true, life(message), request), path, nowMs);
        }
    }

    private void commandForClient(ReturnPath path, KeyValue message, long nowMs) {
        Address to = Address.parse(message.property("to"), context.self.node());
        boolean dialog = !message.property("dialog").equals("false");
        desk.send(desk.command(message.uuid(), client(), to, dialog, life(message), message.body()), path, nowMs);
        if (!dialog) {
            answerClient(path, message, true, "sent");
        }
    }

    private Address client() {
        return new Address("client", context.self.node());
    }

    private void answerClient(ReturnPath path, KeyValue message, boolean done, String text) {
        context.actions
                .outgoing()
                .add(path.outgoing(ClusteredHashmap.frames(
                        done ? ClusteredHashmap.DONE : ClusteredHashmap.FAILED,
                        0,
                        message.uuid(),
                        Map.of(),
                        ClusteredHashmap.octets(text))));
    }

    private static long ttlMs(KeyValue message) {
        String ttl = message.property("ttl");
        return ttl.isEmpty() ? 0 : Math.max(0, Long.parseLong(ttl)) * MS_PER_S;
    }

    /** A KVSET of a client: only this node's own keys may be set so. */
    void update(KeyValue message) {
        if (message.key().equals(ClusteredHashmap.HUGZ)) {
            return;
        }
        long ttlMs = ttlMs(message);
        String refused = own.isDelegated(message.key())
                ? message.key() + " is a value of a field device: set it by SET?"
                : own.set(message.key(), message.body(), ttlMs == 0 ? 0 : context.wallMs() + ttlMs, message.uuid());
        if (!refused.isEmpty()) {
            context.actions.warn("foreign-update", "refused a client's change: " + refused);
        }
    }
}
