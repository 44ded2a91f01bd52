package io.bactrian.pubsub.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.journal.JournalEndpoint;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalCapture;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.SegmentInfo;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.FeedCounters;
import io.bactrian.pubsub.core.HubFeed;
import io.bactrian.pubsub.core.HubIntake;
import io.bactrian.pubsub.store.HubEvent;
import io.bactrian.pubsub.store.HubState;
import io.bactrian.pubsub.store.HubStore;
import io.bactrian.pubsub.store.SegmentTopic;
import io.bactrian.pubsub.store.StateTaker;
import io.bactrian.pubsub.store.SubscriptionState;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.StoreException;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hub's log, database and cores, opened when the first of its beans is looked up, and closed with the context. There is
 * one for each CamelContext. After a crash it goes on from the log: the database is caught up from there.
 */
public final class Hub extends ServiceSupport {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);
    private static final int SCAN_BYTES = 4 << 20;

    static final List<String> COUNTERS =
            List.of("accepted", "delivered", "retransmitted", "duplicates", "gaps", "plainIn", "plainOut");
    static final List<String> GAUGES =
            List.of("outstanding", "publishers", "subscribers", "attached", "absent", "topics", "first", "end");

    private final CamelContext context;
    private final Clock clock = Clock.systemUTC();
    private final HubSettings settings;
    private final JournalEndpoint endpoint;
    private final Journal journal;
    private final HikariDataSource dataSource;
    private final HubStore store;
    private final TopicLedger ledger = new TopicLedger();
    private final HubCounters counters = new HubCounters();
    private final BadInput badInput = new BadInput(clock::millis);
    private final HubIntake intakeCore;
    private final HubFeed feedCore;
    private final Checkpoints checkpoints;
    private final Upkeep upkeep = new Upkeep();
    private final Retention retention;
    private final Intake intake;
    private final Feed feed;
    private final PlainPeers plainPeers;

    /**
     * Opens the log and the database that the context's properties name.
     *
     * @throws IllegalArgumentException if the configuration is wrong, with every problem
     * @throws StoreException if the database cannot be opened
     * @throws JournalException if the log cannot be opened, or is damaged
     */
    Hub(CamelContext context) {
        this.context = context;
        settings = HubSettings.of(context);
        endpoint = context.getEndpoint("journal:hub?" + settings.journalOptions(), JournalEndpoint.class);
        // Before the log is looked at: parts of one would be told as damage.
        RestoreMark.in(Path.of(endpoint.getServiceUrl())).check();
        journal = endpoint.getJournal();
        dataSource = Databases.open(settings.database());
        store = HubStore.open(dataSource);
        StoreRegistry registry = new StoreRegistry(store, clock);
        JournalLog log = new JournalLog(journal);
        feedCore = new HubFeed(log, registry, settings.limits(), 1 + new SecureRandom().nextInt(1 << 30));
        retention = new Retention(
                journal,
                ledger,
                feedCore,
                store,
                settings.retention(),
                settings.limits().topicsMax(),
                clock);
        intakeCore = new HubIntake(registry, log, settings.limits(), retention);
        checkpoints = new Checkpoints(store, journal, ledger, clock);
        Limits limits = new Limits(
                settings.limits().messageBytesMax(), settings.limits().batchBytesMax());
        intake = new Intake(intakeCore, journal, ledger, checkpoints, limits, counters, badInput, clock);
        feed = new Feed(feedCore, badInput, settings.subscriberSilence(), clock);
        plainPeers = new PlainPeers(journal, ledger, retention, settings.limits(), counters, badInput, clock);
    }

    @Override
    protected void doStart() throws Exception {
        HubState state = store.load();
        boolean newEpoch = LogEpoch.begin(journal, state);
        // While the hub was down nobody could be heard, so nobody was idle or absent.
        long downMs = state.savedMs() == 0 ? 0 : Math.max(0, clock.millis() - state.savedMs());
        intakeCore.restoredAbove(state.formerEpochs());
        state.publishers()
                .forEach(p ->
                        intakeCore.restorePublisher(p.id(), p.grantedEpoch(), p.openEpoch(), p.lastSeenMs() + downMs));
        state.sequences().forEach(s -> intakeCore.restoreSequence(s.publisher(), s.topic(), s.lastSequence()));
        Map<String, List<SubscriptionState>> patterns =
                state.subscriptions().stream().collect(Collectors.groupingBy(SubscriptionState::subscriber));
        state.subscribers()
                .forEach(s ->
                        feedCore.restore(StoreRegistry.durable(s, patterns.getOrDefault(s.id(), List.of()), downMs)));
        long scanned = scan(restoreSegments(state), state.position());
        if (newEpoch) {
            keepStart();
        } else {
            upkeep.run("keep the checkpoint", this::keepStart);
        }
        context.getCamelContextExtension().addContextPlugin(Hub.class, this);
        HubMeters.bind(context, this);
        LOG.info(
                "hub open log={} positions={} to {} publishers={} subscribers={} caughtUp={}",
                journal.folder(),
                journal.first(),
                journal.end(),
                state.publishers().size(),
                state.subscribers().size(),
                scanned);
    }

    /** What was corrected at the start must hold also for the start after a kill. */
    private void keepStart() {
        synchronized (intakeCore) {
            store.touchPublishers(intakeCore.lastSeen());
        }
        checkpoints.write(intakeCore, feedCore);
    }

    private Set<Long> restoreSegments(HubState state) {
        Map<Long, SegmentInfo> closed = journal.segments().stream()
                .filter(SegmentInfo::closed)
                .collect(Collectors.toMap(SegmentInfo::firstPosition, segment -> segment, (a, b) -> b));
        Set<Long> known = new HashSet<>();
        for (SegmentTopic share : state.segments()) {
            SegmentInfo segment = closed.get(share.segmentPosition());
            if (segment != null) {
                known.add(share.segmentPosition());
                checkpoints.saved(share.segmentPosition());
                ledger.add(
                        share.segmentPosition(),
                        share.topic(),
                        segment.lastPosition(),
                        share.bytes(),
                        share.messages(),
                        share.lastTimestampMs());
            }
        }
        return known;
    }

    /** Reads what the database does not know of the log: what came after the checkpoint, and segments not counted. */
    private long scan(Set<Long> knownSegments, long checkpoint) {
        long entries = 0;
        for (SegmentInfo segment : journal.segments()) {
            boolean known = knownSegments.contains(segment.firstPosition());
            long position = known ? Math.max(segment.firstPosition(), checkpoint + 1) : segment.firstPosition();
            while (position <= segment.lastPosition()) {
                List<Entry> read = journal.read(position, SCAN_BYTES);
                for (Entry entry : read) {
                    if (entry.position() <= segment.lastPosition()) {
                        restore(segment, entry, known, checkpoint);
                        entries++;
                    }
                }
                position = read.get(read.size() - 1).last() + 1;
            }
        }
        return entries;
    }

    private void restore(SegmentInfo segment, Entry entry, boolean counted, long checkpoint) {
        Batch batch = Batch.parseTrusted(entry.payload());
        if (!batch.publisher().isEmpty() && entry.last() > checkpoint) {
            intakeCore.restoreSequence(batch.publisher(), batch.topic(), batch.last());
            checkpoints.changed(batch.publisher(), batch.topic());
        }
        if (!counted) {
            ledger.add(
                    segment.firstPosition(),
                    batch.topic(),
                    entry.last(),
                    entry.payload().length,
                    entry.count(),
                    entry.timestampMs());
        }
    }

    @Override
    protected void doStop() {
        try {
            checkpoints.write(intakeCore, feedCore);
        } catch (StoreException | JournalException e) {
            LOG.warn("the last checkpoint was not written, the next start reads more of the log: {}", e.getMessage());
        } finally {
            dataSource.close();
        }
        LOG.info("hub closed end={}", journal.end());
    }

    Intake intake() {
        return intake;
    }

    Feed feed() {
        return feed;
    }

    Retention retention() {
        return retention;
    }

    PlainPeers plainPeers() {
        return plainPeers;
    }

    /** Writes what was acknowledged and logged since the last time to the database; called by a timer. */
    public void keep() {
        upkeep.run("keep the checkpoint", () -> checkpoints.write(intakeCore, feedCore));
    }

    /**
     * What a backup is made of. The log is looked at after the tables, so the tables may be behind it and never ahead, as
     * after a crash. Holds up nobody for longer than a moment.
     *
     * @param tables is given all that the tables hold
     * @return empty if something of the log was deleted meanwhile, of which the tables did not know yet: try again
     * @throws StoreException if the database cannot be read
     * @throws JournalException if the log cannot be forced to the disk
     */
    public Optional<JournalCapture> capture(StateTaker tables) {
        long first = journal.first();
        store.export(tables);
        if (journal.syncedEnd() < journal.end()) {
            try {
                journal.syncAside();
            } catch (IOException e) {
                throw new JournalException("the log is not synced: " + e.getMessage(), e);
            }
        }
        JournalCapture log = journal.capture();
        return log.first() == first ? Optional.of(log) : Optional.empty();
    }

    /** Removes publishers and subscribers that have been away for too long; called by a timer. */
    public void expire() {
        upkeep.run("expire who is absent", () -> {
            checkpoints.expirePublishers(intakeCore, settings.publisherExpiry());
            checkpoints.expireSubscribers(feedCore, settings.subscriberExpiry());
        });
    }

    /** The topics that the log holds, by name. */
    List<TopicLedger.Held> topics() {
        return ledger.topics();
    }

    /** What an operator looks at, in the order in which it is shown. */
    Map<String, Object> figures() {
        FeedCounters fed;
        long outstanding = 0;
        int subscribers;
        List<String> attached;
        synchronized (feedCore) {
            fed = feedCore.counters();
            attached = feedCore.attached();
            subscribers = feedCore.durable().size();
            for (DurableSubscriber subscriber : feedCore.durable()) {
                if (!subscriber.subscriptions().isEmpty()) {
                    outstanding += journal.end() - subscriber.cursor();
                }
            }
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("accepted", counters.accepted() + counters.plainIn());
        figures.put("delivered", fed.delivered() - fed.retransmitted());
        figures.put("outstanding", outstanding);
        figures.put("retransmitted", fed.retransmitted());
        figures.put("duplicates", counters.duplicates());
        figures.put("gaps", fed.resends());
        figures.put("plainIn", counters.plainIn());
        figures.put("plainOut", counters.plainOut());
        figures.put("publishers", intakePublishers());
        figures.put("subscribers", subscribers);
        figures.put("attached", attached.size());
        figures.put("absent", subscribers - attached.size());
        figures.put("topics", ledger.size());
        figures.put("first", journal.first());
        figures.put("end", journal.end());
        figures.put("logEpoch", journal.epoch());
        figures.put("refused", badInput.counts());
        return figures;
    }

    private int intakePublishers() {
        synchronized (intakeCore) {
            return intakeCore.publishers().size();
        }
    }

    /** The newest events, newest first. */
    List<HubEvent> events() {
        return store.events(10);
    }

    /** The figures that matter most, in one line. */
    public String statusLine() {
        Map<String, Object> figures = figures();
        return "accepted=" + figures.get("accepted") + " delivered=" + figures.get("delivered") + " outstanding="
                + figures.get("outstanding") + " retransmitted=" + figures.get("retransmitted") + " duplicates="
                + figures.get("duplicates") + " attached=" + figures.get("attached") + " absent="
                + figures.get("absent");
    }

    /** One figure, for a meter. */
    double figure(String name) {
        return figures().get(name) instanceof Number number ? number.doubleValue() : 0;
    }

    /** The durable subscribers as they stand. */
    Collection<DurableSubscriber> subscribers() {
        synchronized (feedCore) {
            return feedCore.durable();
        }
    }

    /** The ids of the subscribers that are attached now. */
    List<String> attached() {
        synchronized (feedCore) {
            return feedCore.attached();
        }
    }

    /** The last position of the log. */
    long end() {
        return journal.end();
    }
}
