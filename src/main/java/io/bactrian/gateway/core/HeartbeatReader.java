package io.bactrian.gateway.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads heartbeats: JSON objects with {@code id} (a whole number from 0 on), {@code location} (a text or number) and {@code data}
 * (any value). Other fields are ignored. A field that comes twice counts the second time. Any thread.
 */
public final class HeartbeatReader {
    /** For bodies that are no JSON. */
    public static final String NOT_JSON = "Heartbeat object must be in json format.";

    /** For objects without one of the fields. */
    public static final String INCOMPLETE = "Heartbeat object must contain 'id', 'location', and 'data'.";

    /** The longest location, in characters. */
    public static final int LOCATION_MAX = 255;

    /** The greatest id that a path can name and that balancers and workers tell each other: 18 digits. */
    private static final long ID_MAX = 999_999_999_999_999_999L;

    private static final int NUMBER_LENGTH_MAX = 100;
    private static final int NAME_LENGTH_MAX = 1_000;
    private static final Pattern UNPRINTABLE = Pattern.compile("\\p{Cntrl}");

    private final JsonFactory json;

    /**
     * A reader with bounds.
     *
     * @param depthMax how deep objects and arrays may lie within each other
     * @param bytesMax how long a text may be; the caller bounds the body
     */
    public HeartbeatReader(int depthMax, int bytesMax) {
        json = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(depthMax)
                        .maxStringLength(bytesMax)
                        .maxNumberLength(NUMBER_LENGTH_MAX)
                        .maxNameLength(NAME_LENGTH_MAX)
                        .build())
                .build();
    }

    /**
     * Reads one heartbeat.
     *
     * @param body the body of the request
     * @param address where it came from
     * @param nowMs the time, in milliseconds since 1970
     * @throws BadRequestException if it is none
     */
    public Heartbeat read(byte[] body, String address, long nowMs) {
        try (JsonParser parser = json.createParser(body)) {
            if (parser.nextToken() == null) {
                throw new BadRequestException(NOT_JSON);
            }
            if (parser.currentTokenLocation().getByteOffset() < 0) {
                // The parser has found UTF-16 or UTF-32, and knows no octets there. JSON that is exchanged is UTF-8
                // (RFC 8259, 8.1).
                throw new BadRequestException(NOT_JSON);
            }
            if (!parser.isExpectedStartObjectToken()) {
                parser.skipChildren();
                expectEnd(parser);
                throw new BadRequestException(INCOMPLETE);
            }
            Heartbeat heartbeat = object(parser, body, address, nowMs);
            expectEnd(parser);
            return heartbeat;
        } catch (JsonProcessingException e) {
            throw new BadRequestException(NOT_JSON);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read a body that is in memory", e);
        }
    }

    private static Heartbeat object(JsonParser parser, byte[] body, String address, long nowMs) throws IOException {
        Fields fields = new Fields();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "id" -> fields.id = id(parser);
                case "location" -> fields.location = location(parser);
                case "data" -> fields.data = copy(parser, body);
                default -> parser.skipChildren();
            }
        }
        if (fields.id == null || fields.location == null || fields.data == null) {
            throw new BadRequestException(INCOMPLETE);
        }
        return new Heartbeat(fields.id, fields.location, address, nowMs, fields.data);
    }

    private static void expectEnd(JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw new BadRequestException(NOT_JSON);
        }
    }

    private static long id(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                || parser.getLongValue() < 0) {
            throw new BadRequestException("Heartbeat 'id' must be a whole number from 0 on.");
        }
        if (parser.getLongValue() > ID_MAX) {
            throw new BadRequestException("Heartbeat 'id' must be at most " + ID_MAX + ".");
        }
        return parser.getLongValue();
    }

    /** Whether a heartbeat can have such a location. */
    public static boolean isLocation(String text) {
        return !text.isEmpty()
                && text.length() <= LOCATION_MAX
                && !UNPRINTABLE.matcher(text).find();
    }

    private static String location(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_STRING && !token.isNumeric()) {
            throw new BadRequestException("Heartbeat 'location' must be a text or a number.");
        }
        String text = parser.getText();
        if (!isLocation(text)) {
            throw new BadRequestException("Heartbeat 'location' must have 1 to " + LOCATION_MAX
                    + " characters, none of them a control character.");
        }
        return text;
    }

    /** The value as it was sent, octet for octet: a number keeps its digits. */
    private static String copy(JsonParser parser, byte[] body) throws IOException {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        int end = (int) parser.currentLocation().getByteOffset();
        return new String(body, start, end - start, StandardCharsets.UTF_8).strip();
    }

    /** The fields found so far. */
    private static final class Fields {
        private @Nullable Long id;
        private @Nullable String location;
        private @Nullable String data;
    }
}
