package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Brings a hub from its snapshot to the end of its log. */
final class HubStart {
    private static final int SCAN_BYTES = 4 << 20;

    private final HubLog log;
    private final HubState state;
    private final HubNotices notices;

    HubStart(HubLog log, HubState state, HubNotices notices) {
        this.log = log;
        this.state = state;
        this.notices = notices;
    }

    /**
     * Begins a new log epoch, durably, if the log may have lost its end: its next positions then go to other messages than
     * before, and by the epoch cursors can tell.
     *
     * @return whether a new epoch has begun
     */
    boolean beginEpoch() {
        boolean used = log.end() > 0
                || !state.publishers().isEmpty()
                || !state.subscribers().isEmpty();
        long position = state.lastKnownPosition();
        int epoch = state.lastKnownLogEpoch();
        boolean cut = log.end() < position || log.epoch() < epoch;
        if (cut) {
            notices.warn("the log ends at position=" + log.end() + " of epoch=" + log.epoch()
                    + ", but the database knows position=" + position + " of epoch=" + epoch
                    + ": the log has lost its end, or belongs to another database");
        }
        boolean raised = cut || (used && !log.isEndCertain());
        if (raised) {
            do {
                log.raiseEpoch();
            } while (log.epoch() <= epoch);
        }
        log.opened();
        return raised;
    }

    /** Says if messages were deleted that the snapshot has never known: a batch that comes again is then logged again. */
    void warnOfAGap() {
        if (!state.publishers().isEmpty() && log.first() > state.position() + 1) {
            notices.warn("the log begins at position=" + log.first() + ", but the database knows only up to position="
                    + state.position() + ": messages sent again from positions " + (state.position() + 1) + " to "
                    + (log.first() - 1) + " would be taken for new ones; restore log and database from one backup");
        }
    }

    /** Fills the cores; returns how many entries of the log were read for that. */
    long restore(
            HubIntake intake, HubFeed feed, TopicLedger ledger, CheckpointBuilder checkpoints, long nowMs) {
        // While the hub was down nobody could be heard, so nobody was idle or absent.
        long downMs = state.savedMs() == 0 ? 0 : Math.max(0, nowMs - state.savedMs());
        intake.restoredAbove(state.formerEpochs());
        state.publishers()
                .forEach(p -> intake.restorePublisher(p.id(), p.grantedEpoch(), p.openEpoch(), p.lastSeenMs() + downMs));
        state.sequences().forEach(s -> intake.restoreSequence(s.publisher(), s.topic(), s.lastSequence()));
        state.subscribers().forEach(s -> feed.restore(s.seenLater(downMs)));
        checkpoints.durable(Math.min(state.position(), log.end()));
        return scan(counted(ledger, checkpoints), intake, ledger, checkpoints);
    }

    /** The segments of which the snapshot has counted the topics. */
    private Set<Long> counted(TopicLedger ledger, CheckpointBuilder checkpoints) {
        Map<Long, HubLog.Segment> closed = log.segments().stream()
                .filter(HubLog.Segment::closed)
                .collect(Collectors.toMap(HubLog.Segment::first, segment -> segment, (a, b) -> b));
        Set<Long> known = new HashSet<>();
        for (SegmentTopic share : state.segments()) {
            HubLog.Segment segment = closed.get(share.segmentPosition());
            if (segment != null) {
                known.add(segment.first());
                checkpoints.saved(segment.first());
                ledger.add(
                        segment.first(),
                        share.topic(),
                        segment.last(),
                        share.bytes(),
                        share.messages(),
                        share.lastTimestampMs());
            }
        }
        return known;
    }

    /** Reads what the snapshot does not know of the log: what came after it, and segments not counted. */
    private long scan(Set<Long> counted, HubIntake intake, TopicLedger ledger, CheckpointBuilder checkpoints) {
        long entries = 0;
        for (HubLog.Segment segment : log.segments()) {
            boolean known = counted.contains(segment.first());
            long position = known ? Math.max(segment.first(), state.position() + 1) : segment.first();
            while (position <= segment.last()) {
                List<LogEntry> read = log.read(position, SCAN_BYTES);
                for (LogEntry entry : read) {
                    if (entry.position() <= segment.last()) {
                        replay(segment, entry, known, intake, ledger, checkpoints);
                        entries++;
                    }
                }
                position = read.get(read.size() - 1).last() + 1;
            }
        }
        return entries;
    }

    private void replay(
            HubLog.Segment segment,
            LogEntry entry,
            boolean counted,
            HubIntake intake,
            TopicLedger ledger,
            CheckpointBuilder checkpoints) {
        Batch batch = Batch.parseTrusted(entry.payload());
        if (!batch.publisher().isEmpty() && entry.last() > state.position()) {
            intake.restoreSequence(batch.publisher(), batch.topic(), batch.last());
            checkpoints.logged(entry.last(), batch.publisher(), batch.topic(), batch.last());
        }
        if (!counted) {
            ledger.add(
                    segment.first(),
                    batch.topic(),
                    entry.last(),
                    entry.payload().length,
                    entry.count(),
                    entry.timestampMs());
        }
    }
}
