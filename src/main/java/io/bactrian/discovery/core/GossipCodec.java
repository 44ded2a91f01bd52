package io.bactrian.discovery.core;

import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Messages between routers as octets: a version, four octets of the hash of the cluster's name, a letter for the kind, and
 * the fields in network byte order; texts as a length of two octets and modified UTF-8. News ends with the datagram. Entries carry their age as a tombstone and not a time of
 * day, so the clocks of two routers may differ.
 */
public final class GossipCodec {
    private static final int VERSION = 2;
    private static final int ENTRIES_MAX = 1_000;
    private static final int KEYS_MAX = 8_000;
    private static final int ADDRESS_MAX = 300;
    private static final int ACCUSERS_MAX = 1_024;
    private static final int ROUTER = 1;
    private static final int SIGHTING = 2;
    private static final int ASSIGNMENT = 3;
    private static final long NOT_ENDED = -1;
    /** A year; tombstones are forgotten long before. */
    private static final long AGE_MAX_MS = 366L * 24 * 3_600_000;

    private static final RouterState[] STATES = RouterState.values();
    private static final NodeStatus[] STATUSES = NodeStatus.values();

    private final int cluster;

    /** A codec for a cluster; datagrams of other clusters are refused. */
    public GossipCodec(String cluster) {
        this.cluster = (int) Hashes.of(cluster);
    }

    /**
     * Writes a message.
     *
     * @param nowMs the time by the clock that stamped the ends of entries
     */
    public byte[] encode(RouterMessage message, long nowMs) {
        FrameWriter out = new FrameWriter(256).u8(VERSION).u32(cluster);
        write(message, out, nowMs);
        return out.done();
    }

    private static void write(RouterMessage message, FrameWriter out, long nowMs) {
        if (message instanceof RouterMessage.Beat m) {
            head(out, 'H', m.from());
        } else if (message instanceof RouterMessage.Ping m) {
            head(out, 'P', m.from());
            out.u32(m.seq());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.Ack m) {
            head(out, 'A', m.from());
            out.u32(m.seq());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.ProbeRequest m) {
            head(out, 'R', m.from());
            out.u32(m.seq());
            out.utf(m.target());
            out.utf(m.address());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.Nack m) {
            head(out, 'N', m.from());
            out.u32(m.seq());
        } else if (message instanceof RouterMessage.Gossip m) {
            head(out, 'G', m.from());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.State m) {
            head(out, 'S', m.from());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.CheckNode m) {
            head(out, 'C', m.from());
            out.u32(m.seq());
            out.utf(m.node());
            out.utf(m.address());
            out.utf(m.text());
        } else if (message instanceof RouterMessage.NodeAnswered m) {
            head(out, 'Y', m.from());
            out.u32(m.seq());
            out.utf(m.node());
        } else if (message instanceof RouterMessage.Root m) {
            head(out, 'D', m.from());
            out.u64(m.root());
        } else if (message instanceof RouterMessage.Buckets m) {
            head(out, 'B', m.from());
            for (int digest : m.digests()) {
                out.u32(digest);
            }
        } else if (message instanceof RouterMessage.Keys m) {
            head(out, 'K', m.from());
            out.u8(m.bucket());
            longs(out, m.keyHashes());
            longs(out, m.hashes());
        } else if (message instanceof RouterMessage.Want m) {
            head(out, 'W', m.from());
            out.u8(m.bucket());
            longs(out, m.keyHashes());
        }
    }

    private static void head(FrameWriter out, char kind, String from) {
        out.u8(kind);
        out.utf(from);
    }

    private static void longs(FrameWriter out, long[] values) {
        out.u16(values.length);
        for (long value : values) {
            out.u64(value);
        }
    }

    private static void entries(FrameWriter out, List<RegistryEntry> entries, long nowMs) {
        for (RegistryEntry entry : entries) {
            out.u64(entry.version());
            out.u32(entry.rank());
            out.u64(entry.endedMs() == 0 ? NOT_ENDED : Math.max(0, nowMs - entry.endedMs()));
            out.bytes(entry.encoded(), 0, entry.encoded().length);
        }
    }

    /**
     * Reads a message.
     *
     * @throws RequestRefusedException if it is no message of this cluster, or breaks a bound
     */
    public RouterMessage decode(byte[] bytes, long nowMs) {
        FrameReader<RequestRefusedException> in = new FrameReader<>(
                bytes, 0, bytes.length, text -> new RequestRefusedException("the datagram cannot be read: " + text));
        if (in.u8() != VERSION) {
            throw new RequestRefusedException("the datagram is of no version that is known here");
        }
        if (in.bits32() != cluster) {
            throw new RequestRefusedException("the datagram is of another cluster");
        }
        try {
            RouterMessage message = read(in, nowMs);
            in.end();
            return message;
        } catch (IllegalArgumentException e) {
            throw new RequestRefusedException("the datagram cannot be read: " + e);
        }
    }

    private static RouterMessage read(FrameReader<RequestRefusedException> in, long nowMs) {
        int kind = in.u8();
        String from = id(in);
        return switch (kind) {
            case 'H' -> new RouterMessage.Beat(from);
            case 'P' -> new RouterMessage.Ping(from, in.bits32(), entries(in, nowMs));
            case 'A' -> new RouterMessage.Ack(from, in.bits32(), entries(in, nowMs));
            case 'R' ->
                new RouterMessage.ProbeRequest(from, in.bits32(), id(in), text(in, ADDRESS_MAX), entries(in, nowMs));
            case 'N' -> new RouterMessage.Nack(from, in.bits32());
            case 'G' -> new RouterMessage.Gossip(from, entries(in, nowMs));
            case 'S' -> new RouterMessage.State(from, entries(in, nowMs));
            case 'C' ->
                new RouterMessage.CheckNode(from, in.bits32(), id(in), text(in, ADDRESS_MAX), text(in, ADDRESS_MAX));
            case 'Y' -> new RouterMessage.NodeAnswered(from, in.bits32(), id(in));
            case 'D' -> new RouterMessage.Root(from, in.bits64());
            case 'B' -> new RouterMessage.Buckets(from, digests(in));
            case 'K' -> keys(from, in);
            case 'W' -> new RouterMessage.Want(from, in.u8(), longs(in));
            default -> throw new RequestRefusedException("the datagram is of no kind that is known here");
        };
    }

    private static RouterMessage keys(String from, FrameReader<RequestRefusedException> in) {
        int bucket = in.u8();
        long[] keyHashes = longs(in);
        long[] hashes = longs(in);
        if (keyHashes.length != hashes.length) {
            throw new RequestRefusedException("the datagram's two lists differ in length");
        }
        return new RouterMessage.Keys(from, bucket, keyHashes, hashes);
    }

    private static int[] digests(FrameReader<RequestRefusedException> in) {
        int[] digests = new int[RegistryReplica.BUCKETS];
        for (int i = 0; i < digests.length; i++) {
            digests[i] = in.bits32();
        }
        return digests;
    }

    private static String id(FrameReader<RequestRefusedException> in) {
        String id = in.utf();
        if (id.isEmpty() || id.length() > Registration.TEXT_MAX) {
            throw new RequestRefusedException("an id in the datagram is empty or too long");
        }
        return id;
    }

    private static String text(FrameReader<RequestRefusedException> in, int max) {
        String text = in.utf();
        if (text.length() > max) {
            throw new RequestRefusedException("a text in the datagram has more than " + max + " characters");
        }
        return text;
    }

    private static long[] longs(FrameReader<RequestRefusedException> in) {
        int count = in.u16();
        if (count > KEYS_MAX || count * 8L > in.remaining()) {
            throw new RequestRefusedException("the datagram announces more than it holds");
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.bits64();
        }
        return values;
    }

    private static List<RegistryEntry> entries(FrameReader<RequestRefusedException> in, long nowMs) {
        List<RegistryEntry> entries = new ArrayList<>();
        while (in.remaining() > 0) {
            if (entries.size() == ENTRIES_MAX) {
                throw new RequestRefusedException("the datagram holds more than " + ENTRIES_MAX + " entries");
            }
            long version = in.bits64();
            int rank = in.bits32();
            long age = in.bits64();
            if (age < NOT_ENDED || age > AGE_MAX_MS) {
                throw new RequestRefusedException("a tombstone in the datagram has an age that cannot be");
            }
            entries.add(RegistryEntry.received(
                    content(in), version, rank, age == NOT_ENDED ? 0 : Math.max(1, nowMs - age)));
        }
        return entries;
    }

    static byte[] encode(Content content) {
        FrameWriter out = new FrameWriter(160);
        if (content instanceof Content.Router r) {
            out.u8(ROUTER);
            texts(out, r.id(), r.gossip(), r.register(), r.publications());
            out.u8(r.state().rank()).utf(r.accuser());
        } else if (content instanceof Content.Sighting s) {
            out.u8(SIGHTING).utf(s.router()).u8(s.status().code()).u64(s.firstSeenMs());
            registration(out, s.node());
        } else if (content instanceof Content.Assignment a) {
            out.u8(ASSIGNMENT);
            texts(out, a.group(), a.coverage(), a.holder(), a.former());
        }
        return out.done();
    }

    private static void texts(FrameWriter out, String... texts) {
        for (String text : texts) {
            out.utf(text);
        }
    }

    private static Content content(FrameReader<RequestRefusedException> in) {
        int kind = in.u8();
        return switch (kind) {
            case ROUTER ->
                new Content.Router(
                        id(in),
                        text(in, ADDRESS_MAX),
                        text(in, ADDRESS_MAX),
                        text(in, ADDRESS_MAX),
                        STATES[one(in, STATES.length)],
                        text(in, ACCUSERS_MAX));
            case SIGHTING -> {
                String router = id(in);
                NodeStatus status = STATUSES[one(in, STATUSES.length)];
                long firstSeenMs = in.bits64();
                yield new Content.Sighting(router, registration(in), status, firstSeenMs);
            }
            case ASSIGNMENT ->
                new Content.Assignment(
                        text(in, Registration.TEXT_MAX),
                        id(in),
                        text(in, Registration.TEXT_MAX),
                        text(in, Registration.TEXT_MAX));
            default ->
                throw new RequestRefusedException("the datagram holds an entry of a kind that is not known here");
        };
    }

    private static int one(FrameReader<RequestRefusedException> in, int below) {
        int value = in.u8();
        if (value >= below) {
            throw new RequestRefusedException("a number in the datagram is out of its range");
        }
        return value;
    }

    private static void registration(FrameWriter out, Registration r) {
        texts(out, r.id(), r.kind(), r.name(), r.host());
        out.u16(r.port());
        texts(out, r.group(), r.channel());
        list(out, r.capabilities());
        out.u8(r.metadata().size());
        for (var pair : r.sortedMetadata().entrySet()) {
            texts(out, pair.getKey(), pair.getValue());
        }
        out.utf(r.instance());
        out.u64(r.leaseMs());
        out.u16(r.pingPort());
        list(out, r.covers());
    }

    private static void list(FrameWriter out, List<String> words) {
        out.u8(words.size());
        for (String word : words) {
            out.utf(word);
        }
    }

    private static Registration registration(FrameReader<RequestRefusedException> in) {
        String id = in.utf();
        String kind = in.utf();
        String name = in.utf();
        String host = in.utf();
        int port = in.u16();
        String group = in.utf();
        String channel = in.utf();
        List<String> capabilities = list(in);
        int pairs = in.u8();
        TreeMap<String, String> metadata = new TreeMap<>();
        for (int i = 0; i < pairs; i++) {
            metadata.put(in.utf(), in.utf());
        }
        return new Registration(
                id,
                kind,
                name,
                host,
                port,
                group,
                channel,
                capabilities,
                metadata,
                in.utf(),
                in.bits64(),
                in.u16(),
                list(in));
    }

    private static List<String> list(FrameReader<RequestRefusedException> in) {
        int count = in.u8();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(in.utf());
        }
        return words;
    }
}
