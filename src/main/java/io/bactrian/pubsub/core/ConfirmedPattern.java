package io.bactrian.pubsub.core;

import io.bactrian.wire.PatternKind;

/**
 * A pattern that the hub has confirmed.
 *
 * @param logEpoch the log epoch in which it did so last
 * @param start the position from which it holds, as the hub said then; 0 if that is not known
 */
public record ConfirmedPattern(PatternKind kind, String pattern, int logEpoch, long start) {
    /** Whether it speaks of this topic. */
    boolean covers(String topic) {
        return kind.covers(pattern, topic);
    }
}
