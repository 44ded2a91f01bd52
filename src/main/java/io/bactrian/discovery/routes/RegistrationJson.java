package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.NodeStatus;
import io.bactrian.discovery.core.NodeView;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.jspecify.annotations.Nullable;

/** Registrations and nodes as JSON. What a peer wrote is data and nothing else. */
final class RegistrationJson {
    private static final int DEPTH_MAX = 16;
    private static final int PORT_MAX = 65_535;
    private static final Set<String> KNOWN = Set.of(
            "node_id",
            "node_name",
            "node_ip",
            "node_port",
            "node_group",
            "channel_name",
            "capabilities",
            "metadata",
            "instance",
            "lease_ms",
            "ping_port",
            "covers",
            "answer");

    private RegistrationJson() {}

    /**
     * A message of the discovery.
     *
     * @param node what it tells
     * @param leaves true if the node deregisters
     * @param wantsJson true if the answer is to be JSON and not {@code ACK}
     */
    record Announcement(Registration node, boolean leaves, boolean wantsJson) {}

    /** Reads JSON that is not nested deeply. @throws RequestRefusedException if it is none */
    static JsonObject object(String text) {
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            }
            if (depth > DEPTH_MAX) {
                throw new RequestRefusedException("the JSON is nested more than " + DEPTH_MAX + " levels deep");
            }
        }
        try {
            if (Jsoner.deserialize(text) instanceof JsonObject object) {
                return object;
            }
        } catch (DeserializationException | RuntimeException e) {
            throw new RequestRefusedException("the text is not JSON");
        }
        throw new RequestRefusedException("the text is not a JSON object");
    }

    /**
     * Reads the announcement of a node.
     *
     * @param json {@code {"discovery": {KIND: {"header": {...}, "payload": {"message": ...}}}}}
     * @param host where it came from, if the header names no address
     * @param leaseMs the lease, if the header names none
     * @param pingPort where pings are answered, if the header names none
     * @throws RequestRefusedException with the field that is wrong
     */
    static Announcement announcement(String json, String host, long leaseMs, int pingPort) {
        JsonObject discovery = inner(object(json), "discovery");
        if (discovery.size() != 1) {
            throw new RequestRefusedException("discovery must hold one object, such as publisher or subscriber");
        }
        String kind = String.valueOf(discovery.keySet().iterator().next());
        JsonObject announced = inner(discovery, kind);
        JsonObject header = inner(announced, "header");
        String ip = text(header, "node_ip");
        String where = ip.isEmpty() ? host : ip;
        int port = port(header, "node_port", 0);
        String instance = text(header, "instance");
        Registration node = new Registration(
                text(header, "node_id"),
                kind,
                text(header, "node_name"),
                where,
                port,
                text(header, "node_group"),
                text(header, "channel_name"),
                words(header, "capabilities"),
                metadata(header),
                instance.isEmpty() ? where + ":" + port : instance,
                number(header, "lease_ms", leaseMs),
                port(header, "ping_port", pingPort),
                words(header, "covers"));
        String message = announced.get("payload") instanceof JsonObject payload ? text(payload, "message") : "";
        return new Announcement(
                node,
                message.endsWith("deregister_message"),
                text(header, "answer").equals("json"));
    }

    private static JsonObject inner(JsonObject object, String field) {
        if (object.get(field) instanceof JsonObject inner) {
            return inner;
        }
        throw new RequestRefusedException("the object '" + shown(field) + "' is missing");
    }

    private static String shown(String text) {
        return text.length() > 32 ? text.substring(0, 32) : text;
    }

    static String text(JsonObject object, String field) {
        Object value = object.get(field);
        if (value == null) {
            return "";
        }
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        throw new RequestRefusedException(field + " must be a text");
    }

    static long number(JsonObject object, String field, long otherwise) {
        Object value = object.get(field);
        if (value == null) {
            return otherwise;
        }
        try {
            return new BigDecimal(value.toString()).longValueExact();
        } catch (NumberFormatException | ArithmeticException e) {
            throw new RequestRefusedException(field + " must be a whole number");
        }
    }

    /** A port; the number as it stands, so that one that is too large is not cut to one that fits. */
    private static int port(JsonObject header, String field, int otherwise) {
        long port = number(header, field, otherwise);
        if (port < 0 || port > PORT_MAX) {
            throw new RequestRefusedException(field + " must be from 0 to " + PORT_MAX);
        }
        return (int) port;
    }

    private static List<String> words(JsonObject header, String field) {
        Object value = header.get(field);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof Collection<?> all) || all.size() > Registration.COVERS_MAX) {
            throw new RequestRefusedException(
                    field + " must be a list of at most " + Registration.COVERS_MAX + " words");
        }
        return strings(all, field);
    }

    private static List<String> strings(Collection<?> all, String field) {
        List<String> words = new ArrayList<>();
        for (Object one : all) {
            if (!(one instanceof String word)) {
                throw new RequestRefusedException(field + " must be a list of words");
            }
            words.add(word);
        }
        return words;
    }

    /** The pairs under {@code metadata}, and every other field of the header that is a text, a number or a truth value. */
    private static Map<String, String> metadata(JsonObject header) {
        Map<String, String> pairs = new TreeMap<>();
        if (header.get("metadata") instanceof JsonObject given) {
            for (Map.Entry<String, Object> pair : given.entrySet()) {
                pairs.put(pair.getKey(), text(given, pair.getKey()));
            }
        } else if (header.get("metadata") != null) {
            throw new RequestRefusedException("metadata must be an object");
        }
        for (Map.Entry<String, Object> pair : header.entrySet()) {
            if (!KNOWN.contains(pair.getKey()) && pair.getValue() != null) {
                pairs.putIfAbsent(pair.getKey(), text(header, pair.getKey()));
            }
        }
        return pairs;
    }

    /** The announcement of a node, as the reader above reads it. */
    static String announcement(Registration node, boolean leaves, boolean wantsJson) {
        JsonObject header = new JsonObject();
        header.put("node_id", node.id());
        header.put("node_name", node.name());
        header.put("node_ip", node.host());
        header.put("node_port", node.port());
        header.put("node_group", node.group());
        header.put("channel_name", node.channel());
        header.put("capabilities", new JsonArray(node.capabilities()));
        header.put("metadata", new JsonObject(node.sortedMetadata()));
        header.put("instance", node.instance());
        header.put("lease_ms", node.leaseMs());
        header.put("ping_port", node.pingPort());
        header.put("covers", new JsonArray(node.covers()));
        if (wantsJson) {
            header.put("answer", "json");
        }
        JsonObject payload = new JsonObject();
        payload.put("message", node.kind() + (leaves ? "_deregister_message" : "_discovery_message"));
        JsonObject announced = new JsonObject();
        announced.put("header", header);
        announced.put("payload", payload);
        return wrapped("discovery", wrapped(node.kind(), announced)).toJson();
    }

    static JsonObject wrapped(String field, Object value) {
        JsonObject object = new JsonObject();
        object.put(field, value);
        return object;
    }

    /** A node as it is shown. */
    static JsonObject shown(NodeView view) {
        Registration node = view.node();
        JsonObject json = new JsonObject();
        json.put("id", node.id());
        json.put("kind", node.kind());
        json.put("name", node.name());
        json.put("host", node.host());
        json.put("port", node.port());
        json.put("address", node.address());
        json.put("group", node.group());
        json.put("channel", node.channel());
        json.put("status", view.status().name());
        json.put("capabilities", new JsonArray(node.capabilities()));
        json.put("covers", new JsonArray(node.covers()));
        json.put("metadata", new JsonObject(node.sortedMetadata()));
        json.put("routers", new JsonArray(view.routers()));
        json.put("leaseMs", node.leaseMs());
        json.put("pingPort", node.pingPort());
        json.put("firstSeen", Instant.ofEpochMilli(view.firstSeenMs()).toString());
        if (view.lastSeenMs() > 0) {
            json.put("lastSeen", Instant.ofEpochMilli(view.lastSeenMs()).toString());
        }
        if (view.rttP50Us() >= 0) {
            json.put("rttP50Us", view.rttP50Us());
            json.put("rttP99Us", view.rttP99Us());
        }
        return json;
    }

    static @Nullable NodeStatus status(String text) {
        if (text.isEmpty()) {
            return null;
        }
        for (NodeStatus status : NodeStatus.values()) {
            if (status.name().equalsIgnoreCase(text)) {
                return status;
            }
        }
        throw new RequestRefusedException("status must be one of joining, active, suspect, down, left");
    }

    static String text(List<String> words) {
        return new JsonArray(words).toJson();
    }

    static String text(Map<String, String> pairs) {
        return new JsonObject(pairs).toJson();
    }

    static List<String> list(String json) {
        try {
            return Jsoner.deserialize(json) instanceof Collection<?> all ? strings(all, "the list") : List.of();
        } catch (DeserializationException e) {
            throw new IllegalArgumentException("not a JSON list: " + e.getMessage(), e);
        }
    }

    static Map<String, String> map(String json) {
        Map<String, String> pairs = new TreeMap<>();
        object(json).forEach((key, value) -> pairs.put(key, String.valueOf(value)));
        return pairs;
    }
}
