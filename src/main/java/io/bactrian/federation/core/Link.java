package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The state of one neighbouring process, as a node knows it: where it is reached, whether it lives, and what it was sent. */
final class Link {
    /** On which side the neighbour is. */
    enum LinkSide {
        PARENT,
        CHILD,
        PEER
    }

    Member member;
    final LinkSide side;
    final Door door;
    final String alarm;
    final String inactiveAlarm;
    final String topologyAlarm;
    byte[] routingId = ClusteredHashmap.EMPTY;
    boolean up;
    boolean active = true;
    /** The neighbour has said what it knows of our own keys, and we have it. */
    boolean greeted;

    /** The neighbour does not know of this connection yet. */
    boolean greets;

    /** How often a connection has begun; what was under way on a former one is lost. */
    int connections;

    long heardMs;
    long silentSinceMs;
    long inactiveSinceMs;
    /** When its topology was the same in what counts. */
    long agreedMs;

    long pingMs;
    long pingSequence;
    long delayMs = -1;
    /** The last change of each owner that went over this link, where it is not the head. */
    final Map<String, StateVersion> sent = new HashMap<>();

    /** The snapshot that is under way to us. */
    byte[] syncId = ClusteredHashmap.EMPTY;

    long syncMs;

    @Nullable List<StateEntry> syncEntries;

    /** Of these owners a change in the snapshot was refused. */
    final Set<String> syncRefused = new HashSet<>();

    /** How many changes in the snapshot were refused. */
    int syncRefusals;

    Link(Member member, LinkSide side, Door door, long nowMs) {
        this.member = member;
        this.side = side;
        this.door = door;
        listen(nowMs);
        this.inactiveAlarm = AlarmBook.name(AlarmBook.INACTIVE, member.node());
        this.topologyAlarm = AlarmBook.name(AlarmBook.TOPOLOGY, member.id());
        this.alarm = AlarmBook.name(AlarmBook.SILENT, member.id());
    }

    /** From now on the neighbour can be heard. */
    final void listen(long nowMs) {
        silentSinceMs = nowMs;
        inactiveSinceMs = nowMs;
        agreedMs = nowMs;
    }

    String node() {
        return member.node();
    }

    boolean reachable() {
        return door != Door.SOUTH || routingId.length > 0;
    }

    /** A connection begins. */
    void begin() {
        connections++;
        greeted = false;
        sent.clear();
        endSync();
    }

    void beginSync(byte[] id, long nowMs) {
        syncId = id;
        syncMs = nowMs;
        syncEntries = new ArrayList<>();
        syncRefused.clear();
        syncRefusals = 0;
    }

    void endSync() {
        syncId = ClusteredHashmap.EMPTY;
        syncEntries = null;
    }
}
