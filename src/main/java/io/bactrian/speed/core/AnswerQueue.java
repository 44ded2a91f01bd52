package io.bactrian.speed.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers that wait until the log may be relied on up to their entry. With each acknowledgement the sensor gets the Averages
 * that it has not been sent yet; what it does not acknowledge it gets again, with back-off. A sensor that has connected anew
 * gets all again that it has not acknowledged, before anything newer. One thread.
 */
public final class AnswerQueue {
    private static final long RESEND_MS = 1_000;
    private static final long RESEND_MAX_MS = 60_000;
    private static final int RESEND_MAX = 100;
    private static final int AT_ONCE_MAX = 1_000;

    /** A frame for a peer. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    public record Answer(byte[] peer, byte[] frame) {}

    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record WaitingAnswer(long position, long newest, byte[] peer, long sensor, byte[] frame) {}

    private static final class Sent {
        private byte[] peer = {};
        private long upTo;
        private long resendMs;
        private long backOffMs = RESEND_MS;
        private long acknowledgedThen;
    }

    private final int waitingMax;
    private final Deque<WaitingAnswer> waiting = new ArrayDeque<>();
    private final Map<Long, Sent> sent = new HashMap<>();
    private long averagesSent;
    private long averagesResent;

    public AnswerQueue(int waitingMax) {
        this.waitingMax = waitingMax;
    }

    /** How many may wait. */
    public int capacity() {
        return waitingMax;
    }

    public int size() {
        return waiting.size();
    }

    /** To how many sensors Averages were sent, of those that are not forgotten. */
    public int sensors() {
        return sent.size();
    }

    public long averagesSent() {
        return averagesSent;
    }

    public long averagesResent() {
        return averagesResent;
    }

    /** The acknowledgement of a Speed waits for a position; with it go Averages up to {@code newest}. */
    public void add(long position, long newest, byte[] peer, long sensor, byte[] frame) {
        waiting.add(new WaitingAnswer(position, newest, peer, sensor, frame));
    }

    /** Nobody is answered any more: another node does, or will be asked again. */
    public void clear() {
        waiting.clear();
        sent.clear();
    }

    /** Returns the answers that may leave now. */
    public List<Answer> release(long committed, SpeedState state, long nowMs) {
        List<Answer> answers = new ArrayList<>();
        while (!waiting.isEmpty() && waiting.peek().position() <= committed) {
            WaitingAnswer next = waiting.remove();
            answers.add(new Answer(next.peer(), next.frame()));
            addAverages(next, state, nowMs, answers);
        }
        return answers;
    }

    private void addAverages(WaitingAnswer next, SpeedState state, long nowMs, List<Answer> answers) {
        long acknowledged = state.acknowledgedBy(next.sensor());
        Sent known = sent.computeIfAbsent(next.sensor(), key -> {
            Sent fresh = new Sent();
            fresh.upTo = acknowledged;
            fresh.resendMs = nowMs + RESEND_MS;
            fresh.acknowledgedThen = acknowledged;
            return fresh;
        });
        if (acknowledged > known.acknowledgedThen) {
            known.acknowledgedThen = acknowledged;
            known.backOffMs = RESEND_MS;
            known.resendMs = nowMs + RESEND_MS;
        }
        if (!Arrays.equals(known.peer, next.peer())) {
            // What went to its former connection may be lost.
            known.peer = next.peer();
            known.upTo = acknowledged;
            known.resendMs = nowMs + known.backOffMs;
        }
        known.upTo = Math.max(known.upTo, acknowledged);
        if (known.upTo > acknowledged && nowMs >= known.resendMs) {
            known.backOffMs = Math.min(RESEND_MAX_MS, 2 * known.backOffMs);
            known.resendMs = nowMs + known.backOffMs;
            for (SpeedRecord.AverageValue value : state.averagesAbove(acknowledged, known.upTo, RESEND_MAX)) {
                answers.add(
                        new Answer(next.peer(), SensorFrame.average(value.sequence(), value.value(), value.timeS())));
                averagesResent++;
            }
        }
        for (SpeedRecord.AverageValue value : state.averagesAbove(known.upTo, next.newest(), AT_ONCE_MAX)) {
            answers.add(new Answer(next.peer(), SensorFrame.average(value.sequence(), value.value(), value.timeS())));
            known.upTo = value.sequence();
            averagesSent++;
        }
    }

    /** Forgets what was sent to a sensor that is not known any more. */
    public void forget(long sensor) {
        sent.remove(sensor);
    }
}
