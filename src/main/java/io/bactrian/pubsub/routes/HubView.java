package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.Journal;
import io.bactrian.pubsub.core.FeedCounters;
import io.bactrian.pubsub.core.HubEvent;
import io.bactrian.pubsub.core.HubFigures;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.TopicLedger;
import io.bactrian.support.timer.SteadyClock;
import io.bactrian.zeromq.ZeroMqEndpoint;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;

/** The view of operators on a hub: figures, bounds, events and subscribers, for meters, health and console. Any thread. */
final class HubView {
    /** Longer than a client waits between two tries. */
    private static final long STRANGER_MS = 30_000;

    /** A bound of a hub, how much of it is used, and the key that sets it. */
    record Bound(String what, long used, long max, String key) {}

    private final CamelContext context;
    private final HubSettings settings;
    private final SteadyClock clock;
    private final Supplier<HubMachine> machine;
    private final Journal journal;
    private final JournalLog log;
    private final HubDatabase database;
    private final HubCounters counters;
    private final BadInput badInput;
    private final Pace pace;
    private final SubscriberLags lags;

    HubView(
            CamelContext context,
            HubSettings settings,
            SteadyClock clock,
            Supplier<HubMachine> machine,
            Journal journal,
            JournalLog log,
            HubDatabase database,
            HubCounters counters,
            BadInput badInput,
            Pace pace) {
        this.context = context;
        this.settings = settings;
        this.clock = clock;
        this.machine = machine;
        this.journal = journal;
        this.log = log;
        this.database = database;
        this.counters = counters;
        this.badInput = badInput;
        this.pace = pace;
        this.lags = new SubscriberLags(journal);
    }

    private HubMachine machine() {
        return machine.get();
    }

    /** The topics that the log holds, by name. */
    List<TopicLedger.Held> topics() {
        return machine().topics();
    }

    /** The figures for an operator, in the order in which they are shown. */
    Map<String, Object> figures() {
        HubFigures hub = machine().figures();
        FeedCounters fed = hub.fed();
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("active", machine().isActive());
        figures.put("accepted", hub.accepted() + counters.plainIn());
        figures.put("delivered", fed.delivered() - fed.retransmitted());
        figures.put("outstanding", hub.outstanding());
        figures.put("retransmitted", fed.retransmitted());
        figures.put("duplicates", hub.duplicates());
        figures.put("gaps", fed.resends());
        figures.put("pacedRounds", pace.pacedRounds());
        figures.put("plainIn", counters.plainIn());
        figures.put("plainOut", counters.plainOut());
        figures.put("plainDropped", hub.publicationsDropped() + droppedByTheDoor());
        figures.put("publishers", hub.publishers());
        figures.put("subscribers", hub.subscribers().size());
        figures.put("attached", hub.attached().size());
        figures.put("absent", hub.subscribers().size() - hub.attached().size());
        figures.put("ephemeral", hub.ephemeral());
        figures.put("topics", hub.topics());
        figures.put("first", journal.first());
        figures.put("end", journal.end());
        figures.put("committed", machine().committed());
        figures.put("checkpoint", hub.checkpoint());
        figures.put("logEpoch", hub.logEpoch());
        figures.put("purgeHeld", log.purgesAreHeld());
        figures.put("databaseAway", database.isStandIn());
        figures.put("refused", badInput.counts());
        return figures;
    }

    /** Counts the messages that plain SUB peers did not get as they read too slowly, once for each of them. */
    private long droppedByTheDoor() {
        return context.getEndpoints().stream()
                .filter(ZeroMqEndpoint.class::isInstance)
                .map(ZeroMqEndpoint.class::cast)
                .filter(endpoint -> endpoint.getEndpointUri().contains("xpub:" + settings.plainOut()))
                .findFirst()
                .map(ZeroMqEndpoint::getDroppedMessages)
                .orElse(0L);
    }

    /** The newest events, newest first. */
    List<HubEvent> events() {
        return database.tables().events(10);
    }

    /** The figures that matter most, in one line. */
    String statusLine() {
        Map<String, Object> figures = figures();
        return "accepted=" + figures.get("accepted") + " delivered=" + figures.get("delivered") + " outstanding="
                + figures.get("outstanding") + " retransmitted=" + figures.get("retransmitted") + " duplicates="
                + figures.get("duplicates") + " attached=" + figures.get("attached") + " absent="
                + figures.get("absent");
    }

    /** Why the log takes nothing now, empty if it does. */
    Optional<String> refusal() {
        return Optional.ofNullable(journal.appendProblem()).map(problem -> String.valueOf(problem.getMessage()));
    }

    /** The database for which a file stands in as it does not answer; empty if none does. */
    Optional<String> standIn() {
        return database.isStandIn() ? Optional.of(database.shown()) : Optional.empty();
    }

    /** Its bounds, and what has been used of each. */
    List<Bound> bounds() {
        HubFigures hub = machine().figures();
        return List.of(
                new Bound(
                        "publishers",
                        hub.publishers(),
                        settings.limits().publishersMax(),
                        "bactrian.hub.publishers.max"),
                new Bound(
                        "subscribers",
                        hub.subscribers().size() + hub.ephemeral(),
                        settings.limits().subscribersMax(),
                        "bactrian.hub.subscribers.max"),
                new Bound("topics", hub.topics(), settings.limits().topicsMax(), "bactrian.hub.topics.max"));
    }

    /** The subscribers that wait for a part of the log that is damaged, each with its patterns. */
    List<String> waitingForRepair() {
        return machine().waitingForRepair();
    }

    /** The topics that refuse messages now as they are full, each with who needs what is in it. */
    List<String> fullTopics() {
        return machine().fullTopics();
    }

    /** The subscribers that come from a log which this hub has not, and were refused a short while ago. */
    List<String> strangers() {
        return machine().strangers(clock.millis() - STRANGER_MS);
    }

    /** How often something was refused for a cause. */
    double refused(String cause) {
        return badInput.count(cause);
    }

    /** The durable subscribers as they stand, and who of them is attached. */
    HubFigures hubFigures() {
        return machine().figures();
    }

    /** Where its log is. */
    Path folder() {
        return journal.folder();
    }

    /** How far the durable subscribers are behind. */
    List<SubscriberLags.Lag> lags() {
        return lags.at(machine().figures(), clock.wallMs(clock.millis()));
    }

    /** Returns the time of the wall clock for a time of the hub's own clock. */
    long wallMs(long steadyMs) {
        return clock.wallMs(steadyMs);
    }
}
