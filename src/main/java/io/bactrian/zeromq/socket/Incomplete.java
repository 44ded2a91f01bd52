package io.bactrian.zeromq.socket;

import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import zmq.Msg;

/**
 * Counts the memory of what all peers of a socket together have begun to send and not completed: frames, which take
 * their memory when they
 * are announced, and messages of which the last frame has not come. Any thread.
 */
final class Incomplete {
    private final long bytesMax;

    /** Announced frames by number. Those of connections that ended without a word are collected. */
    private final Map<Long, Announced> announced = new HashMap<>();

    private long bytes;
    private long lastNumber;

    private record Announced(WeakReference<Msg> frame, int bytes) {}

    Incomplete(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Takes room for an announced frame. Returns its number, or 0 if there is no room. */
    synchronized long announce(int size) {
        if (bytes + size > bytesMax) {
            announced.values().removeIf(former -> {
                boolean gone = former.frame().refersTo(null);
                bytes -= gone ? former.bytes() : 0;
                return gone;
            });
        }
        if (bytes + size > bytesMax) {
            return 0;
        }
        bytes += size;
        return ++lastNumber;
    }

    /** The frame that was made for an announcement. */
    synchronized void made(long number, Msg frame) {
        announced.put(number, new Announced(new WeakReference<>(frame), frame.size()));
    }

    /** No frame could be made for an announcement. */
    synchronized void notMade(int size) {
        bytes -= size;
    }

    /** All connections have ended. */
    synchronized void clear() {
        announced.clear();
        bytes = 0;
    }

    /** The frame has arrived, or never will. */
    synchronized void ended(long number) {
        Announced former = announced.remove(number);
        if (former != null) {
            bytes -= former.bytes();
        }
    }

    /** Takes room for frames of a message that is not complete. Returns whether there was room; it is taken anyhow. */
    synchronized boolean add(long more) {
        bytes += more;
        return bytes <= bytesMax;
    }

    /** Gives room back. */
    synchronized void remove(long less) {
        bytes -= less;
    }
}
