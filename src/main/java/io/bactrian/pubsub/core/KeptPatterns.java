package io.bactrian.pubsub.core;

import io.bactrian.wire.PatternKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The patterns that the hub has confirmed, in this life and in former ones, and in which log epoch: a hub that was
 * restored since may know nothing of them.
 */
final class KeptPatterns {
    private record Key(PatternKind kind, String pattern) {}

    private final Map<Key, ConfirmedPattern> patterns = new LinkedHashMap<>();
    /** Not yet stored as they are. */
    private final Map<Key, ConfirmedPattern> changed = new LinkedHashMap<>();
    /** No longer here, and perhaps still stored. */
    private final Map<Key, ConfirmedPattern> givenUp = new LinkedHashMap<>();

    KeptPatterns(List<ConfirmedPattern> stored) {
        stored.forEach(pattern -> patterns.put(key(pattern), pattern));
    }

    private static Key key(ConfirmedPattern pattern) {
        return new Key(pattern.kind(), pattern.pattern());
    }

    boolean has(PatternKind kind, String pattern) {
        return patterns.containsKey(new Key(kind, pattern));
    }

    void confirmed(ConfirmedPattern pattern) {
        if (!pattern.equals(patterns.put(key(pattern), pattern))) {
            changed.put(key(pattern), pattern);
            givenUp.remove(key(pattern));
        }
    }

    /** Those that were to begin above a cut begin right after it, as there the positions are others. */
    void cutTo(long end) {
        patterns.values().stream()
                .filter(pattern -> pattern.start() > end + 1)
                .toList()
                .forEach(pattern -> confirmed(
                        new ConfirmedPattern(pattern.kind(), pattern.pattern(), pattern.logEpoch(), end + 1)));
    }

    /** From where a pattern holds, 0 if that is not known. */
    long start(PatternKind kind, String pattern) {
        ConfirmedPattern there = patterns.get(new Key(kind, pattern));
        return there == null ? 0 : there.start();
    }

    void giveUp(PatternKind kind, String pattern) {
        ConfirmedPattern gone = patterns.remove(new Key(kind, pattern));
        if (gone != null) {
            changed.remove(key(gone));
            givenUp.put(key(gone), gone);
        }
    }

    List<ConfirmedPattern> all() {
        return List.copyOf(patterns.values());
    }

    /** Those that no hub has confirmed in this log epoch. */
    List<ConfirmedPattern> before(int logEpoch) {
        return patterns.values().stream()
                .filter(pattern -> pattern.logEpoch() < logEpoch)
                .toList();
    }

    List<ConfirmedPattern> changed() {
        return new ArrayList<>(changed.values());
    }

    List<ConfirmedPattern> givenUp() {
        return new ArrayList<>(givenUp.values());
    }

    /** These are stored. */
    void stored(CursorChanges changes) {
        changes.patterns().forEach(pattern -> changed.remove(key(pattern), pattern));
        changes.givenUp().forEach(pattern -> givenUp.remove(key(pattern), pattern));
    }
}
