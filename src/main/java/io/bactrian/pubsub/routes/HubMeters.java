package io.bactrian.pubsub.routes;

import io.bactrian.support.timer.LatencyBuckets;
import io.bactrian.support.timer.ScrapeSnapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The figures of a hub as Micrometer meters {@code bactrian.hub.*}: refusals by their cause, the lag of each durable
 * subscriber, the time to acceptance; nothing without Micrometer or a registry. Any thread.
 */
final class HubMeters {
    private static final Logger LOG = LoggerFactory.getLogger(HubMeters.class);
    private static final String PREFIX = "bactrian.hub.";

    /** A meter's name after the prefix, the figure of {@link Hub#figures} that it shows, and its help text. */
    private record Shown(String name, String figure, String help) {}

    private static final List<Shown> COUNTERS = List.of(
            new Shown("accepted", "accepted", "Messages accepted: in the log, and synced as configured"),
            new Shown("delivered", "delivered", "Messages sent to subscribers for the first time"),
            new Shown("retransmitted", "retransmitted", "Messages sent to subscribers again"),
            new Shown("duplicates", "duplicates", "Messages that publishers sent again and the hub dropped"),
            new Shown("gaps", "gaps", "Times that a subscriber missed something and asked for it again"),
            new Shown("paced", "pacedRounds", "Times that publishers waited a moment for the feed of live subscribers"),
            new Shown("plain.in", "plainIn", "Messages taken in from plain PUB peers"),
            new Shown("plain.out", "plainOut", "Messages published for plain SUB peers"),
            new Shown(
                    "plain.dropped", "plainDropped", "Messages that plain SUB peers did not get, once for each peer"));

    private static final List<Shown> GAUGES = List.of(
            new Shown(
                    "outstanding",
                    "outstanding",
                    "Positions of the log that subscribers have not acknowledged, summed"),
            new Shown("publishers", "publishers", "Publishers that the hub knows"),
            new Shown("subscribers", "subscribers", "Durable subscribers that the hub knows"),
            new Shown("attached", "attached", "Durable subscribers that are attached"),
            new Shown("absent", "absent", "Durable subscribers that are not attached"),
            new Shown("topics", "topics", "Topics that the log holds"),
            new Shown("first", "first", "The first position that the log holds"),
            new Shown("end", "end", "The last position of the log"),
            new Shown("committed", "committed", "The last position that is committed"));

    private volatile @Nullable Binding binding;

    /** Kept apart, so that the hub runs without Micrometer on the class path. */
    private static final class Binding {
        private final Hub hub;
        private final Timer accepted;
        private final MultiGauge messages;
        private final MultiGauge seconds;
        private final MultiGauge attached;

        private Binding(MeterRegistry registry, Hub hub) {
            this.hub = hub;
            registerFigures(
                    registry, hub, new ScrapeSnapshot<>(its -> its.view().figures()));
            for (String cause : BadInput.CAUSES) {
                FunctionCounter.builder(PREFIX + "refused", hub, it -> it.view().refused(cause))
                        .tag("cause", cause)
                        .description("Messages and requests of clients that the hub refused")
                        .register(registry);
            }
            Gauge.builder(PREFIX + "active", hub, it -> it.isActive() ? 1 : 0)
                    .description("1 if this hub serves clients")
                    .register(registry);
            accepted = Timer.builder(PREFIX + "accept")
                    .description("From the arrival of messages at the hub until they were logged and synced")
                    .serviceLevelObjectives(LatencyBuckets.bounds())
                    .register(registry);
            messages = MultiGauge.builder(PREFIX + "subscriber.lag.messages")
                    .description("Positions of the log after the cursor of a durable subscriber")
                    .register(registry);
            seconds = MultiGauge.builder(PREFIX + "subscriber.lag")
                    .description("Age of the first message after the cursor of a durable subscriber")
                    .baseUnit("seconds")
                    .register(registry);
            attached = MultiGauge.builder(PREFIX + "subscriber.attached")
                    .description("1 if the durable subscriber is attached")
                    .register(registry);
        }

        static @Nullable Binding of(CamelContext context, Hub hub) {
            return context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .map(registry -> new Binding(registry, hub))
                    .orElse(null);
        }

        private void refresh() {
            List<SubscriberLags.Lag> lags = hub.view().lags();
            messages.register(rows(lags, SubscriberLags.Lag::messages), true);
            seconds.register(rows(lags, SubscriberLags.Lag::seconds), true);
            attached.register(rows(lags, lag -> lag.attached() ? 1 : 0), true);
        }

        private static List<MultiGauge.Row<?>> rows(
                List<SubscriberLags.Lag> lags, ToDoubleFunction<SubscriberLags.Lag> value) {
            return lags.stream()
                    .<MultiGauge.Row<?>>map(
                            lag -> MultiGauge.Row.of(Tags.of("subscriber", lag.subscriber()), value.applyAsDouble(lag)))
                    .toList();
        }

        private void accepted(long nanos) {
            accepted.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Registers the meters that show a figure. One scrape has the figures built once, as that copies all subscribers. */
    static <T> void registerFigures(MeterRegistry registry, T hub, ScrapeSnapshot<T> figures) {
        for (Shown counter : COUNTERS) {
            FunctionCounter.builder(PREFIX + counter.name, hub, figures.figure(counter.figure))
                    .description(counter.help)
                    .register(registry);
        }
        for (Shown gauge : GAUGES) {
            Gauge.builder(PREFIX + gauge.name, hub, figures.figure(gauge.figure))
                    .description(gauge.help)
                    .register(registry);
        }
    }

    /** Registers the meters once the context has started; until then the registry may not be there. */
    void bind(CamelContext context, Hub hub) throws Exception {
        context.addStartupListener((started, already) -> {
            try {
                binding = Binding.of(started, hub);
            } catch (NoClassDefFoundError withoutMicrometer) {
                LOG.debug("no meters: {}", withoutMicrometer.toString());
            }
        });
    }

    /** Brings the lags of subscribers up to date: called by a timer, as those who come and go are meters too. */
    void refresh() {
        Binding bound = binding;
        if (bound != null) {
            bound.refresh();
        }
    }

    /** Messages were accepted that had arrived so many nanoseconds before. */
    void accepted(long nanos) {
        Binding bound = binding;
        if (bound != null) {
            bound.accepted(nanos);
        }
    }
}
