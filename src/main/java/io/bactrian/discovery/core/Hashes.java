package io.bactrian.discovery.core;

/** Hashes that are the same in every process. */
final class Hashes {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Hashes() {}

    /** FNV-1a over the characters, then mixed. */
    static long of(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /** The finalizer of MurmurHash3. */
    static long mix(long value) {
        long mixed = value;
        mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }

    /** The weight of a candidate for a key: the candidate with the highest one is chosen (rendezvous hashing). */
    static long weight(String key, String candidate) {
        return weight(of(key), of(candidate));
    }

    /** The same of the hashes of both. */
    static long weight(long keyHash, long candidateHash) {
        return mix(keyHash ^ (candidateHash * 0x9e3779b97f4a7c15L));
    }
}
