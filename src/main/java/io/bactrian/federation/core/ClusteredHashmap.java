package io.bactrian.federation.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The frames of the Clustered Hashmap Protocol: key, sequence, uuid, properties, body. Between nodes the properties also
 * say owner and version, and one ZeroMQ message may hold many such quintuples. Source: RFC 12/CHP.
 */
public final class ClusteredHashmap {
    /** A client asks for a snapshot: the second frame is the subtree. */
    public static final String ICANHAZ = "ICANHAZ?";
    /** The end of a snapshot. */
    public static final String KTHXBAI = "KTHXBAI";
    /** A heartbeat. */
    public static final String HUGZ = "HUGZ";
    /** The answer that a request of a client was done. */
    public static final String DONE = "DONE";
    /** The answer that it was not, with the reason. */
    public static final String FAILED = "FAILED";
    /** Frames of one key and value. */
    public static final int FRAMES = 5;

    /** What the first frame of a message that is no key and value says; no key has such a name. */
    static final Set<String> WORDS = Set.of(
            HUGZ,
            ICANHAZ,
            KTHXBAI,
            DONE,
            FAILED,
            ActorCommand.NAME,
            CommandReply.NAME,
            HistoryExchange.QUESTION,
            HistoryExchange.ANSWER);

    static final byte[] EMPTY = new byte[0];

    private static final int SEQUENCE_BYTES = 8;
    private static final int UUID_BYTES = 16;
    private static final int KEY_BYTES_MAX = 1024;
    /** What the journals hold of a property has less than 64 KiB. */
    private static final int PROPERTIES_BYTES_MAX = 8_192;

    private ClusteredHashmap() {}

    /**
     * One quintuple.
     *
     * @param key the key, or the name of a command
     * @param sequence the sequence number
     * @param uuid 16 octets, or none
     * @param properties names and values
     * @param body the value
     */
    @SuppressWarnings("ArrayRecordComponent") // octets that nobody changes
    public record KeyValue(String key, long sequence, byte[] uuid, Map<String, String> properties, byte[] body) {
        /** A property, or empty. */
        public String property(String name) {
            return properties.getOrDefault(name, "");
        }
    }

    /** The frames of one quintuple. */
    public static List<byte[]> frames(
            String key, long sequence, byte[] uuid, Map<String, String> properties, byte[] body) {
        List<byte[]> frames = new ArrayList<>(FRAMES);
        add(frames, key, sequence, uuid, properties, body);
        return frames;
    }

    /** Adds the frames of one quintuple. */
    public static void add(
            List<byte[]> frames, String key, long sequence, byte[] uuid, Map<String, String> properties, byte[] body) {
        frames.add(octets(key));
        frames.add(ByteBuffer.allocate(SEQUENCE_BYTES).putLong(sequence).array());
        frames.add(uuid);
        frames.add(octets(write(properties)));
        frames.add(body);
    }

    /**
     * Reads the quintuple that begins at a frame.
     *
     * @throws IllegalArgumentException if it is none; the message says why
     */
    public static KeyValue read(List<byte[]> frames, int from) {
        if (frames.size() < from + FRAMES) {
            throw new IllegalArgumentException("a key and value has 5 frames, not " + (frames.size() - from));
        }
        byte[] key = frames.get(from);
        byte[] sequence = frames.get(from + 1);
        byte[] uuid = frames.get(from + 2);
        if (key.length == 0 || key.length > KEY_BYTES_MAX) {
            throw new IllegalArgumentException("a key has 1 to " + KEY_BYTES_MAX + " octets, not " + key.length);
        }
        if (sequence.length != SEQUENCE_BYTES) {
            throw new IllegalArgumentException("a sequence has 8 octets, not " + sequence.length);
        }
        if (uuid.length != 0 && uuid.length != UUID_BYTES) {
            throw new IllegalArgumentException("a UUID has 16 octets or none, not " + uuid.length);
        }
        byte[] properties = frames.get(from + 3);
        if (properties.length > PROPERTIES_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "properties have at most " + PROPERTIES_BYTES_MAX + " octets, not " + properties.length);
        }
        return new KeyValue(
                text(key),
                ByteBuffer.wrap(sequence).getLong(),
                uuid,
                readProperties(text(properties)),
                frames.get(from + 4));
    }

    /** Text as octets. */
    public static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Octets as text. */
    public static String text(byte[] octets) {
        return new String(octets, StandardCharsets.UTF_8);
    }

    private static String write(Map<String, String> properties) {
        StringBuilder text = new StringBuilder();
        properties.forEach((name, value) -> {
            if (name.indexOf('=') >= 0 || name.indexOf('\n') >= 0 || value.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("a property has no line end, and its name no '=': " + name);
            }
            text.append(name).append('=').append(value).append('\n');
        });
        return text.toString();
    }

    private static Map<String, String> readProperties(String text) {
        if (text.isEmpty()) {
            return Map.of();
        }
        Map<String, String> properties = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            if (line.isEmpty()) {
                continue;
            }
            int equals = line.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("properties are lines name=value");
            }
            properties.put(line.substring(0, equals), line.substring(equals + 1));
        }
        return properties;
    }
}
