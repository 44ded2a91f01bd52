package io.bactrian.discovery.core;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Messages between routers as octets: a version, four octets of the hash of the cluster's name, a letter for the kind, and
 * the fields in network byte order; texts as a length of two octets and UTF-8. News ends with the datagram. Entries carry their age as a tombstone and not a time of
 * day, so the clocks of two routers may differ.
 */
public final class GossipCodec {
    private static final int VERSION = 2;
    private static final int ENTRIES_MAX = 1_000;
    private static final int KEYS_MAX = 8_000;
    private static final int ADDRESS_MAX = 300;
    private static final int ACCUSERS_MAX = 1_024;
    private static final byte ROUTER = 1;
    private static final byte SIGHTING = 2;
    private static final byte ASSIGNMENT = 3;
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
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeInt(cluster);
            write(message, out, nowMs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(RouterMessage message, DataOutputStream out, long nowMs) throws IOException {
        if (message instanceof RouterMessage.Beat m) {
            head(out, 'H', m.from());
        } else if (message instanceof RouterMessage.Ping m) {
            head(out, 'P', m.from());
            out.writeInt(m.seq());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.Ack m) {
            head(out, 'A', m.from());
            out.writeInt(m.seq());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.ProbeRequest m) {
            head(out, 'R', m.from());
            out.writeInt(m.seq());
            out.writeUTF(m.target());
            out.writeUTF(m.address());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.Nack m) {
            head(out, 'N', m.from());
            out.writeInt(m.seq());
        } else if (message instanceof RouterMessage.Gossip m) {
            head(out, 'G', m.from());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.State m) {
            head(out, 'S', m.from());
            entries(out, m.entries(), nowMs);
        } else if (message instanceof RouterMessage.CheckNode m) {
            head(out, 'C', m.from());
            out.writeInt(m.seq());
            out.writeUTF(m.node());
            out.writeUTF(m.address());
            out.writeUTF(m.text());
        } else if (message instanceof RouterMessage.NodeAnswered m) {
            head(out, 'Y', m.from());
            out.writeInt(m.seq());
            out.writeUTF(m.node());
        } else if (message instanceof RouterMessage.Root m) {
            head(out, 'D', m.from());
            out.writeLong(m.root());
        } else if (message instanceof RouterMessage.Buckets m) {
            head(out, 'B', m.from());
            for (int digest : m.digests()) {
                out.writeInt(digest);
            }
        } else if (message instanceof RouterMessage.Keys m) {
            head(out, 'K', m.from());
            out.writeByte(m.bucket());
            longs(out, m.keyHashes());
            longs(out, m.hashes());
        } else if (message instanceof RouterMessage.Want m) {
            head(out, 'W', m.from());
            out.writeByte(m.bucket());
            longs(out, m.keyHashes());
        }
    }

    private static void head(DataOutputStream out, char kind, String from) throws IOException {
        out.writeByte(kind);
        out.writeUTF(from);
    }

    private static void longs(DataOutputStream out, long[] values) throws IOException {
        out.writeShort(values.length);
        for (long value : values) {
            out.writeLong(value);
        }
    }

    private static void entries(DataOutputStream out, List<RegistryEntry> entries, long nowMs) throws IOException {
        for (RegistryEntry entry : entries) {
            out.writeLong(entry.version());
            out.writeInt(entry.rank());
            out.writeLong(entry.endedMs() == 0 ? NOT_ENDED : Math.max(0, nowMs - entry.endedMs()));
            out.write(entry.encoded());
        }
    }

    /**
     * Reads a message.
     *
     * @throws RequestRefusedException if it is no message of this cluster, or breaks a bound
     */
    public RouterMessage decode(byte[] bytes, long nowMs) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readByte() != VERSION) {
                throw new RequestRefusedException("the datagram is of no version that is known here");
            }
            if (in.readInt() != cluster) {
                throw new RequestRefusedException("the datagram is of another cluster");
            }
            RouterMessage message = read(in, nowMs);
            if (in.read() >= 0) {
                throw new RequestRefusedException("the datagram goes on after its end");
            }
            return message;
        } catch (IOException | IllegalArgumentException e) {
            throw new RequestRefusedException("the datagram cannot be read: " + e);
        }
    }

    private static RouterMessage read(DataInputStream in, long nowMs) throws IOException {
        int kind = in.readUnsignedByte();
        String from = id(in);
        return switch (kind) {
            case 'H' -> new RouterMessage.Beat(from);
            case 'P' -> new RouterMessage.Ping(from, in.readInt(), entries(in, nowMs));
            case 'A' -> new RouterMessage.Ack(from, in.readInt(), entries(in, nowMs));
            case 'R' ->
                new RouterMessage.ProbeRequest(from, in.readInt(), id(in), text(in, ADDRESS_MAX), entries(in, nowMs));
            case 'N' -> new RouterMessage.Nack(from, in.readInt());
            case 'G' -> new RouterMessage.Gossip(from, entries(in, nowMs));
            case 'S' -> new RouterMessage.State(from, entries(in, nowMs));
            case 'C' ->
                new RouterMessage.CheckNode(from, in.readInt(), id(in), text(in, ADDRESS_MAX), text(in, ADDRESS_MAX));
            case 'Y' -> new RouterMessage.NodeAnswered(from, in.readInt(), id(in));
            case 'D' -> new RouterMessage.Root(from, in.readLong());
            case 'B' -> new RouterMessage.Buckets(from, digests(in));
            case 'K' -> keys(from, in);
            case 'W' -> new RouterMessage.Want(from, in.readUnsignedByte(), longs(in));
            default -> throw new RequestRefusedException("the datagram is of no kind that is known here");
        };
    }

    private static RouterMessage keys(String from, DataInputStream in) throws IOException {
        int bucket = in.readUnsignedByte();
        long[] keyHashes = longs(in);
        long[] hashes = longs(in);
        if (keyHashes.length != hashes.length) {
            throw new RequestRefusedException("the datagram's two lists differ in length");
        }
        return new RouterMessage.Keys(from, bucket, keyHashes, hashes);
    }

    private static int[] digests(DataInputStream in) throws IOException {
        int[] digests = new int[RegistryReplica.BUCKETS];
        for (int i = 0; i < digests.length; i++) {
            digests[i] = in.readInt();
        }
        return digests;
    }

    private static String id(DataInputStream in) throws IOException {
        String id = in.readUTF();
        if (id.isEmpty() || id.length() > Registration.TEXT_MAX) {
            throw new RequestRefusedException("an id in the datagram is empty or too long");
        }
        return id;
    }

    private static String text(DataInputStream in, int max) throws IOException {
        String text = in.readUTF();
        if (text.length() > max) {
            throw new RequestRefusedException("a text in the datagram has more than " + max + " characters");
        }
        return text;
    }

    private static long[] longs(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        if (count > KEYS_MAX || count * 8L > in.available()) {
            throw new RequestRefusedException("the datagram announces more than it holds");
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.readLong();
        }
        return values;
    }

    private static List<RegistryEntry> entries(DataInputStream in, long nowMs) throws IOException {
        List<RegistryEntry> entries = new ArrayList<>();
        while (in.available() > 0) {
            if (entries.size() == ENTRIES_MAX) {
                throw new RequestRefusedException("the datagram holds more than " + ENTRIES_MAX + " entries");
            }
            long version = in.readLong();
            int rank = in.readInt();
            long age = in.readLong();
            if (age < NOT_ENDED || age > AGE_MAX_MS) {
                throw new RequestRefusedException("a tombstone in the datagram has an age that cannot be");
            }
            entries.add(RegistryEntry.received(
                    content(in), version, rank, age == NOT_ENDED ? 0 : Math.max(1, nowMs - age)));
        }
        return entries;
    }

    static byte[] encode(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(160);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            if (content instanceof Content.Router r) {
                out.writeByte(ROUTER);
                texts(out, r.id(), r.gossip(), r.register(), r.publications());
                out.writeByte(r.state().rank());
                out.writeUTF(r.accuser());
            } else if (content instanceof Content.Sighting s) {
                out.writeByte(SIGHTING);
                out.writeUTF(s.router());
                out.writeByte(s.status().code());
                out.writeLong(s.firstSeenMs());
                registration(out, s.node());
            } else if (content instanceof Content.Assignment a) {
                out.writeByte(ASSIGNMENT);
                texts(out, a.group(), a.coverage(), a.holder(), a.former());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void texts(DataOutputStream out, String... texts) throws IOException {
        for (String text : texts) {
            out.writeUTF(text);
        }
    }

    private static Content content(DataInputStream in) throws IOException {
        byte kind = in.readByte();
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
                long firstSeenMs = in.readLong();
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

    private static int one(DataInputStream in, int below) throws IOException {
        int value = in.readUnsignedByte();
        if (value >= below) {
            throw new RequestRefusedException("a number in the datagram is out of its range");
        }
        return value;
    }

    private static void registration(DataOutputStream out, Registration r) throws IOException {
        texts(out, r.id(), r.kind(), r.name(), r.host());
        out.writeShort(r.port());
        texts(out, r.group(), r.channel());
        list(out, r.capabilities());
        out.writeByte(r.metadata().size());
        for (var pair : r.sortedMetadata().entrySet()) {
            texts(out, pair.getKey(), pair.getValue());
        }
        out.writeUTF(r.instance());
        out.writeLong(r.leaseMs());
        out.writeShort(r.pingPort());
        list(out, r.covers());
    }

    private static void list(DataOutputStream out, List<String> words) throws IOException {
        out.writeByte(words.size());
        for (String word : words) {
            out.writeUTF(word);
        }
    }

    private static Registration registration(DataInputStream in) throws IOException {
        String id = in.readUTF();
        String kind = in.readUTF();
        String name = in.readUTF();
        String host = in.readUTF();
        int port = in.readUnsignedShort();
        String group = in.readUTF();
        String channel = in.readUTF();
        List<String> capabilities = list(in);
        int pairs = in.readUnsignedByte();
        TreeMap<String, String> metadata = new TreeMap<>();
        for (int i = 0; i < pairs; i++) {
            metadata.put(in.readUTF(), in.readUTF());
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
                in.readUTF(),
                in.readLong(),
                in.readUnsignedShort(),
                list(in));
    }

    private static List<String> list(DataInputStream in) throws IOException {
        int count = in.readUnsignedByte();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            words.add(in.readUTF());
        }
        return words;
    }
}
