package io.bactrian.pubsub.routes;

import io.bactrian.journal.JournalEndpoint;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalCapture;
import io.bactrian.journal.log.JournalException;
import io.bactrian.pubsub.core.CommitGate;
import io.bactrian.pubsub.core.HubFigures;
import io.bactrian.pubsub.core.HubLife;
import io.bactrian.pubsub.core.HubLives;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.HubRehearsal;
import io.bactrian.pubsub.store.StateTaker;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.context.SerialStep;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.text.FileErrors;
import io.bactrian.support.timer.SteadyClock;
import io.bactrian.wire.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.support.CamelContextHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hub: its log, database and settings live with the process, opened when the first of its beans is looked up, and closed
 * with the context; its cores, feeds and sessions live with a role, from {@link #activate} to {@link #stepDown}. There is
 * one hub for each CamelContext. After a crash it goes on from the log: the database is caught up from there.
 */
public final class Hub extends ContextLife {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    /** The longest that a step-down waits for what is under way to the log. */
    private static final Duration UNDER_WAY_MAX = Duration.ofSeconds(10);

    /** The bean that is the wall clock, if there is one. */
    static final String WALL_CLOCK = "bactrianWallClock";

    private final CamelContext context;
    private final SteadyClock clock;
    private final HubSettings settings;
    private final JournalEndpoint endpoint;
    private final Journal journal;
    private final JournalLog log;
    private final HubDatabase database;
    private final HubCounters counters = new HubCounters();
    private final BadInput badInput = new BadInput(() -> System.nanoTime() / 1_000_000);
    /** Null for a hub alone. */
    private final @Nullable HubElection election;

    private final HubLives lives;

    private final DiskTasks tasks = new DiskTasks();
    private final HubMeters meters = new HubMeters();
    /** Reads what subscribers need that is not in memory. */
    private final ExecutorService disk;

    private final Pace pace;
    private final Intake intake;
    private final Feed feed;
    private final PlainPeers plainPeers;
    private final HubView view;
    private final ProducerTemplate release;
    private final SerialStep releasing;

    /**
     * Opens the log and the database that the context's properties name.
     *
     * @throws IllegalArgumentException if the configuration is wrong, with every problem
     * @throws StoreException if the database cannot be opened
     * @throws JournalException if the log cannot be opened, or is damaged
     */
    Hub(CamelContext context) {
        this.context = context;
        Clock wall = context.getRegistry().lookupByNameAndType(WALL_CLOCK, Clock.class);
        clock = new SteadyClock(wall == null ? Clock.systemUTC() : wall, System::nanoTime);
        release = context.createProducerTemplate();
        releasing = new SerialStep(
                () -> release.send("direct:send-released?block=false&failIfNoConsumers=false", exchange -> {}));
        settings = HubSettings.of(context);
        // Before anything is open, as it may not be there.
        election = settings.election().isEmpty()
                ? null
                : CamelContextHelper.mandatoryLookup(context, settings.election(), HubElection.class);
        JournalEndpoint endpoint =
                context.getEndpoint("journal:hub?" + settings.journalOptions(), JournalEndpoint.class);
        // Before the log is looked at: parts of one would be told as damage.
        RestoreMark.in(Path.of(endpoint.getServiceUrl())).check();
        this.endpoint = endpoint;
        journal = endpoint.getJournal();
        try {
            database = new HubDatabase(settings.database(), settings.data(), HubDatabase.BETWEEN_LOOKS);
        } catch (RuntimeException e) {
            endpoint.release();
            throw e;
        }
        disk = context.getExecutorServiceManager().newSingleThreadExecutor(this, "HubDisk");
        log = new JournalLog(journal, disk, this::feedAgain);
        lives = new HubLives(this::life);
        Limits limits = new Limits(
                settings.limits().messageBytesMax(), settings.limits().batchBytesMax());
        pace = new Pace(settings.pace());
        intake = new Intake(this::machine, this::asked, lives::greet, limits, badInput, pace, clock, meters::accepted);
        feed = new Feed(this::machine, this::asked, badInput, settings.subscriberSilence(), pace, clock);
        plainPeers = new PlainPeers(this::machine, settings.limits(), counters, badInput, clock);
        view = new HubView(context, settings, clock, this::machine, journal, log, database, counters, badInput, pace);
    }

    /** Closes what a hub has opened that could not be started. */
    void abandon() {
        context.getExecutorServiceManager().shutdown(disk);
        database.close();
        endpoint.release();
    }

    /** Makes what belongs to a life, and not to the process: cores, sessions, what is under way. */
    private HubMachine life() {
        return new HubMachine(
                log,
                new WallTimes(database.forLife(), clock),
                settings.limits(),
                settings.retention(),
                election == null ? CommitGate.ALONE : election,
                new LoggedNotices(LOG),
                1 + new SecureRandom().nextInt(1 << 30));
    }

    private HubMachine machine() {
        return lives.present();
    }

    /** The life that answers a client. */
    private HubMachine asked() {
        HubMachine life = machine();
        HubElection voter = election;
        if (voter != null && !life.isActive()) {
            voter.asked();
        }
        return life;
    }

    @Override
    protected void lifeBegins() throws Exception {
        if (election == null) {
            activate(HubLife.ALONE);
        }
        context.getCamelContextExtension().addContextPlugin(Hub.class, this);
        meters.bind(context, this);
        HealthCheckRegistry health = HealthCheckRegistry.get(context);
        if (health != null) {
            health.register(new HubHealthCheck(this));
        }
        if (election != null) {
            LOG.info("hub passive log={} positions={} to {}", journal.folder(), journal.first(), journal.end());
            election.joins(this);
        }
    }

    /**
     * Begins a life: the log is read on from the last checkpoint, a new log epoch begins if the life asks for it, and from
     * then on clients are served. Does nothing if this hub is active.
     *
     * @throws StoreException if the database cannot be read
     * @throws JournalException if the log cannot be read, or the new epoch cannot be kept
     */
    public synchronized void activate(HubLife life) {
        OptionalLong scanned;
        try {
            scanned = lives.activate(life, clock.millis());
        } catch (StoreException e) {
            throw database.withNextStep(e);
        }
        if (scanned.isEmpty()) {
            return;
        }
        if (settings.purgeRebuilt()) {
            log.releasePurges();
        }
        HubFigures figures = machine().figures();
        LOG.info(
                "hub open log={} positions={} to {} logEpoch={} publishers={} subscribers={} caughtUp={}",
                journal.folder(),
                journal.first(),
                journal.end(),
                figures.logEpoch(),
                figures.publishers(),
                figures.subscribers().size(),
                scanned.getAsLong());
        if (election != null) {
            releaseAnswers(); // to publishers that have asked too early
        }
    }

    /**
     * Ends the life: clients are told that this hub is not active, and what is under way to the log has ended on return.
     * The log and the database stay open. Does nothing if this hub is not active.
     */
    public synchronized void stepDown() {
        if (!isActive()) {
            return;
        }
        long untilNs = System.nanoTime() + UNDER_WAY_MAX.toNanos();
        while (!lives.retire() && System.nanoTime() < untilNs) {
            LockSupport.parkNanos(1_000_000);
        }
        tasks.run(DiskTasks.Task.LAST_CHECKPOINT, () -> lives.bury(clock.millis()));
        LOG.info("hub passive log={} end={}", journal.folder(), journal.end());
    }

    /**
     * Has a passive hub take over what is committed of its log, which another hub writes. Does nothing if this hub is
     * active.
     *
     * @param keeps whether its database does too
     * @throws StoreException if the database fails
     * @throws JournalException if the log cannot be read
     */
    public synchronized void follow(boolean keeps) {
        if (election != null) {
            lives.follow(keeps, clock.millis());
        }
    }

    /**
     * Has a short life over a log that is thrown away, so that the code of a takeover is loaded. The hub's own log and database
     * are not touched.
     *
     * @throws JournalException if that log fails
     */
    public void rehearse(Journal scratch) {
        HubRehearsal.live(new JournalLog(scratch), settings.limits(), settings.retention(), clock.millis());
    }

    /** Whether this hub serves clients. */
    public boolean isActive() {
        return machine().isActive();
    }

    @Override
    protected void lifeEnds() {
        try {
            if (machine().isActive()) {
                machine().stop(clock.millis());
            }
        } catch (StoreException | JournalException e) {
            LOG.warn("the last checkpoint was not written, the next start reads more of the log: {}", e.getMessage());
        } finally {
            context.getExecutorServiceManager().shutdown(disk);
            database.close();
        }
        LOG.info("hub closed end={}", journal.end());
    }

    Intake intake() {
        return intake;
    }

    Feed feed() {
        return feed;
    }

    PlainPeers plainPeers() {
        return plainPeers;
    }

    /** Writes what was acknowledged and logged since the last time to the database; called by a timer. */
    public void keep() {
        database.look(log.identity());
        tasks.run(DiskTasks.Task.CHECKPOINT, () -> {
            HubMachine life = machine();
            if (life.isActive()) {
                life.checkpoint(clock.millis());
            } else if (election != null) {
                follow(true);
            }
            meters.refresh();
        });
    }

    /** Deletes the oldest segments that need not be kept; called by a timer. */
    public void purge() {
        tasks.run(DiskTasks.Task.PURGE, () -> machine().purge(clock.millis()));
    }

    /** Has answers go out that were waiting for the committed position; called when that has moved. */
    public void committedMoved() {
        release.send("seda:release-answers?size=1&discardWhenFull=true&waitForTaskToComplete=Never", exchange -> {});
    }

    private void feedAgain() {
        release.send("seda:feed-subscribers?size=1&discardWhenFull=true&waitForTaskToComplete=Never", exchange -> {});
    }

    /** As {@link #committedMoved}, on this thread. */
    public void releaseAnswers() {
        releasing.run();
    }

    /**
     * Captures what a backup is made of. The log is looked at after the tables, so the tables may be behind it and
     * never ahead, as
     * after a crash. On a pair nothing that is not committed belongs to it: that may still be cut. Holds up nobody for
     * longer than a moment.
     *
     * @param tables is given all that the tables hold
     * @return empty if something of the log was deleted meanwhile, of which the tables did not know yet: try again
     * @throws StoreException if the database cannot be read
     * @throws JournalException if the log cannot be forced to the disk
     */
    public Optional<JournalCapture> capture(StateTaker tables) {
        long first = journal.first();
        database.tables().export(tables);
        if (journal.syncedEnd() < journal.end()) {
            try {
                journal.syncAside();
            } catch (IOException e) {
                throw new JournalException("the log is not synced: " + FileErrors.say(e), e);
            }
        }
        // A node of a pair that has not met its peer yet knows by its tables alone what is committed.
        JournalCapture log = election == null
                ? journal.capture()
                : journal.capture(
                        Math.max(machine().committed(), database.tables().position()));
        return log.first() == first ? Optional.of(log) : Optional.empty();
    }

    /** Removes publishers and subscribers that have been away for too long; called by a timer. */
    public void expire() {
        tasks.run(DiskTasks.Task.EXPIRE, () -> {
            machine().expirePublishers(settings.publisherExpiry(), clock.millis());
            machine().expireSubscribers(settings.subscriberExpiry(), clock.millis());
        });
    }

    /** Returns the view of operators. */
    HubView view() {
        return view;
    }

    /** The figures that matter most, in one line. */
    public String statusLine() {
        return view.statusLine();
    }

    /** Where its log is. */
    public Path folder() {
        return journal.folder();
    }
}
