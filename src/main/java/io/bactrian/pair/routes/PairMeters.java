package io.bactrian.pair.routes;

import io.bactrian.support.timer.ScrapeSnapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures of a pair as Micrometer meters {@code bactrian.pair.*}; nothing without Micrometer or a registry. */
final class PairMeters {
    private static final Logger LOG = LoggerFactory.getLogger(PairMeters.class);
    private static final String PREFIX = "bactrian.pair.";
    private static final double MS = 1000;

    /** A meter's name after the prefix, its figure, and its help text. */
    private record Shown(String name, String figure, String help) {}

    private static final List<Shown> COUNTERS = List.of(
            new Shown("takeovers", "takeovers", "Times that this node became active"),
            new Shown("segments.repaired", "repaired", "Damaged segments that were made whole from the peer's copy"));

    private static final List<Shown> GAUGES = List.of(
            new Shown("active", "active", "1 if this node is active"),
            new Shown("epoch", "epoch", "The highest epoch that this node knows"),
            new Shown("first", "first", "The first position that the log holds"),
            new Shown("end", "end", "The last position of the log"),
            new Shown("committed", "committed", "The last position that may be relied on"),
            new Shown("peer.alive", "peerAlive", "1 if the peer was heard within two heartbeats"),
            new Shown("peer.end", "peerEnd", "The last position of the peer's log, as it has said"),
            new Shown("in.step", "inStep", "1 if the peer has all that was acknowledged, and may take over"),
            new Shown(
                    "witness.answers", "witnessAnswers", "1 if the witness answers, 0 if it does not or there is none"),
            new Shown("lag", "lag", "Positions that the passive node's copy lacks"));

    /** Kept apart, so that a pair runs without Micrometer on the class path. */
    private static final class Binding {
        static void bind(CamelContext context, Pair pair) {
            context.getRegistry().findByType(MeterRegistry.class).stream()
                    .findFirst()
                    .ifPresent(registry -> {
                        ScrapeSnapshot<Pair> figures = new ScrapeSnapshot<>(Binding::figures);
                        COUNTERS.forEach(
                                one -> FunctionCounter.builder(PREFIX + one.name, pair, figures.figure(one.figure))
                                        .description(one.help)
                                        .register(registry));
                        GAUGES.forEach(one -> gauge(registry, pair, one.name, one.help, figures.figure(one.figure)));
                        RecentCopyLag lag = new RecentCopyLag(System::nanoTime);
                        gauge(
                                registry,
                                pair,
                                "lag.bytes",
                                "Bytes that the peer's copy lacks",
                                it -> lag.get(() -> CopyLag.of(it)).bytes());
                        gauge(
                                registry,
                                pair,
                                "lag.seconds",
                                "Age of the oldest entry that the peer's copy lacks",
                                it -> lag.get(() -> CopyLag.of(it)).ms() / MS);
                    });
        }

        /** Those of the pair, and what is true or false as 1 or 0. */
        private static Map<String, Object> figures(Pair pair) {
            Map<String, Object> all = new HashMap<>(pair.figures());
            all.put("active", number("ACTIVE".equals(all.get("role"))));
            all.put("inStep", number("IN".equals(all.get("peerStanding"))));
            all.put("witnessAnswers", number("answers".equals(all.get("witness"))));
            all.put("peerAlive", number(Boolean.TRUE.equals(all.get("peerAlive"))));
            return all;
        }

        private static int number(boolean yes) {
            return yes ? 1 : 0;
        }

        private static void gauge(
                MeterRegistry registry, Pair pair, String name, String help, ToDoubleFunction<Pair> value) {
            Gauge.builder(PREFIX + name, pair, value).description(help).register(registry);
        }
    }

    private PairMeters() {}

    /** Registers the meters once the context has started; until then the registry may not be there. */
    static void bind(CamelContext context, Pair pair) throws Exception {
        context.addStartupListener((started, already) -> {
            try {
                Binding.bind(started, pair);
            } catch (NoClassDefFoundError withoutMicrometer) {
                LOG.debug("no meters: {}", withoutMicrometer.toString());
            }
        });
    }
}
