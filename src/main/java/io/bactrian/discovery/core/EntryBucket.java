package io.bactrian.discovery.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a bucket of the {@link RegistryReplica}, in the order of the hashes of their keys. The hashes lie side by side, so a
 * comparison with another router reads no entry but those that differ. Entries whose keys have the same hash are neighbours.
 */
final class EntryBucket {
    private static final int ROOM_FIRST = 8;

    private long[] keyHashes = {};
    private long[] hashes = {};
    private @Nullable RegistryEntry[] entries = {};
    private int size;

    int size() {
        return size;
    }

    /** The hashes of all keys, ascending; the caller owns the array. */
    long[] keyHashes() {
        return Arrays.copyOf(keyHashes, size);
    }

    /** The hashes of all entries, in the same order; the caller owns the array. */
    long[] hashes() {
        return Arrays.copyOf(hashes, size);
    }

    long keyHash(int index) {
        return keyHashes[index];
    }

    long hash(int index) {
        return hashes[index];
    }

    RegistryEntry entry(int index) {
        RegistryEntry entry = entries[index];
        if (entry == null) {
            throw new IndexOutOfBoundsException(index);
        }
        return entry;
    }

    /** Where the first entry is whose key has this hash; if there is none, -1 minus the place where it would be. */
    int find(long keyHash) {
        int index = Arrays.binarySearch(keyHashes, 0, size, keyHash);
        while (index > 0 && keyHashes[index - 1] == keyHash) {
            index--;
        }
        return index;
    }

    /** Like {@link #find}, for the entry with the key of another one. */
    private int findKey(RegistryEntry other) {
        int index = find(other.keyHash());
        if (index < 0) {
            return index;
        }
        while (index < size && keyHashes[index] == other.keyHash()) {
            if (entry(index).key().equals(other.key())) {
                return index;
            }
            index++;
        }
        return -index - 1;
    }

    @Nullable RegistryEntry sameKey(RegistryEntry other) {
        int index = findKey(other);
        return index < 0 ? null : entries[index];
    }

    /** Puts an entry in the place of the one with its key, which it returns. */
    @Nullable RegistryEntry put(RegistryEntry entry) {
        int index = findKey(entry);
        if (index < 0) {
            index = -index - 1;
            makeRoom(index);
            keyHashes[index] = entry.keyHash();
        }
        RegistryEntry old = entries[index];
        hashes[index] = entry.hash();
        entries[index] = entry;
        return old;
    }

    private void makeRoom(int index) {
        if (size == entries.length) {
            int room = Math.max(ROOM_FIRST, size + size / 2);
            keyHashes = Arrays.copyOf(keyHashes, room);
            hashes = Arrays.copyOf(hashes, room);
            entries = Arrays.copyOf(entries, room);
        }
        move(index, index + 1);
        entries[index] = null;
        size++;
    }

    /** Removes the entry with the key of another one, and returns it. */
    @Nullable RegistryEntry remove(RegistryEntry other) {
        int index = findKey(other);
        if (index < 0) {
            return null;
        }
        RegistryEntry old = entries[index];
        move(index + 1, index);
        entries[--size] = null;
        return old;
    }

    private void move(int from, int to) {
        int count = size - from;
        System.arraycopy(keyHashes, from, keyHashes, to, count);
        System.arraycopy(hashes, from, hashes, to, count);
        System.arraycopy(entries, from, entries, to, count);
    }
}
