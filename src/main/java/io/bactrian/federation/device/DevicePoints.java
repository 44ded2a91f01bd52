package io.bactrian.federation.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The file of a field device.
 *
 * @param name the device in alarms and in the state
 * @param life where the life sign is; null if the device has none
 * @param points the values, each key once
 */
public record DevicePoints(String name, @Nullable Point life, List<Point> points) {
    private static final int POINTS_MAX = 10_000;
    private static final Set<String> KEYS = Set.of("device", "life", "points");
    private static final Set<String> POINT_KEYS = Set.of("key", "address", "type", "write", "record");

    public DevicePoints {
        points = List.copyOf(points);
    }

    /** Reads a file; {@link IllegalArgumentException} lists every problem. */
    public static DevicePoints read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the points of the device cannot be read from " + file + ", see bactrian.device.points", e);
        }
    }

    static DevicePoints parse(String source, String text) {
        Object document;
        try {
            document = new Load(LoadSettings.builder().setLabel(source).build()).loadFromString(text);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException(
                    source + " is no YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "), e);
        }
        List<String> problems = new ArrayList<>();
        DevicePoints found = new Reader(problems).file(document);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(source + ": " + String.join("; ", problems));
        }
        return found;
    }

    /** Reads the maps and lists, and notes what is wrong. */
    private record Reader(List<String> problems) {
        private DevicePoints file(Object document) {
            Map<?, ?> map = map("the file", document, KEYS);
            String name = String.valueOf(map.get("device"));
            if (!name.matches("[A-Za-z0-9_-]{1,64}") || map.get("device") == null) {
                problems.add("device = '" + name + "': give a name of letters, digits, _ and -");
            }
            Point life = map.get("life") == null ? null : point("life", map.get("life"), false);
            List<Point> points = new ArrayList<>();
            Set<String> keys = new HashSet<>();
            if (!(map.get("points") instanceof List<?> list) || list.isEmpty() || list.size() > POINTS_MAX) {
                problems.add("points: give a list of 1 to " + POINTS_MAX + " points");
                return new DevicePoints(name, life, points);
            }
            for (int i = 0; i < list.size(); i++) {
                Point point = point("points[" + i + "]", list.get(i), true);
                if (!keys.add(point.key())) {
                    problems.add("points[" + i + "].key: " + point.key() + " is there twice");
                }
                points.add(point);
            }
            return new DevicePoints(name, life, points);
        }

        private Point point(String path, @Nullable Object content, boolean keyed) {
            Map<?, ?> map = map(path, content, POINT_KEYS);
            String type = String.valueOf(map.get("type"));
            if (!Point.Type.NAMES.contains(type)) {
                problems.add(path + ".type = '" + type + "': give one of " + Point.Type.NAMES);
                type = "String";
            }
            Point point = new Point(
                    keyed ? text(path + ".key", map.get("key")) : "",
                    text(path + ".address", map.get("address")),
                    Point.Type.of(type),
                    flag(path + ".write", map.get("write")),
                    flag(path + ".record", map.get("record")));
            try {
                point.quotedAddress();
            } catch (IllegalArgumentException e) {
                problems.add(path + ".address: " + e.getMessage());
            }
            return point;
        }

        private String text(String path, @Nullable Object value) {
            if (!(value instanceof String text) || text.isBlank()) {
                problems.add(path + ": give a text");
                return "";
            }
            return text;
        }

        private boolean flag(String path, @Nullable Object value) {
            if (value != null && !(value instanceof Boolean)) {
                problems.add(path + " = '" + value + "': give true or false");
            }
            return Boolean.TRUE.equals(value);
        }

        private Map<?, ?> map(String path, @Nullable Object value, Set<String> known) {
            if (!(value instanceof Map<?, ?> map)) {
                problems.add(path + ": give a map with " + known);
                return Map.of();
            }
            for (Object key : map.keySet()) {
                if (!known.contains(String.valueOf(key))) {
                    problems.add(path + "." + key + " is not known: there may be " + known);
                }
            }
            return map;
        }
    }
}
