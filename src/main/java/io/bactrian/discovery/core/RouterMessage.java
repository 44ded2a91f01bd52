package io.bactrian.discovery.core;

import java.util.List;

/** A message between routers, one in a datagram. {@code from} is the id of the sender. */
public sealed interface RouterMessage {
    String from();

    /** I am here; to the next router of the ring, which watches this one. */
    record Beat(String from) implements RouterMessage {}

    /** Are you there? With news. */
    record Ping(String from, int seq, List<RegistryEntry> entries) implements RouterMessage {}

    /** I am; also passed on by a helper. With news. */
    record Ack(String from, int seq, List<RegistryEntry> entries) implements RouterMessage {}

    /** Ping a third router for me, at this address, and pass its answer on. */
    record ProbeRequest(String from, int seq, String target, String address, List<RegistryEntry> entries)
            implements RouterMessage {}

    /** I have asked, and there is no answer yet: so I and the path to me are well (Lifeguard, section IV-A). */
    record Nack(String from, int seq) implements RouterMessage {}

    /** News. */
    record Gossip(String from, List<RegistryEntry> entries) implements RouterMessage {}

    /** What you lack, or have otherwise; it is not passed on. */
    record State(String from, List<RegistryEntry> entries) implements RouterMessage {}

    /** Ping a node for me. */
    record CheckNode(String from, int seq, String node, String address, String text) implements RouterMessage {}

    /** The node has answered me. */
    record NodeAnswered(String from, int seq, String node) implements RouterMessage {}

    /** The digest of all my state; answer if yours is another. */
    record Root(String from, long root) implements RouterMessage {}

    /** The digests of my {@link RegistryReplica#BUCKETS} buckets; array owned by the message. */
    @SuppressWarnings("ArrayRecordComponent")
    record Buckets(String from, int[] digests) implements RouterMessage {}

    /** All that I have in a bucket: hashes of keys, and of keys with versions. Send what I lack, ask for what you lack. */
    @SuppressWarnings("ArrayRecordComponent")
    record Keys(String from, int bucket, long[] keyHashes, long[] hashes) implements RouterMessage {}

    /** Send me the entries with these hashes of keys. */
    @SuppressWarnings("ArrayRecordComponent")
    record Want(String from, int bucket, long[] keyHashes) implements RouterMessage {}
}
