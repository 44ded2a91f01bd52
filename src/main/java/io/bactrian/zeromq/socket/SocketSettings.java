package io.bactrian.zeromq.socket;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that makes one socket what it is. The names of the components, and of the components of their groups,
 * are the names of the endpoint options.
 *
 * @param kind socket type
 * @param addresses at least one; all are bound or all are connected
 * @param socketName tells sockets of the same type and address apart
 * @param bind bind, or connect
 * @param subscribe prefixes to subscribe to, for sub and xsub; a character stands for an octet
 * @param queues how much may wait, and how large it may be
 * @param connections when connections are made anew and given up
 * @param pattern what only sockets of some kinds have
 * @param security how connections are secured
 * @param limits what peers are allowed
 * @param tuning options that most sockets leave alone
 */
public record SocketSettings(
        SocketKind kind,
        List<String> addresses,
        String socketName,
        boolean bind,
        List<String> subscribe,
        QueueLimits queues,
        ConnectionTimes connections,
        PatternOptions pattern,
        Security security,
        PeerLimits limits,
        Tuning tuning) {

    private static final List<Class<?>> GROUPS =
            List.of(QueueLimits.class, ConnectionTimes.class, PatternOptions.class, PeerLimits.class, Tuning.class);

    public SocketSettings {
        addresses = List.copyOf(addresses);
        subscribe = List.copyOf(subscribe);
    }

    /** Endpoints of one context with an equal key use one socket. */
    public String key() {
        return key(kind, addresses, socketName);
    }

    /** The key of the settings with these components. */
    public static String key(SocketKind kind, List<String> addresses, String socketName) {
        return kind + ":" + String.join(",", addresses) + (socketName.isEmpty() ? "" : "#" + socketName);
    }

    /** Names and values of the options in which two settings for one socket disagree; empty if they agree. */
    public List<String> differences(SocketSettings other) {
        return differences(this, other);
    }

    /** The names of the components, with those of the groups in place of the groups. */
    public static Stream<String> names() {
        return names(SocketSettings.class);
    }

    private static Stream<String> names(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(component -> GROUPS.contains(component.getType())
                        ? names(component.getType())
                        : Stream.of(component.getName()));
    }

    private static List<String> differences(Record one, Record two) {
        List<String> differences = new ArrayList<>();
        for (RecordComponent component : one.getClass().getRecordComponents()) {
            Object mine = value(component, one);
            Object theirs = value(component, two);
            if (GROUPS.contains(component.getType())) {
                differences.addAll(
                        differences((Record) Objects.requireNonNull(mine), (Record) Objects.requireNonNull(theirs)));
            } else if (!Objects.equals(mine, theirs)) {
                differences.add(component.getName() + "=" + mine + " and " + component.getName() + "=" + theirs);
            }
        }
        return differences;
    }

    private static @Nullable Object value(RecordComponent component, Record owner) {
        try {
            return component.getAccessor().invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component.getName(), e);
        }
    }
}
