package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.LogRewrite;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes damaged segments of a node's log whole again: what can be read of a segment stays, and what is missing is asked from the
 * peer, whose log has the same entries. One segment at a time, one question at a time.
 *
 * <p>Used by one thread at a time, which is not the pair's, as a step may take seconds.
 */
public final class LogRepair {
    /** So many heartbeats pass after a repair that did not succeed. */
    private static final int PAUSE_HEARTBEATS = 20;

    private final PairSettings settings;
    private final PairLog log;
    private final Outbox out;
    private long number;
    private @Nullable LogRewrite work;
    private LogRewrite.@Nullable Range asked;
    private long askedMs;
    private long pausedUntilMs = Long.MIN_VALUE;

    /** {@code firstNumber} is greater than the numbers of former lives. */
    public LogRepair(PairSettings settings, PairLog log, Outbox out, long firstNumber) {
        this.settings = settings;
        this.log = log;
        this.out = out;
        this.number = firstNumber;
    }

    /** Returns the answer to a peer that asks for entries; {@code log} is this node's. */
    public static PairMessage.Fetched answer(PairMessage.Fetch fetch, PairLog log, int chunkBytes) {
        if (!fetch.log().equals(log.history().id())) {
            return new PairMessage.Fetched(fetch.number(), List.of(), "the peer has another log now");
        }
        try {
            List<Entry> found = log.salvage(fetch.from(), chunkBytes);
            List<Entry> entries = found.stream()
                    .takeWhile(entry -> !entry.isGap() && entry.last() <= fetch.to())
                    .toList();
            String problem = found.isEmpty() || !found.get(0).isGap()
                    ? "the peer does not have it"
                    : "the peer cannot read position " + fetch.from() + " either";
            return new PairMessage.Fetched(fetch.number(), entries, entries.isEmpty() ? problem : "");
        } catch (JournalException e) {
            return new PairMessage.Fetched(
                    fetch.number(), List.of(), "the peer cannot read position " + fetch.from() + " either");
        }
    }

    /** Whether a repair did not succeed just now, so that nobody should wait for it. */
    public boolean pauses(long nowMs) {
        return nowMs < pausedUntilMs;
    }

    /**
     * Does what can be done now. Reads and writes a segment, so it may take seconds.
     *
     * @param shared up to which position the peer has the same entries; 0 while it cannot be asked
     * @param came what the peer has said since the last step; null if nothing. Its number tells whether it is an answer
     */
    public void step(long shared, PairMessage.@Nullable Fetched came, long nowMs) {
        try {
            repair(shared, came, nowMs);
        } catch (JournalException | IllegalArgumentException | IllegalStateException e) {
            failed(String.valueOf(e.getMessage()), nowMs);
        }
    }

    private void repair(long shared, PairMessage.@Nullable Fetched came, long nowMs) {
        LogRewrite rewrite = work;
        if (rewrite == null) {
            OptionalLong damaged = pauses(nowMs) ? OptionalLong.empty() : log.damagedSegment();
            if (damaged.isEmpty() || damaged.getAsLong() > shared) {
                return;
            }
            rewrite = log.rewrite(damaged.getAsLong());
            work = rewrite;
        }
        if (came != null && asked != null && came.number() == number) {
            asked = null;
            if (came.entries().isEmpty()) {
                throw new IllegalStateException(came.problem());
            }
            rewrite.put(came.entries());
        }
        LogRewrite.Range missing = rewrite.missing();
        if (missing == null) {
            finish(rewrite);
        } else if (missing.to() <= shared && (!missing.equals(asked) || nowMs - askedMs >= settings.deadAfterMs())) {
            number++;
            asked = missing;
            askedMs = nowMs;
            out.toPeer(new PairMessage.Fetch(number, log.history().id(), missing.from(), missing.to()));
        }
    }

    private void finish(LogRewrite rewrite) {
        rewrite.finish();
        work = null;
        out.event(new PairEvent(
                PairEvent.Kind.REPAIRED,
                "positions " + text(rewrite)
                        + " of the log were damaged here, and are whole again: what could not be read is"
                        + " from the peer"));
    }

    private static String text(LogRewrite rewrite) {
        return rewrite.positions().from() + " to " + rewrite.positions().to();
    }

    /** Gives up what is under way. */
    public void close() {
        LogRewrite rewrite = work;
        work = null;
        asked = null;
        if (rewrite != null) {
            rewrite.close();
        }
    }

    private void failed(String why, long nowMs) {
        String what = work == null ? "the log" : "the segment of positions " + text(work);
        pausedUntilMs = nowMs + PAUSE_HEARTBEATS * settings.heartbeatMs();
        out.event(new PairEvent(PairEvent.Kind.REPAIR_FAILED, what + " is damaged and not repaired: " + why));
        close();
    }
}
