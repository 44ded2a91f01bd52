package io.bactrian.discovery.core;

import java.util.List;

/** What routers send each other, one in a datagram. {@code from} is the id of the sender. */
public sealed interface Message {
    String from();

    /** I am here; to the next router of the ring, which watches this one. */
    record Beat(String from) implements Message {}

    /** Are you there? With news. */
    record Ping(String from, int seq, List<Entry> entries) implements Message {}

    /** I am; also passed on by a helper. With news. */
    record Ack(String from, int seq, List<Entry> entries) implements Message {}

    /** Ping a third router for me, at this address, and pass its answer on. */
    record ProbeRequest(String from, int seq, String target, String address, List<Entry> entries) implements Message {}

    /** I have asked, and there is no answer yet: so I and the path to me are well (Lifeguard, section IV-A). */
    record Nack(String from, int seq) implements Message {}

    /** News. */
    record Gossip(String from, List<Entry> entries) implements Message {}

    /** What you lack, or have otherwise; it is not passed on. */
    record State(String from, List<Entry> entries) implements Message {}

    /** Ping a node for me. */
    record CheckNode(String from, int seq, String node, String address, String text) implements Message {}

    /** The node has answered me. */
    record NodeAnswered(String from, int seq, String node) implements Message {}

    /** The digest of all my state; answer if yours is another. */
    record Root(String from, long root) implements Message {}

    /** The digests of my {@link Replica#BUCKETS} buckets; array owned by the message. */
    @SuppressWarnings("ArrayRecordComponent")
    record Buckets(String from, int[] digests) implements Message {}

    /** All that I have in a bucket: hashes of keys, and of keys with versions. Send what I lack, ask for what you lack. */
    @SuppressWarnings("ArrayRecordComponent")
    record Keys(String from, int bucket, long[] keyHashes, long[] hashes) implements Message {}

    /** Send me the entries with these hashes of keys. */
    @SuppressWarnings("ArrayRecordComponent")
    record Want(String from, int bucket, long[] keyHashes) implements Message {}
}
