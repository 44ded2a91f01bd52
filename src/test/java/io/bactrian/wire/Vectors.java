package io.bactrian.wire;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;

/** The golden octets of {@code wire/vectors.json}, and both directions between them and our records. */
final class Vectors {
    static final HexFormat HEX = HexFormat.of();
    private static final Map<String, String> NAMES = Map.of(
            "reason",
            "code",
            "answer",
            "flags",
            "headers",
            "flags",
            "ephemeral",
            "flags",
            "timeMs",
            "time",
            "maxMessage",
            "max-message",
            "maxBatch",
            "max-batch");

    /** The bits of flags that are not the first. */
    private static final Map<String, Long> BITS = Map.of("ephemeral", 2L);

    private Vectors() {}

    /** A frame with its fields in words. */
    record Valid(String name, String command, byte[] frame, Map<String, Object> fields) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** A frame that must be refused, and how. */
    record Invalid(String name, byte[] frame, String code) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Valid> valid() {
        List<Valid> vectors = new ArrayList<>();
        for (Object entry : (JsonArray) load().get("valid")) {
            JsonObject vector = (JsonObject) entry;
            Map<String, Object> fields = new LinkedHashMap<>();
            ((JsonObject) vector.get("fields")).forEach((name, value) -> fields.put(name, plain(value)));
            vectors.add(new Valid(
                    vector.getString("name"),
                    vector.getString("command"),
                    HEX.parseHex(vector.getString("hex")),
                    fields));
        }
        return vectors;
    }

    static List<Invalid> invalid() {
        List<Invalid> vectors = new ArrayList<>();
        for (Object entry : (JsonArray) load().get("invalid")) {
            JsonObject vector = (JsonObject) entry;
            vectors.add(new Invalid(
                    vector.getString("name"), HEX.parseHex(vector.getString("hex")), vector.getString("code")));
        }
        return vectors;
    }

    private static JsonObject load() {
        try (InputStream in = Objects.requireNonNull(Vectors.class.getResourceAsStream("/wire/vectors.json"))) {
            return (JsonObject) Jsoner.deserialize(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException | DeserializationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object plain(Object value) {
        if (value instanceof Number number) {
            return new BigDecimal(number.toString()).longValueExact();
        }
        if (value instanceof JsonArray array) {
            return array.stream().map(Vectors::plain).toList();
        }
        return value;
    }

    /** The headers of each record of a batch; nothing if it has none. */
    static List<Map<String, String>> headers(Batch batch) {
        return batch.hasHeaders()
                ? batch.records().stream()
                        .map(record -> Headers.unpack(record, 0, record.length))
                        .toList()
                : List.of();
    }

    /** The fields of a command under the names of the protocol. */
    static Map<String, Object> fields(Command command) throws ReflectiveOperationException {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (RecordComponent component : command.getClass().getRecordComponents()) {
            Object value = component.getAccessor().invoke(command);
            if (value instanceof Boolean flag) {
                fields.merge(wireName(component), flag ? bit(component) : 0L, (a, b) -> (Long) a | (Long) b);
            } else {
                fields.put(wireName(component), toPlain(value));
            }
        }
        return fields;
    }

    private static Object toPlain(Object value) {
        if (value instanceof Code code) {
            return (long) code.number();
        } else if (value instanceof Cause cause) {
            return (long) cause.number();
        } else if (value instanceof PatternKind kind) {
            return (long) kind.number();
        } else if (value instanceof StartFrom from) {
            return (long) from.number();
        } else if (value instanceof Number number) {
            return number.longValue();
        } else if (value instanceof TopicSequence topic) {
            return List.of(topic.topic(), topic.sequence());
        } else if (value instanceof List<?> list) {
            return list.stream().map(Vectors::toPlain).toList();
        }
        return value;
    }

    /** The command that has these fields. */
    static Command command(Valid vector) throws ReflectiveOperationException, WireException {
        for (Class<?> type : Command.class.getDeclaredClasses()) {
            if (type.isRecord() && type.getSimpleName().toUpperCase(Locale.ROOT).equals(vector.command())) {
                RecordComponent[] components = type.getRecordComponents();
                Class<?>[] types = new Class<?>[components.length];
                Object[] values = new Object[components.length];
                for (int i = 0; i < components.length; i++) {
                    types[i] = components[i].getType();
                    Object value = vector.fields().get(wireName(components[i]));
                    values[i] = types[i] == boolean.class
                            ? ((Long) value & bit(components[i])) != 0
                            : fromPlain(types[i], value);
                }
                return (Command) type.getDeclaredConstructor(types).newInstance(values);
            }
        }
        throw new IllegalArgumentException("no command " + vector.command());
    }

    private static Object fromPlain(Class<?> type, Object value) throws WireException {
        if (type == String.class) {
            return value;
        } else if (type == List.class) {
            return ((List<?>) value)
                    .stream()
                            .map(pair -> (List<?>) pair)
                            .map(pair -> new TopicSequence((String) pair.get(0), (Long) pair.get(1)))
                            .toList();
        }
        long number = (Long) value;
        if (type == Code.class) {
            return Code.of((int) number);
        } else if (type == Cause.class) {
            return Cause.of((int) number);
        } else if (type == PatternKind.class) {
            return PatternKind.of((int) number);
        } else if (type == StartFrom.class) {
            return StartFrom.of((int) number);
        } else if (type == int.class) {
            return (int) number;
        }
        return number;
    }

    private static long bit(RecordComponent component) {
        return BITS.getOrDefault(component.getName(), 1L);
    }

    private static String wireName(RecordComponent component) {
        String name = component.getName();
        return NAMES.getOrDefault(name, name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }
}
