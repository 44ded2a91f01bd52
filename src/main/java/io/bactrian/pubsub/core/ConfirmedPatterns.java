package io.bactrian.pubsub.core;

import io.bactrian.wire.PatternKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/**
 * The patterns that the hub has confirmed, in this life and in former ones, and in which log epoch: a hub that was
 * restored since may know nothing of them.
 */
final class ConfirmedPatterns {
    private record Key(PatternKind kind, String pattern) {}

    private final Map<Key, ConfirmedPattern> patterns = new LinkedHashMap<>();
    /** Those that the hub has confirmed in this life. */
    private final Set<Key> ofThisLife = new LinkedHashSet<>();
    /** Not yet stored as they are. */
    private final Map<Key, ConfirmedPattern> changed = new LinkedHashMap<>();
    /** No longer here, and perhaps still stored. */
    private final Map<Key, ConfirmedPattern> givenUp = new LinkedHashMap<>();

    ConfirmedPatterns(List<ConfirmedPattern> stored) {
        stored.forEach(pattern -> patterns.put(key(pattern), pattern));
    }

    private static Key key(ConfirmedPattern pattern) {
        return new Key(pattern.kind(), pattern.pattern());
    }

    boolean has(PatternKind kind, String pattern) {
        return patterns.containsKey(new Key(kind, pattern));
    }

    void confirmed(ConfirmedPattern pattern) {
        ofThisLife.add(key(pattern));
        put(pattern);
    }

    private void put(ConfirmedPattern pattern) {
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
                .forEach(pattern ->
                        put(new ConfirmedPattern(pattern.kind(), pattern.pattern(), pattern.logEpoch(), end + 1)));
    }

    /** From where a pattern holds, 0 if that is not known. */
    long start(PatternKind kind, String pattern) {
        ConfirmedPattern there = patterns.get(new Key(kind, pattern));
        return there == null ? 0 : there.start();
    }

    void giveUp(PatternKind kind, String pattern) {
        ofThisLife.remove(new Key(kind, pattern));
        ConfirmedPattern gone = patterns.remove(new Key(kind, pattern));
        if (gone != null) {
            changed.remove(key(gone));
            givenUp.put(key(gone), gone);
        }
    }

    /** Whether a pattern of this life brings everything of a topic from a position on. */
    boolean bringAll(String topic, long start) {
        return confirmedInThisLife().anyMatch(pattern -> pattern.covers(topic) && pattern.start() <= start);
    }

    private Stream<ConfirmedPattern> confirmedInThisLife() {
        return ofThisLife.stream().map(patterns::get);
    }

    /** To be asked for again in a new session: those of this life, and those that no hub has confirmed in this log epoch. */
    List<ConfirmedPattern> renewals(int logEpoch) {
        return Stream.concat(
                        confirmedInThisLife(),
                        patterns.values().stream()
                                .filter(pattern -> pattern.logEpoch() < logEpoch && !ofThisLife.contains(key(pattern))))
                .toList();
    }

    /**
     * Whether a hub that had forgotten us need not be believed that all which came since is lost: what it still has
     * comes to the patterns that are asked for again, and the answers tell where it has less than we ask for.
     *
     * @param givesUp whether a pattern is being given up
     */
    boolean allAreRenewed(int logEpoch, BiPredicate<PatternKind, String> givesUp) {
        // Without a pattern nothing was to come.
        return patterns.values().stream()
                .allMatch(pattern -> ofThisLife.contains(key(pattern))
                        || givesUp.test(pattern.kind(), pattern.pattern())
                        || (pattern.logEpoch() < logEpoch && pattern.start() > 0));
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
