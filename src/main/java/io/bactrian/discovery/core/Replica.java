package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state that all routers share, as this one has it: entries by key, in buckets by the hash of the key, with a digest of
 * each bucket and of all. Two replicas with the same entries have the same digests.
 */
final class Replica {
    /** The number of buckets; their digests fit into one datagram. */
    static final int BUCKETS = 256;

    private final Map<String, Entry> entries = new HashMap<>();
    private final List<Map<Long, Entry>> buckets = new ArrayList<>(BUCKETS);
    private final long[] digests = new long[BUCKETS];
    private long root;

    Replica() {
        for (int i = 0; i < BUCKETS; i++) {
            buckets.add(new HashMap<>());
        }
    }

    @Nullable Entry get(String key) {
        return entries.get(key);
    }

    int size() {
        return entries.size();
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    /** Puts an entry in the place of an older one; the caller has compared them. */
    void put(Entry entry) {
        Entry old = entries.put(entry.key(), entry);
        int bucket = bucketOf(entry);
        if (old != null) {
            toggle(bucket, old.hash());
        }
        buckets.get(bucket).put(entry.keyHash(), entry);
        toggle(bucket, entry.hash());
    }

    void remove(String key) {
        Entry old = entries.remove(key);
        if (old != null) {
            int bucket = bucketOf(old);
            buckets.get(bucket).remove(old.keyHash());
            toggle(bucket, old.hash());
        }
    }

    private void toggle(int bucket, long hash) {
        digests[bucket] ^= hash;
        root ^= hash;
    }

    /** Routers are in the first bucket, which is compared first: who is a member matters to all else. */
    private static int bucketOf(Entry entry) {
        return entry.content() instanceof Content.Router
                ? 0
                : 1 + (int) Long.remainderUnsigned(entry.keyHash(), BUCKETS - 1L);
    }

    long root() {
        return root;
    }

    int[] bucketDigests() {
        int[] all = new int[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            all[i] = fold(digests[i]);
        }
        return all;
    }

    int bucketDigest(int bucket) {
        return fold(digests[bucket]);
    }

    private static int fold(long digest) {
        return (int) (digest ^ (digest >>> 32));
    }

    /** The entries of a bucket by the hashes of their keys. */
    Map<Long, Entry> bucket(int bucket) {
        return buckets.get(bucket);
    }
}
