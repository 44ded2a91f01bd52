package io.bactrian.pubsub.routes;

import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.HubEvent;
import io.bactrian.pubsub.core.HubFigures;
import io.bactrian.pubsub.core.TopicLedger;
import io.bactrian.support.context.FiguresDevConsole;
import io.bactrian.support.database.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The figures of the hub of this context: {@code /q/dev/bactrian}. With {@code topics=true} also the topics that its log
 * holds.
 */
@DevConsole(name = "bactrian", description = "The hub: figures, subscribers, events and topics")
public final class HubDevConsole extends FiguresDevConsole {
    /** The option that adds the topics. */
    public static final String TOPICS = "topics";

    public HubDevConsole() {
        super("bactrian", "Bactrian hub", "The hub: figures, subscribers, events and topics");
    }

    @Override
    protected Map<String, Object> describe(Map<String, Object> options) {
        Hub running = getCamelContext().getCamelContextExtension().getContextPlugin(Hub.class);
        Map<String, Object> all = new LinkedHashMap<>();
        if (running == null) {
            all.put("hub", "no hub runs in this process");
            return all;
        }
        HubView hub = running.view();
        all.putAll(hub.figures());
        all.put("subscriptions", subscriptions(hub));
        try {
            all.put("events", hub.events().stream().map(HubDevConsole::event).toList());
        } catch (StoreException e) {
            // The figures are wanted most when something does not work.
            all.put("database", String.valueOf(e.getMessage()));
        }
        if (Boolean.parseBoolean(String.valueOf(options.get(TOPICS)))) {
            all.put("held", hub.topics().stream().map(HubDevConsole::topic).toList());
        }
        return all;
    }

    private static List<Map<String, Object>> subscriptions(HubView hub) {
        List<Map<String, Object>> all = new ArrayList<>();
        HubFigures hubFigures = hub.hubFigures();
        Map<String, Integer> windows = hubFigures.attached();
        Map<String, Double> seconds = new HashMap<>();
        hub.lags().forEach(lag -> seconds.put(lag.subscriber(), lag.seconds()));
        for (DurableSubscriber subscriber : hubFigures.subscribers()) {
            Map<String, Object> one = new JsonObject();
            one.put("subscriber", subscriber.id());
            one.put("attached", windows.containsKey(subscriber.id()));
            one.put("windowBytes", windows.get(subscriber.id()));
            one.put("cursor", subscriber.cursor());
            one.put("lag", hubFigures.behind(subscriber));
            Double behind = seconds.get(subscriber.id());
            // Not a number where the log cannot say it, which JSON has not.
            one.put("lagSeconds", behind == null || behind.isNaN() ? null : behind);
            one.put(
                    "lastSeen",
                    Instant.ofEpochMilli(hub.wallMs(subscriber.lastSeenMs())).toString());
            one.put(
                    "patterns",
                    subscriber.subscriptions().stream()
                            .filter(s -> !s.ended())
                            .map(s -> s.kind().write(s.pattern()))
                            .toList());
            all.add(one);
        }
        return all;
    }

    private static Map<String, Object> topic(TopicLedger.Held held) {
        Map<String, Object> one = new JsonObject();
        one.put("topic", held.topic());
        one.put("messages", held.messages());
        one.put("bytes", held.bytes());
        return one;
    }

    private static Map<String, Object> event(HubEvent event) {
        Map<String, Object> one = new JsonObject();
        one.put("at", Instant.ofEpochMilli(event.atMs()).toString());
        one.put("what", event.what());
        put(one, "publisher", event.publisher());
        put(one, "subscriber", event.subscriber());
        put(one, "topic", event.topic());
        one.put("from", event.from());
        one.put("to", event.to());
        one.put("cause", event.cause());
        return one;
    }

    private static void put(Map<String, Object> one, String key, @Nullable String value) {
        if (value != null) {
            one.put(key, value);
        }
    }
}
