package io.bactrian.delivery;

import io.bactrian.wire.PatternKind;

/**
 * A pattern that the hub has confirmed.
 *
 * @param logEpoch the log epoch in which it did so last
 */
public record KeptPattern(PatternKind kind, String pattern, int logEpoch) {}
