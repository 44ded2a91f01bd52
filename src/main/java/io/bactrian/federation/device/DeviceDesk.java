package io.bactrian.federation.device;

import io.bactrian.federation.core.SetRequest;
import io.bactrian.federation.routes.FederationConstants;
import io.bactrian.federation.routes.FederationNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Between the state of a node and its field device: which values are to be read, what has changed, what a command writes. Only
 * the process that acts for the node reads values and writes; the other one of a pair reads the life sign. Thread-safe.
 */
public final class DeviceDesk {
    /** The beginning of the reason when the device, and not the node, has not taken a value. */
    public static final String FAILED = "the device ";

    /** The header with the point that is written. */
    public static final String POINT = "CamelBactrianPoint";
    /** The variable of the Exchange with the value of a command, as the state keeps it: a String. */
    public static final String TEXT = "text";

    private static final Logger LOG = LoggerFactory.getLogger(DeviceDesk.class);
    private static final int LIFE_MODULUS = 30_000;

    private final FederationNode node;
    private final DevicePoints points;
    private final Map<String, Point> byKey = new HashMap<>();
    private long life = ThreadLocalRandom.current().nextInt(LIFE_MODULUS);
    private @Nullable Boolean connected;

    /**
     * A change of a value in the device.
     *
     * @param key the key of the state
     * @param text the new value
     * @param amount the value as a number, 1 for true and 0 for false; null for text
     * @param recorded whether it is recorded as history
     */
    public record Change(String key, String text, @Nullable Double amount, boolean recorded) {}

    /** A desk; from now on commands to the keys of the points go to the route {@code direct:actor-state}. */
    public DeviceDesk(FederationNode node, DevicePoints points) {
        this.node = node;
        this.points = points;
        for (Point point : points.points()) {
            String owner = node.topology().owner(point.key());
            if (!node.self().node().equals(owner)) {
                throw new IllegalArgumentException(
                        "the point " + point.key() + " of the device " + points.name() + " belongs to " + owner
                                + ": give a key that " + node.self().node() + " owns");
            }
            byKey.put(point.key(), point);
        }
        node.delegate(byKey.keySet());
    }

    /** Returns the points to read now: the life sign, if there is one, and then the points if this process acts. */
    public synchronized List<Point> wanted() {
        List<Point> wanted = new ArrayList<>();
        Point sign = points.life();
        if (sign != null) {
            wanted.add(sign);
        }
        if (node.active()) {
            wanted.addAll(points.points());
        }
        return wanted;
    }

    /**
     * Takes what the device has said.
     *
     * @param values for each point that was wanted its value; a point whose value is bad is left out
     * @return what has changed
     */
    public synchronized List<Change> took(Map<Point, Object> values) {
        show(true, "");
        Point sign = points.life();
        if (sign != null) {
            Object value = values.get(sign);
            node.lifeSign(value == null ? null : value.toString());
            life = value instanceof Number number ? number.longValue() : life;
        }
        List<Change> changes = new ArrayList<>();
        if (node.active()) {
            Map<Point, Object> rest = new LinkedHashMap<>(values);
            rest.remove(sign);
            rest.forEach((point, value) -> {
                String text = Point.text(value);
                if (!text.isEmpty() && !text.equals(node.value(point.key()))) {
                    changes.add(new Change(point.key(), text, amount(value), point.recorded()));
                }
            });
        }
        return changes;
    }

    private static @Nullable Double amount(Object value) {
        if (value instanceof Boolean flag) {
            return flag ? 1.0 : 0.0;
        }
        return value instanceof Number number ? (Double) number.doubleValue() : null;
    }

    /** The device was not reached. */
    public synchronized void failed(Exception cause) {
        if (points.life() != null) {
            node.lifeSign(null);
        }
        show(false, String.valueOf(cause.getMessage()));
    }

    private void show(boolean now, String why) {
        if (connected == null || connected != now) {
            connected = now;
            if (now) {
                LOG.info("node={} device={} is read", node.self().id(), points.name());
            } else {
                LOG.warn("node={} device={} is not reached: {}", node.self().id(), points.name(), why);
            }
        }
        if (node.active()) {
            node.device(points.name(), now, List.copyOf(byKey.keySet()));
        }
    }

    /** Why a command was not done: the device has not taken what was written. */
    public String refusal(Point point, Exception cause) {
        return FAILED + points.name() + " has not taken " + point.key() + " at " + point.address() + ": "
                + cause.getMessage();
    }

    /** Whether this process writes the life sign. */
    public boolean beats() {
        return points.life() != null && node.active();
    }

    /** The next life sign: one more than what the device has. */
    public synchronized long nextLife() {
        life = (life + 1) % LIFE_MODULUS;
        return life;
    }

    /** The point of the life sign. */
    public Point lifePoint() {
        Point sign = points.life();
        if (sign == null) {
            throw new IllegalStateException("the device " + points.name() + " has no life sign");
        }
        return sign;
    }

    /**
     * Reads a command to the state: the body becomes the value, headers name the key and have the point, the variable
     * {@value #TEXT} has the value as the state keeps it.
     *
     * @throws IllegalArgumentException if the point is not writable, or does not take the value
     */
    public void request(Exchange exchange, @Body byte[] octets) {
        SetRequest request = SetRequest.read(octets);
        Point point = byKey.get(request.key());
        if (point == null || !point.writable()) {
            throw new IllegalArgumentException(request.key() + " is read from the device " + points.name()
                    + " only: its point has no write: true");
        }
        String text = new String(request.value(), StandardCharsets.UTF_8);
        exchange.getMessage().setHeader(FederationConstants.KEY, request.key());
        exchange.getMessage().setHeader(POINT, point);
        exchange.getMessage().setBody(point.value(text));
        exchange.setVariable(TEXT, text);
    }
}
