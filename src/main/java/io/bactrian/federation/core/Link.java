package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a node knows of one neighbouring process: where it is reached, whether it lives, and what it was sent. */
final class Link {
    /** On which side the neighbour is. */
    enum Side {
        PARENT,
        CHILD,
        PEER
    }

    Member member;
    final Side side;
    final Door door;
    final String alarm;
    final String inactiveAlarm;
    final String topologyAlarm;
    byte[] routingId = ClusteredHashmap.EMPTY;
    boolean up;
    boolean active = true;
    /** The neighbour has said what it knows of our own keys, and we have it. */
    boolean greeted;

    long heardMs;
    long silentSinceMs;
    long inactiveSinceMs;
    /** When its topology was the same in what counts. */
    long agreedMs;

    long pingMs;
    long pingSequence;
    long delayMs = -1;
    /** The last change of each owner that went over this link, where it is not the head. */
    final Map<String, Version> sent = new HashMap<>();

    /** The snapshot that is under way to us. */
    byte[] syncId = ClusteredHashmap.EMPTY;

    long syncMs;

    @Nullable List<StateEntry> syncEntries;

    /** Of these owners a change in the snapshot was refused. */
    final Set<String> syncRefused = new HashSet<>();

    /** How many changes in the snapshot were refused. */
    int syncRefusals;

    Link(Member member, Side side, Door door, long nowMs) {
        this.member = member;
        this.side = side;
        this.door = door;
        this.silentSinceMs = nowMs;
        this.inactiveSinceMs = nowMs;
        this.agreedMs = nowMs;
        this.inactiveAlarm = AlarmBook.name("inactive", member.node());
        this.topologyAlarm = AlarmBook.name("topology", member.id());
        this.alarm = AlarmBook.name("silent", member.id());
    }

    String node() {
        return member.node();
    }

    boolean reachable() {
        return door != Door.SOUTH || routingId.length > 0;
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
