package io.bactrian.pubsub.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ranges that subscribers had to give up, which grow: for each subscriber and topic one, from the first position that
 * was given up until the subscriber has passed all of it. A range is told when it begins, and told again with its new end
 * before more of it is deleted; the tables keep that as one event. Not thread-safe.
 */
final class GivenUpRanges {
    /** Beyond it the oldest is forgotten: if it grows again, that is a range of its own. */
    static final int RANGES_MAX = 10_000;

    private record Key(String subscriber, String topic) {}

    private record Range(long from, long to, long told) {}

    private final Map<Key, Range> ranges = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Range> eldest) {
            return size() > RANGES_MAX;
        }
    };

    /**
     * A subscriber gives up positions as a topic is full.
     *
     * @param cursor what it has processed
     * @return whether a range begins here, which is to be told now
     */
    boolean add(String subscriber, String topic, long cursor, long from, long to) {
        Key key = new Key(subscriber, topic);
        Range known = ranges.get(key);
        if (known != null && known.from <= from && cursor < known.to) {
            ranges.put(key, new Range(known.from, Math.max(known.to, to), known.told));
            return false;
        }
        ranges.remove(key);
        ranges.put(key, new Range(from, to, to));
        return true;
    }

    /** The events of the ranges that have grown since they were told; they count as told now. */
    List<HubEvent> grown(long nowMs) {
        List<HubEvent> grown = new ArrayList<>();
        ranges.replaceAll((key, range) -> {
            if (range.to == range.told) {
                return range;
            }
            grown.add(event(nowMs, key.subscriber, key.topic, range.from, range.to));
            return new Range(range.from, range.to, range.to);
        });
        return grown;
    }

    static HubEvent event(long nowMs, String subscriber, String topic, long from, long to) {
        return HubEvent.subscriberLost(nowMs, subscriber, from, to, "topic " + topic + " was full");
    }
}
