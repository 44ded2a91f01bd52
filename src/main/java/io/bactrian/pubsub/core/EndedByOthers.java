package io.bactrian.pubsub.core;

import io.bactrian.wire.PatternKind;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The patterns that one process has ended while another one runs as the same subscriber, or did when it was heard last. That
 * other one asks for them again as soon as it attaches, and must learn that they were ended on purpose. It is told once.
 */
final class EndedByOthers {
    private record Ended(PatternKind kind, String pattern) {}

    /** Of which process they were. */
    private record OfProcess(long instance, Set<Ended> patterns) {}

    private final Map<String, OfProcess> bySubscriber = new LinkedHashMap<>();
    private final int subscribersMax;

    EndedByOthers(int subscribersMax) {
        this.subscribersMax = subscribersMax;
    }

    /** Patterns of a subscriber were ended. Nothing is noted if no other process has it. */
    void add(String subscriber, long otherInstance, List<DurableSubscription> patterns) {
        if (otherInstance == SubscriberInstance.NONE || patterns.isEmpty()) {
            return;
        }
        OfProcess before = bySubscriber.remove(subscriber);
        Set<Ended> ended = before != null && SubscriberInstance.isSameProcess(before.instance(), otherInstance)
                ? before.patterns()
                : new HashSet<>();
        patterns.forEach(pattern -> ended.add(new Ended(pattern.kind(), pattern.pattern())));
        bySubscriber.keySet().removeIf(oldest -> bySubscriber.size() >= subscribersMax);
        bySubscriber.put(subscriber, new OfProcess(otherInstance, ended));
    }

    /** Whether another process has ended this pattern of the one that asks for it now; true once for each. */
    boolean tell(String subscriber, long instance, PatternKind kind, String pattern) {
        OfProcess process = bySubscriber.get(subscriber);
        if (process == null
                || !SubscriberInstance.isSameProcess(process.instance(), instance)
                || !process.patterns().remove(new Ended(kind, pattern))) {
            return false;
        }
        if (process.patterns().isEmpty()) {
            bySubscriber.remove(subscriber);
        }
        return true;
    }
}
