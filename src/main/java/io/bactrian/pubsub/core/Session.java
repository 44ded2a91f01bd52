package io.bactrian.pubsub.core;

import io.bactrian.wire.Command;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One attachment of a subscriber: how far it was fed, and what is under way. */
final class Session {
    private record UnderWay(long last, int bytes) {}

    private record Opening(Command.Attach attach, ResumePoint resume) {}

    private final int number;
    private final long instance;
    private final ArrayDeque<UnderWay> underWay = new ArrayDeque<>();
    private byte[] peer;
    private int windowBytes;
    private boolean headers;
    private long underWayBytes;
    /** Every position up to here was looked at for this subscriber. */
    private long fed;
    /** The last position that was delivered, or where the chain began. */
    private long previous;

    private long highest;
    /** The highest that {@link #fed} ever was: what a late RESEND takes back may be acknowledged all the same. */
    private long furthest;

    private long plan;
    private long lastReceivedMs;
    private long lastMovedMs;
    private long unreadableFrom;
    private int lastRequest;
    private @Nullable Opening opening;
    private long endOfItsEpoch = ResumePoint.NO_END;
    private long other = SubscriberInstance.NONE;
    private boolean announced;
    private boolean endAsked;
    private boolean keepsUp;

    Session(int number, long instance, byte[] peer, int windowBytes, boolean headers, long nowMs) {
        this.number = number;
        this.instance = instance;
        this.peer = peer;
        this.windowBytes = windowBytes;
        this.headers = headers;
        // No plan of one session is a plan of another.
        this.plan = (long) number << 32;
        this.lastReceivedMs = nowMs;
        this.lastMovedMs = nowMs;
    }

    /** What was answered to this ATTACH if nothing else was heard since: the answer may have been lost. */
    @Nullable ResumePoint answered(Command.Attach attach) {
        Opening last = opening;
        return last != null && last.attach().equals(attach) ? last.resume() : null;
    }

    void answered(Command.Attach attach, ResumePoint resume) {
        opening = new Opening(attach, resume);
    }

    /**
     * The last position of the log epoch in which the subscriber may speak until it takes a delivery: it has patterns of
     * that time, which it does not know as cut.
     */
    long endOfItsEpoch() {
        return endOfItsEpoch;
    }

    void endOfItsEpoch(long end) {
        endOfItsEpoch = end;
    }

    /** The instance of another process that used the subscriber before and has not detached; it may run still. */
    long other() {
        return other;
    }

    void other(long formerInstance) {
        other = formerInstance;
    }

    int number() {
        return number;
    }

    /** The position from which it was told that the log is damaged; 0 if it was not. */
    long unreadableFrom() {
        return unreadableFrom;
    }

    void unreadableFrom(long position) {
        unreadableFrom = position;
    }

    int lastRequest() {
        return lastRequest;
    }

    void lastRequest(int request) {
        lastRequest = request;
    }

    int windowBytes() {
        return windowBytes;
    }

    /** Whether it wants the headers of messages, and not their bodies alone. */
    boolean wantsHeaders() {
        return headers;
    }

    long instance() {
        return instance;
    }

    byte[] peer() {
        return peer;
    }

    long fed() {
        return fed;
    }

    long furthest() {
        return furthest;
    }

    long previous() {
        return previous;
    }

    long plan() {
        return plan;
    }

    long lastReceivedMs() {
        return lastReceivedMs;
    }

    void received(long nowMs) {
        opening = null;
        lastReceivedMs = nowMs;
    }

    void reattached(byte[] newPeer, int newWindowBytes, boolean wantsHeaders) {
        peer = newPeer;
        windowBytes = newWindowBytes;
        headers = wantsHeaders;
    }

    /** Starts the chain anew after {@code cursor}; whatever was planned or under way no longer counts. */
    void feedFrom(long cursor) {
        fed = cursor;
        furthest = Math.max(furthest, cursor);
        previous = cursor;
        underWay.clear();
        underWayBytes = 0;
        plan++;
    }

    /** Sends again what was delivered after {@code cursor}. */
    void resendFrom(long cursor) {
        while (!underWay.isEmpty() && underWay.peekLast().last() > cursor) {
            underWayBytes -= underWay.removeLast().bytes();
        }
        fed = cursor;
        previous = cursor;
        plan++;
    }

    /** Takes back what was planned and not delivered. */
    void planAgainFrom(long position) {
        fed = Math.max(previous, position);
        plan++;
    }

    /** Whether the peer was told of this session; before that it is not fed. */
    boolean announced() {
        return announced;
    }

    void announced(boolean told) {
        announced = told;
    }

    boolean endAsked() {
        return endAsked;
    }

    void endAsked(boolean asked) {
        endAsked = asked;
    }

    /** Octets that may still be planned; at least 1 when nothing is under way, so that one batch always is. */
    long credit() {
        return underWay.isEmpty() ? Math.max(1, windowBytes) : windowBytes - underWayBytes;
    }

    /**
     * True if it is fed from memory, and counts as live: from when it has come to the newest part of the log until it needs what
     * is on the disk only.
     */
    boolean keepsUp() {
        return keepsUp;
    }

    void keepsUp(boolean fromMemory) {
        keepsUp = fromMemory;
    }

    /** True if most of its window is free: so it waits for the hub, and the hub not for it. */
    boolean waitsForTheHub() {
        return underWay.isEmpty() || underWayBytes < windowBytes / 2;
    }

    boolean idle() {
        return underWay.isEmpty();
    }

    void lookedAt(long position) {
        fed = Math.max(fed, position);
        furthest = Math.max(furthest, fed);
    }

    /** Counts a delivery as under way and returns the position before it in the chain. */
    long deliver(Delivery delivery, long nowMs) {
        long before = previous;
        previous = delivery.last();
        highest = Math.max(highest, previous);
        underWay.add(new UnderWay(delivery.last(), delivery.payload().length));
        underWayBytes += delivery.payload().length;
        lastMovedMs = nowMs;
        return before;
    }

    boolean deliveredBefore(Delivery delivery) {
        return delivery.last() <= highest;
    }

    void acknowledged(long cursor, long nowMs) {
        while (!underWay.isEmpty() && underWay.peek().last() <= cursor) {
            underWayBytes -= underWay.remove().bytes();
            lastMovedMs = nowMs;
        }
        if (cursor > fed) {
            fed = cursor;
            previous = Math.max(previous, cursor);
            plan++;
        }
    }

    /** Whether something is under way and neither an answer nor a delivery was seen since a time. */
    boolean stuckSince(long timeMs) {
        return !underWay.isEmpty() && lastReceivedMs < timeMs && lastMovedMs < timeMs;
    }
}
