package io.bactrian.pubsub.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much of each topic the log holds, and where: in chunks of neighbouring batches, none of which spans two segments.
 * Not thread-safe.
 */
public final class TopicLedger {
    /** Fine enough to see a topic drain, coarse enough that a full log of 100 GiB has 400,000 of them. */
    private static final int CHUNK_BYTES = 256 << 10;

    /** Batches of one topic in one segment. */
    private static final class Chunk {
        private final long segment;
        private long last;
        private long bytes;
        private long messages;
        private long lastMs;

        private Chunk(long segment) {
            this.segment = segment;
        }
    }

    private static final class Topic {
        private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
        private long bytes;
        private long messages;
    }

    /** The messages of a topic that the log holds, none of a topic that it does not hold. */
    public record Held(String topic, long bytes, long messages) {}

    /** What one segment holds of one topic. */
    record SegmentShare(String topic, long last, long bytes, long messages, long lastMs, long bytesAfter) {}

    private final Map<String, Topic> topics = new HashMap<>();

    /**
     * Counts a batch, or what a segment holds of a topic.
     *
     * @param segment the first position of the segment
     * @param last the last position of the batch
     */
    void add(long segment, String topic, long last, long bytes, long messages, long timestampMs) {
        Topic held = topics.computeIfAbsent(topic, key -> new Topic());
        Chunk chunk = held.chunks.peekLast();
        if (chunk == null || chunk.segment != segment || chunk.bytes >= CHUNK_BYTES) {
            chunk = new Chunk(segment);
            held.chunks.add(chunk);
        }
        chunk.last = Math.max(chunk.last, last);
        chunk.bytes += bytes;
        chunk.messages += messages;
        chunk.lastMs = Math.max(chunk.lastMs, timestampMs);
        held.bytes += bytes;
        held.messages += messages;
    }

    /** Goes on with what another one has counted, which is used for nothing from now on. */
    void takeOver(TopicLedger other) {
        topics.putAll(other.topics);
    }

    int size() {
        return topics.size();
    }

    boolean holds(String topic) {
        return topics.containsKey(topic);
    }

    long bytes(String topic) {
        Topic held = topics.get(topic);
        return held == null ? 0 : held.bytes;
    }

    /** Octets of a topic above a position, to the chunk. Quick where the position is near the end, as it mostly is. */
    long bytesAbove(String topic, long position) {
        Topic held = topics.get(topic);
        long above = 0;
        if (held != null) {
            Iterator<Chunk> newest = held.chunks.descendingIterator();
            while (newest.hasNext()) {
                Chunk chunk = newest.next();
                if (chunk.last <= position) {
                    break;
                }
                above += chunk.bytes;
            }
        }
        return above;
    }

    /** The lowest position above which the log holds at most {@code bytes} of a topic; 0 if all of it fits. */
    long positionToKeep(String topic, long bytes) {
        Topic held = topics.get(topic);
        long kept = 0;
        if (held != null) {
            for (Iterator<Chunk> newest = held.chunks.descendingIterator(); newest.hasNext(); ) {
                Chunk chunk = newest.next();
                kept += chunk.bytes;
                if (kept > bytes) {
                    return chunk.last;
                }
            }
        }
        return 0;
    }

    /** What a segment holds, topic by topic. */
    List<SegmentShare> of(long segment) {
        List<SegmentShare> shares = new ArrayList<>();
        topics.forEach((topic, held) -> {
            Chunk share = new Chunk(segment);
            long upTo = 0;
            for (Chunk chunk : held.chunks) {
                if (chunk.segment <= segment) {
                    upTo += chunk.bytes;
                }
                if (chunk.segment == segment) {
                    share.last = chunk.last;
                    share.bytes += chunk.bytes;
                    share.messages += chunk.messages;
                    share.lastMs = Math.max(share.lastMs, chunk.lastMs);
                }
            }
            if (share.messages > 0) {
                shares.add(new SegmentShare(
                        topic, share.last, share.bytes, share.messages, share.lastMs, held.bytes - upTo));
            }
        });
        return shares;
    }

    /** Forgets what lay in segments before this one. */
    void purgedBefore(long segment) {
        topics.values().removeIf(held -> {
            while (!held.chunks.isEmpty() && held.chunks.peek().segment < segment) {
                Chunk gone = held.chunks.remove();
                held.bytes -= gone.bytes;
                held.messages -= gone.messages;
            }
            return held.chunks.isEmpty();
        });
    }

    /** All topics by name. */
    List<Held> topics() {
        List<Held> all = new ArrayList<>();
        new TreeMap<>(topics).forEach((topic, held) -> all.add(new Held(topic, held.bytes, held.messages)));
        return all;
    }
}
