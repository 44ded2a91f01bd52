package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.OnDamage;
import io.bactrian.journal.log.SyncMode;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.RetentionRules;
import io.bactrian.support.config.NumberUnit;
import io.bactrian.support.config.SettingsReader;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.text.RawValue;
import io.bactrian.wire.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;

/**
 * The settings of a hub; the keys begin with {@code bactrian.hub.} and are described in {@code
 * config/application.properties}.
 *
 * @param data the folder of data that is not named elsewhere
 * @param journalOptions the options of the hub's journal endpoint, as in a URI
 * @param publisherExpiry an idle publisher is forgotten after it
 * @param subscriberExpiry an absent subscriber is removed after it
 * @param subscriberSilence an attached subscriber that says nothing for so long counts as absent
 * @param pace how long the intake yields to the feed in one round; zero if it does not
 * @param election name of the bean that decides when the hub is active, empty if it always is
 * @param plainOut where plain SUB peers connect
 * @param purgeRebuilt whether a hub that has lost its database may purge its log
 */
record HubSettings(
        Path data,
        String journalOptions,
        DatabaseSettings database,
        HubLimits limits,
        RetentionRules retention,
        Duration publisherExpiry,
        Duration subscriberExpiry,
        Duration subscriberSilence,
        Duration pace,
        String election,
        String plainOut,
        boolean purgeRebuilt) {
    private static final int INTERVAL_MS_MIN = 10;
    private static final int TAIL_PART_OF_HEAP = 8;

    /**
     * Reads the properties of a context.
     *
     * @throws IllegalArgumentException one that lists every wrong value
     */
    static HubSettings of(CamelContext context) {
        SettingsReader in = new SettingsReader(context, "the hub", "");
        Path data = Path.of(in.data());
        Map<String, String> journal = new LinkedHashMap<>();
        journal.put("folder", RawValue.of(in.text("bactrian.hub.journal")));
        journal.put("sync", in.oneOf("bactrian.hub.sync", SyncMode.class).name());
        journal.put("syncInterval", in.duration("bactrian.hub.sync.interval").toMillis() + "ms");
        journal.put("segmentBytes", String.valueOf(in.size("bactrian.hub.segment.bytes", 4096, 1 << 30)));
        journal.put("tailBytes", String.valueOf(tailBytes(in)));
        journal.put(
                "onDamage", in.oneOf("bactrian.hub.onDamage", OnDamage.class).name());
        journal.put("entryBytesMax", String.valueOf(in.size("bactrian.hub.batch.max", 1024, Limits.BATCH_BYTES_MAX)));
        HubLimits limits = new HubLimits(
                (int) in.size("bactrian.hub.message.max", 1, Limits.BATCH_BYTES_MAX),
                (int) in.size("bactrian.hub.batch.max", 1024, Limits.BATCH_BYTES_MAX),
                in.number("bactrian.hub.publishers.max", 1),
                in.number("bactrian.hub.topics.max", 1),
                in.number("bactrian.hub.sequences.max", 1),
                in.number("bactrian.hub.subscribers.max", 1),
                in.number("bactrian.hub.subscriptions.max", 1),
                (int) in.size("bactrian.hub.window.max", 1024, 1 << 30));
        RetentionRules retention = new RetentionRules(
                new RetentionRules.Rule(
                        in.duration("bactrian.hub.retention.age"),
                        in.size("bactrian.hub.retention.bytes", 1024, Long.MAX_VALUE)),
                rules(in, "bactrian.hub.retention.topics"),
                in.size("bactrian.hub.retention.total", 1024, Long.MAX_VALUE),
                in.oneOf("bactrian.hub.retention.onFull", RetentionRules.OnFull.class));
        Duration publisherExpiry = in.duration("bactrian.hub.publisher.expiry");
        Duration subscriberExpiry = in.duration("bactrian.hub.subscriber.expiry");
        Duration subscriberSilence = in.duration("bactrian.hub.subscriber.silence");
        boolean purgeRebuilt = in.isTrue("bactrian.hub.rebuilt.purge");
        String plainOut = in.address("bactrian.hub.plain.out");
        checkWhatRoutesRead(in, limits);
        DatabaseSettings database = in.last("bactrian.hub.database.url", () -> database(in, data));
        return new HubSettings(
                data,
                journal.entrySet().stream()
                        .map(option -> option.getKey() + "=" + option.getValue())
                        .collect(Collectors.joining("&")),
                database,
                limits,
                retention,
                publisherExpiry,
                subscriberExpiry,
                subscriberSilence,
                in.durationOrZero("bactrian.hub.pace"),
                in.text("bactrian.hub.election"),
                plainOut,
                purgeRebuilt);
    }

    /** Without a value it is an eighth of the heap. */
    private static long tailBytes(SettingsReader in) {
        return in.text("bactrian.hub.tail.bytes").isEmpty()
                ? Runtime.getRuntime().maxMemory() / TAIL_PART_OF_HEAP
                : in.size("bactrian.hub.tail.bytes", 0, 1L << 40);
    }

    private static void checkWhatRoutesRead(SettingsReader in, HubLimits limits) {
        in.address("bactrian.hub.publish");
        in.address("bactrian.hub.subscribe");
        in.address("bactrian.hub.plain.in");
        in.number("bactrian.hub.plain.queue", 1);
        in.number("bactrian.hub.frame.maxBytes", limits.batchBytesMax());
        in.number("bactrian.hub.take.messages", 1);
        in.number("bactrian.hub.retransmit.intervalMs", INTERVAL_MS_MIN);
        in.number("bactrian.hub.keep.intervalMs", INTERVAL_MS_MIN);
        in.number("bactrian.hub.purge.intervalMs", INTERVAL_MS_MIN);
        in.number("bactrian.hub.expire.intervalMs", INTERVAL_MS_MIN);
        in.unknownKeys("bactrian.hub.", HubPlugin.defaults().stringPropertyNames());
    }

    /** {@code prefix = age, bytes; ...}: rules of topics that begin with a prefix. */
    private static Map<String, RetentionRules.Rule> rules(SettingsReader in, String key) {
        Map<String, RetentionRules.Rule> rules = new LinkedHashMap<>();
        for (String part : in.text(key).split(";", -1)) {
            if (part.isBlank()) {
                continue;
            }
            String[] halves = part.split("=", 2);
            String[] limits = halves.length == 2 ? halves[1].split(",", -1) : new String[0];
            try {
                if (limits.length != 2) {
                    throw new IllegalArgumentException("a rule has two limits");
                }
                Duration age = Duration.ofMillis(NumberUnit.DURATION.parse(limits[0].strip()));
                rules.put(halves[0].strip(), new RetentionRules.Rule(age, NumberUnit.SIZE.parse(limits[1].strip())));
            } catch (IllegalArgumentException e) {
                in.wrong(key, part.strip(), "prefix=age,bytes such as alarms/=30d,1g", rules);
            }
        }
        return rules;
    }

    private static DatabaseSettings database(SettingsReader in, Path data) {
        String url = in.text("bactrian.hub.database.url");
        return url.isEmpty()
                ? DatabaseSettings.file(data, "hub")
                : new DatabaseSettings(
                        url,
                        in.text("bactrian.hub.database.user"),
                        in.text("bactrian.hub.database.password"),
                        in.number("bactrian.hub.database.connectionsMax", 1));
    }
}
