package io.bactrian.discovery.core;

import org.jspecify.annotations.Nullable;

/**
 * One versioned entry of the state that all routers share. Of two entries with one key the one with the higher version
 * wins, then the one with the higher rank; so old news never wins, and the order of arrival does not matter.
 */
public final class RegistryEntry {
    private final String key;
    private final long version;
    private final int rank;
    private final Content content;
    private final long endedMs;
    private final long keyHash;
    private final long hash;
    private byte @Nullable [] encoded;

    private RegistryEntry(String key, long version, int rank, Content content, long endedMs) {
        this.key = key;
        this.version = version;
        this.rank = rank;
        this.content = content;
        this.endedMs = endedMs;
        keyHash = Hashes.of(key);
        hash = Hashes.mix(keyHash ^ Hashes.mix(version * 31 + rank));
    }

    /** A router of an incarnation. */
    static RegistryEntry router(Content.Router router, long incarnation, long endedMs) {
        return new RegistryEntry(
                routerKey(router.id()), incarnation, router.state().rank(), router, endedMs);
    }

    /** A node in the care of a router. */
    static RegistryEntry sighting(Content.Sighting sighting, long version, long endedMs) {
        return new RegistryEntry(sightingKey(sighting.node().id(), sighting.router()), version, 0, sighting, endedMs);
    }

    /** Who does a piece of work; two routers that decide at once, in two halves of a cut network, are told apart by rank. */
    static RegistryEntry assignment(Content.Assignment assignment, long version, String decider, long endedMs) {
        return new RegistryEntry(
                assignmentKey(assignment.group(), assignment.coverage()),
                version,
                (int) Hashes.of(decider),
                assignment,
                endedMs);
    }

    /** As it came over the wire. */
    static RegistryEntry received(Content content, long version, int rank, long endedMs) {
        if (content instanceof Content.Router router) {
            return router(router, version, endedMs);
        }
        if (content instanceof Content.Sighting sighting) {
            return sighting(sighting, version, endedMs);
        }
        Content.Assignment assignment = (Content.Assignment) content;
        return new RegistryEntry(
                assignmentKey(assignment.group(), assignment.coverage()), version, rank, assignment, endedMs);
    }

    static String routerKey(String id) {
        return "r\n" + id;
    }

    static String sightingKey(String node, String router) {
        return "n\n" + node + "\n" + router;
    }

    static String assignmentKey(String group, String coverage) {
        return "a\n" + group + "\n" + coverage;
    }

    public String key() {
        return key;
    }

    public long version() {
        return version;
    }

    int rank() {
        return rank;
    }

    public Content content() {
        return content;
    }

    /** When it became a tombstone by the clock of this router, 0 if it is none. */
    long endedMs() {
        return endedMs;
    }

    long keyHash() {
        return keyHash;
    }

    /** A hash of key, version and rank. */
    long hash() {
        return hash;
    }

    boolean newerThan(RegistryEntry other) {
        return version != other.version ? version > other.version : rank > other.rank;
    }

    /** The bytes of the content, encoded once; not to be changed. */
    byte[] encoded() {
        byte[] bytes = encoded;
        if (bytes == null) {
            bytes = GossipCodec.encode(content);
            encoded = bytes;
        }
        return bytes;
    }

    @Override
    public String toString() {
        return "Entry[version=" + version + " " + content + "]";
    }
}
