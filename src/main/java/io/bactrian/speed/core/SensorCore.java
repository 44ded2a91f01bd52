package io.bactrian.speed.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A road sensor with two servers, of which it uses one. It keeps every Speed until it is acknowledged; when the server is
 * silent although something is owed, or its connection is closed, it goes on with the other one and sends again what is not
 * acknowledged. While nothing is owed it stays where it is. One thread.
 */
public final class SensorCore {
    private static final int RESEND_MAX = 10_000;
    /** An answer is overdue after so much of the time after which its server counts as silent. */
    private static final int OVERDUE_PERCENT = 15;

    /** A frame for the server with an index of 0 or 1. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    public record ServerFrame(int server, byte[] frame) {}

    private static final class Pending {
        private final byte[] frame;
        private long sentMs;

        Pending(byte[] frame, long sentMs) {
            this.frame = frame;
            this.sentMs = sentMs;
        }
    }

    private final long id;
    private final long silenceMs;
    private final int unacknowledgedMax;
    private final Map<Long, Pending> unacknowledged = new LinkedHashMap<>();
    private final List<ServerFrame> out = new ArrayList<>();
    private int server;
    private long sequence;
    private long heardMs;
    private long changedMs;
    private long lookedMs;
    private long askedMs;
    private long lastAverage = -1;
    private long lastAverageValue;
    private long acknowledged;
    private long changes;
    private long notUnderstood;

    public SensorCore(long id, long silenceMs, int unacknowledgedMax, long nowMs) {
        this.id = id;
        this.silenceMs = silenceMs;
        this.unacknowledgedMax = unacknowledgedMax;
        this.heardMs = nowMs;
        this.changedMs = nowMs;
        this.lookedMs = nowMs;
        this.askedMs = nowMs;
    }

    /** Whether another Speed may be measured: not so many are owed. */
    public boolean hasRoom() {
        return unacknowledged.size() < unacknowledgedMax;
    }

    /** A Speed was measured: a number as text, such as 83 or 83.5. */
    public void measured(String value, long timeS, long nowMs) {
        byte[] frame = (id + "," + sequence + ",Speed," + value + "," + timeS).getBytes(StandardCharsets.UTF_8);
        if (unacknowledged.isEmpty()) {
            heardMs = Math.max(heardMs, nowMs); // until now nothing was owed
        }
        unacknowledged.put(sequence, new Pending(frame, nowMs));
        sequence++;
        out.add(new ServerFrame(server, frame));
    }

    /** A frame of a server. */
    public void heard(int from, byte[] frame, long nowMs) {
        String[] fields = new String(frame, StandardCharsets.UTF_8).split(",", -1);
        if (fields.length == 5 && fields[2].equals("Speed") && fields[1].matches("[0-9]{1,18}")) {
            boolean unacknowledgedCount = unacknowledged.remove(Long.parseLong(fields[1])) != null;
            acknowledged += unacknowledgedCount ? 1 : 0;
            if (unacknowledgedCount && from != server && isOverdue(nowMs)) {
                change(nowMs);
            }
        } else if (fields.length == 4
                && fields[1].equals("Average")
                && fields[0].matches("[0-9]{1,18}")
                && fields[2].matches("-?[0-9]{1,18}")) {
            long number = Long.parseLong(fields[0]);
            if (number > lastAverage) {
                lastAverage = number;
                lastAverageValue = Long.parseLong(fields[2]);
            }
            out.add(new ServerFrame(from, (id + "," + String.join(",", fields)).getBytes(StandardCharsets.UTF_8)));
        } else {
            notUnderstood++;
            return;
        }
        if (from == server) {
            heardMs = nowMs;
        }
    }

    /** The connection to a server was closed. */
    public void closed(int which, long nowMs) {
        if (which == server && nowMs - changedMs >= silenceMs / 4) {
            change(nowMs);
        }
    }

    /** Time goes on. */
    public void tick(long nowMs) {
        if (!unacknowledged.isEmpty() && nowMs - Math.max(heardMs, changedMs) >= silenceMs) {
            change(nowMs);
            return;
        }
        if (!unacknowledged.isEmpty() && isOverdue(nowMs) && nowMs - askedMs >= overdueMs()) {
            askedMs = nowMs;
            // It counts once, whoever takes it. The other one answers only if it is active.
            out.add(new ServerFrame(
                    1 - server, unacknowledged.values().iterator().next().frame));
        }
        if (nowMs - lookedMs >= Math.max(1, silenceMs / 4)) {
            lookedMs = nowMs;
            // The server had not been active yet when it got them, or a link has lost them.
            resend(nowMs, nowMs - silenceMs);
        }
    }

    private boolean isOverdue(long nowMs) {
        return nowMs - Math.max(heardMs, changedMs) >= overdueMs();
    }

    private long overdueMs() {
        return silenceMs * OVERDUE_PERCENT / 100;
    }

    private void change(long nowMs) {
        server = 1 - server;
        changedMs = nowMs;
        changes++;
        out.clear(); // whatever was for the former server is owed to nobody
        resend(nowMs, nowMs);
    }

    private void resend(long nowMs, long sentUntilMs) {
        int left = RESEND_MAX;
        for (Pending pending : unacknowledged.values()) {
            if (left == 0) {
                break;
            }
            if (pending.sentMs <= sentUntilMs) {
                pending.sentMs = nowMs;
                out.add(new ServerFrame(server, pending.frame));
                left--;
            }
        }
    }

    /** Returns the frames to send now, in order. */
    public List<ServerFrame> outgoing() {
        List<ServerFrame> all = List.copyOf(out);
        out.clear();
        return all;
    }

    public int server() {
        return server;
    }

    public long sequence() {
        return sequence;
    }

    public long acknowledged() {
        return acknowledged;
    }

    public int unacknowledgedCount() {
        return unacknowledged.size();
    }

    /** How often it went to the other server. */
    public long changes() {
        return changes;
    }

    public long notUnderstood() {
        return notUnderstood;
    }

    /** The newest Average's number, -1 before the first. */
    public long lastAverage() {
        return lastAverage;
    }

    public long lastAverageValue() {
        return lastAverageValue;
    }
}
