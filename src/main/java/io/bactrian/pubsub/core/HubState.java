package io.bactrian.pubsub.core;

import java.util.List;
import java.util.Map;

/**
 * The state of a hub as its last snapshot holds it, read at a start.
 *
 * @param logEpoch the log epoch of the last checkpoint, 0 if there was none
 * @param position the snapshot reflects the log up to this position; the rest comes from the log
 * @param savedMs when the last checkpoint was, in ms since 1970, 0 if there was none
 * @param publishers ordered by id
 * @param grants the last grants of each publisher, ordered by epoch
 * @param lastEpoch the highest epoch that was ever granted to any publisher
 * @param formerEpochs the epochs granted to publishers by lives of the hub that are lost are not above this one; 0 if it
 *     was never restored
 * @param sequences ordered by publisher and topic
 * @param subscribers ordered by id, each with its patterns
 * @param segments ordered by segment and topic
 * @param reached for each log epoch whose end was lost, the position that the log had reached
 * @param logIdentity the number of the log that belongs to this snapshot, 0 if that is not known
 * @param lives what is added to the epochs of that log from an epoch on, see {@link LogLife}; empty if it has had one life
 * @param purgedBefore nobody is granted a start below this position of that log, 0 if the log itself says what is deleted
 * @param applied the control records of the log up to here are in the snapshot; nowhere if the log has none
 */
public record HubState(
        int logEpoch,
        long position,
        long savedMs,
        List<PublisherState> publishers,
        List<GrantState> grants,
        long lastEpoch,
        long formerEpochs,
        List<SequenceState> sequences,
        List<DurableSubscriber> subscribers,
        List<SegmentTopic> segments,
        Map<Integer, Long> reached,
        long logIdentity,
        Map<Integer, Integer> lives,
        long purgedBefore,
        LogPosition applied) {
    public HubState {
        publishers = List.copyOf(publishers);
        grants = List.copyOf(grants);
        sequences = List.copyOf(sequences);
        subscribers = List.copyOf(subscribers);
        segments = List.copyOf(segments);
        reached = Map.copyOf(reached);
        lives = Map.copyOf(lives);
    }

    /** The state of a hub that has never run. */
    public static HubState empty() {
        return emptyOf(0);
    }

    /** The state of a hub that has never run, over a log with an identity. */
    static HubState emptyOf(long logIdentity) {
        return new HubState(
                0,
                0,
                0,
                List.of(),
                List.of(),
                0,
                0,
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                logIdentity,
                Map.of(),
                0,
                LogPosition.NONE);
    }

    /** True if nothing was ever written to the snapshot. */
    public boolean isEmpty() {
        return savedMs == 0
                && position == 0
                && lastEpoch == 0
                && publishers.isEmpty()
                && subscribers.isEmpty()
                && sequences.isEmpty();
    }

    /** The last position of which the snapshot says anything. */
    public long lastKnownPosition() {
        long known = position;
        for (DurableSubscriber subscriber : subscribers) {
            known = Math.max(known, subscriber.cursor());
            for (DurableSubscription pattern : subscriber.subscriptions()) {
                known = Math.max(known, Math.max(pattern.start() - 1, pattern.processedUpTo()));
            }
        }
        return known;
    }

    /** The highest log epoch of which the snapshot says anything. */
    public int lastKnownLogEpoch() {
        return subscribers.stream().mapToInt(DurableSubscriber::logEpoch).reduce(logEpoch, Math::max);
    }
}
