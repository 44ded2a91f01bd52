package io.bactrian.discovery.core;

import org.jspecify.annotations.Nullable;

/**
 * The state that all routers share, as this one has it: entries in buckets by the hash of the key, with a digest of each
 * bucket and of all. Two replicas with the same entries have the same digests.
 */
final class RegistryReplica {
    /** The number of buckets; their digests fit into one datagram. */
    static final int BUCKETS = 256;

    private final EntryBucket[] buckets = new EntryBucket[BUCKETS];
    private final long[] digests = new long[BUCKETS];
    private long root;
    private int size;

    RegistryReplica() {
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new EntryBucket();
        }
    }

    /** The entry that has the key of another one; null if there is none. */
    @Nullable RegistryEntry sameKey(RegistryEntry other) {
        return buckets[bucketOf(other)].sameKey(other);
    }

    /** True if this very entry is there: no newer one has replaced it. */
    boolean holds(RegistryEntry entry) {
        return sameKey(entry) == entry;
    }

    int size() {
        return size;
    }

    /** Puts an entry in the place of an older one, which it returns; the caller has compared them. */
    @Nullable RegistryEntry put(RegistryEntry entry) {
        int bucket = bucketOf(entry);
        RegistryEntry old = buckets[bucket].put(entry);
        if (old == null) {
            size++;
        } else {
            toggle(bucket, old.hash());
        }
        toggle(bucket, entry.hash());
        return old;
    }

    /** Removes the entry that has the key of another one. */
    void remove(RegistryEntry other) {
        int bucket = bucketOf(other);
        RegistryEntry old = buckets[bucket].remove(other);
        if (old != null) {
            size--;
            toggle(bucket, old.hash());
        }
    }

    private void toggle(int bucket, long hash) {
        digests[bucket] ^= hash;
        root ^= hash;
    }

    /** Routers are in the first bucket, which is compared first: who is a member matters to all else. */
    private static int bucketOf(RegistryEntry entry) {
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

    EntryBucket bucket(int bucket) {
        return buckets[bucket];
    }
}
