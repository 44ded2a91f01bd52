package io.bactrian.ship.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a round that are not answered. They are numbered from 1. How many octets may be under way is bounded by the
 * credit, which grows with each answer up to the window of the receiver. After a silence all of them are sent again, in order.
 * One thread at a time.
 */
final class RequestWindow {
    private static final int REQUESTS_MAX = 256;
    private static final long REPEAT_MS = 2_000;
    private static final long REPEAT_MS_MAX = 10_000;
    private static final int WINDOW_BYTES = 64 << 10;

    /** So much is under way at first, and more with each answer: so a slow link is known before much is sent again. */
    private static final long CREDIT_BYTES_FIRST = 1 << 20;

    /** Frames are kept for others while they are fewer, 8 MiB; those that were made to be compressed would add up else. */
    private static final int SPARE_MAX = 32;

    /** ZeroMQ says the length of a frame up to this in one octet. */
    static final int SHORT_FRAME = 255;

    private final long giveUpMs;
    private final Throttle throttle;
    private final RoundCounters counters;
    private final Map<Integer, Pending> pending = new LinkedHashMap<>();

    /** Frames of literals that were sent once and answered, so that nobody reads them any more. New arrays are dearer. */
    private final Deque<byte[]> spare = new ArrayDeque<>();

    private int requests;

    /** Requests up to this one may have been sent more than once. */
    private int repeatedTo;

    private long pendingBytes;
    private long windowBytes = WINDOW_BYTES;
    private long creditBytes = CREDIT_BYTES_FIRST;
    private long lastReceivedMs;

    /** Since when there is something to be answered. */
    private long askedMs;

    /** How long it took at most until something was answered; what is long ago counts less. */
    private long slowMs;

    private long repeatAtMs;
    private long repeatMs = REPEAT_MS;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pending(byte[] frame, int file) {}

    /**
     * Nothing is under way.
     *
     * @param giveUpMs how long the receiver may be silent
     * @param nowMs by a clock that only moves on, as everywhere here
     */
    RequestWindow(long giveUpMs, Throttle throttle, RoundCounters counters, long nowMs) {
        this.giveUpMs = giveUpMs;
        this.throttle = throttle;
        this.counters = counters;
        lastReceivedMs = nowMs;
    }

    /** The number of the request that is posted next. */
    int next() {
        return requests + 1;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    /** Whether one more request may be made now. */
    boolean hasCredit(long nowMs) {
        return pendingBytes < Math.min(creditBytes, windowBytes)
                && pending.size() < REQUESTS_MAX
                && throttle.ready(nowMs);
    }

    /** The receiver says how much it takes. */
    void open(long bytes) {
        windowBytes = Math.max(WINDOW_BYTES, bytes);
    }

    /** Sends a frame as the next request. Once it is answered its array is used for another one. */
    void post(byte[] frame, int file, long nowMs, List<byte[]> out) {
        requests++;
        if (pending.isEmpty()) {
            repeatAtMs = nowMs + repeatMs;
            lastReceivedMs = Math.max(lastReceivedMs, nowMs - REPEAT_MS);
            askedMs = nowMs;
        }
        pending.put(requests, new Pending(frame, file));
        pendingBytes += frame.length;
        throttle.sent(frame.length);
        counters.sentBytes += wireBytes(frame);
        out.add(frame);
    }

    /** An answer has come. False if the request is not under way: it was sent again and need not have been, or was forgotten. */
    boolean answered(int request, long nowMs) {
        received(nowMs);
        Pending answered = pending.remove(request);
        if (answered == null) {
            return false;
        }
        pendingBytes -= answered.frame().length;
        creditBytes = Math.min(windowBytes, creditBytes + answered.frame().length);
        boolean sentOnce = request > repeatedTo;
        if (sentOnce && answered.frame().length > Delta.OPS_BYTES && spare.size() < SPARE_MAX) {
            spare.push(answered.frame());
        }
        return true;
    }

    /** The receiver is there. If its answers take long, as over a slow link, nothing is sent again in between. */
    private void received(long nowMs) {
        long silenceMs = Math.min(nowMs - Math.max(lastReceivedMs, askedMs), REPEAT_MS_MAX);
        slowMs = Math.max(silenceMs, slowMs - (nowMs - lastReceivedMs) / 2);
        lastReceivedMs = nowMs;
        long mostMs = Math.max(REPEAT_MS_MAX, giveUpMs / 2);
        repeatMs = Math.min(Math.max(REPEAT_MS, 3 * slowMs), mostMs);
        repeatAtMs = nowMs + repeatMs;
    }

    /** @throws ShipException {@link ShipErrorCode#IO_ERROR} if the receiver has been silent for too long */
    void checkSilence(long nowMs) throws ShipException {
        if (pending.isEmpty() && !throttle.ready(nowMs)) {
            // Nobody but this end keeps it waiting.
            lastReceivedMs = nowMs;
        }
        if (nowMs - lastReceivedMs > giveUpMs) {
            throw new ShipException(
                    ShipErrorCode.IO_ERROR, "the receiver has not answered for " + (nowMs - lastReceivedMs) + " ms");
        }
    }

    /** Sends everything again that is not answered, if that is due. */
    void repeat(long nowMs, List<byte[]> out) {
        if (pending.isEmpty() || nowMs < repeatAtMs) {
            return;
        }
        repeatedTo = requests;
        for (Pending request : pending.values()) {
            out.add(request.frame());
            throttle.sent(request.frame().length);
            counters.sentBytes += wireBytes(request.frame());
            counters.repeated++;
        }
        repeatMs = Math.max(repeatMs, Math.min(REPEAT_MS_MAX, repeatMs * 2));
        repeatAtMs = nowMs + repeatMs;
    }

    /** The requests about a file are no longer waited for. */
    void forget(int file) {
        pending.values().removeIf(request -> {
            boolean its = request.file() == file;
            pendingBytes -= its ? request.frame().length : 0;
            return its;
        });
    }

    /** No request is waited for. */
    void clear() {
        pending.clear();
    }

    /** An array for a frame that was used before; null if there is none. */
    byte @Nullable [] spare() {
        return spare.poll();
    }

    /** A frame with what ZeroMQ puts before it (ZMTP 3.0): one octet of flags, one or eight of length. */
    static long wireBytes(byte[] frame) {
        return frame.length + (frame.length > SHORT_FRAME ? 9L : 2L);
    }
}
