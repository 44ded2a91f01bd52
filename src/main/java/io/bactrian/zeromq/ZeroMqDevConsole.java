package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;

/** Shows the open ZeroMQ sockets: addresses, users, what waits, and what was counted. */
@DevConsole(name = "zeromq", displayName = "ZeroMQ", description = "Open ZeroMQ sockets")
public class ZeroMqDevConsole extends AbstractDevConsole {

    public ZeroMqDevConsole() {
        super("bactrian", "zeromq", "ZeroMQ", "Open ZeroMQ sockets");
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        StringBuilder text = new StringBuilder();
        for (SocketView socket : sockets()) {
            fields(socket)
                    .forEach((name, value) -> text.append(String.format(Locale.ROOT, "    %s: %s%n", name, value)));
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    @Override
    protected JsonObject doCallJson(Map<String, Object> options) {
        JsonArray array = new JsonArray();
        for (SocketView socket : sockets()) {
            array.add(new JsonObject(fields(socket)));
        }
        JsonObject root = new JsonObject();
        root.put("sockets", array);
        root.put(
                "droppedEvents",
                components().mapToLong(c -> c.events().dropped()).sum());
        return root;
    }

    private Stream<ZeroMqComponent> components() {
        return getCamelContext().getComponentNames().stream()
                .map(name -> getCamelContext().hasComponent(name))
                .filter(ZeroMqComponent.class::isInstance)
                .map(ZeroMqComponent.class::cast);
    }

    private List<SocketView> sockets() {
        return components().flatMap(component -> component.sockets().stream()).toList();
    }

    private static Map<String, Object> fields(SocketView socket) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("socket", socket.settings().key());
        fields.put("type", socket.settings().kind().name());
        fields.put(
                socket.settings().bind() ? "bound" : "connected",
                String.join(
                        ",",
                        socket.settings().bind()
                                ? socket.boundAddresses()
                                : socket.settings().addresses()));
        fields.put("users", socket.users());
        fields.put("queued", socket.queued());
        fields.put("pendingRequests", socket.pendingRequests());
        for (Counter counter : Counter.values()) {
            fields.put(camelCase(counter), socket.counters().get(counter));
        }
        Throwable failure = socket.failure();
        if (failure != null) {
            fields.put("failure", failure.toString());
        }
        return fields;
    }

    private static String camelCase(Counter counter) {
        StringBuilder name = new StringBuilder();
        for (String word : counter.name().toLowerCase(Locale.ROOT).split("_", -1)) {
            name.append(name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return name.toString();
    }
}
