package io.bactrian.federation.routes;

import io.bactrian.federation.core.Actions;
import io.bactrian.federation.core.Command;
import io.bactrian.federation.core.Door;
import io.bactrian.federation.core.HistoryEntry;
import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.NodeCore;
import io.bactrian.federation.core.Outgoing;
import io.bactrian.federation.core.Reach;
import io.bactrian.federation.core.Reply;
import io.bactrian.federation.core.Signatures;
import io.bactrian.federation.core.StateEntry;
import io.bactrian.federation.core.StateRecord;
import io.bactrian.federation.core.Topology;
import io.bactrian.journal.JournalEndpoint;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.text.RateLimitedLog;
import io.bactrian.zeromq.ZeroMqMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.ThreadPoolProfileBuilder;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean of the routes of a node. {@link #decide} and what follows it are called by one route; what asks ({@link #value},
 * {@link #figures}) and what puts tasks in, by any thread.
 */
public final class FederationNode extends ContextLife {
    private static final Logger LOG = LoggerFactory.getLogger(FederationNode.class);
    private static final String INBOX = "seda:run-node?waitForTaskToComplete=Never&blockWhenFull=true&size=";
    private static final String ACTIONS = "bactrianActions";
    private static final int REPLAY_BYTES = 4 << 20;
    private static final int SNAPSHOT_FACTOR = 4;
    private static final String TOPOLOGY_ALARM = "topology-refused";
    private static final long COMMAND_LIFE_MS = 5_000;

    private final CamelContext context;
    private final FederationSettings settings;
    private final Clock clock = Clock.systemUTC();
    private final NodeCore core;
    private final Journal journal;
    private final Journal historyJournal;
    private final String inbox;
    private final ProducerTemplate producer;
    private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
    private final Map<ByteBuffer, CompletableFuture<Reply>> waiting = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private final RateLimitedLog warnings = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    private final ExecutorService actors;
    private final List<Consumer<List<StateEntry>>> watchers = new CopyOnWriteArrayList<>();
    private long recordsSinceSnapshot;
    private final @Nullable Topology former;
    /** What was decided last, until it is carried out: what could not be kept is kept with the next. */
    private volatile @Nullable Actions undone;

    private volatile boolean failing;
    private boolean begun;

    /** Something for the node's one thread. */
    private interface Task extends Function<NodeCore, Actions> {}

    /** Time has passed. */
    private record Tick(Clock clock) implements Task {
        @Override
        public Actions apply(NodeCore core) {
            return core.tick(clock.millis());
        }
    }

    /** Messages that came in at a socket. */
    private record Inbound(Door door, List<ZeroMqMessage> messages) implements Task {
        private Inbound {
            messages = List.copyOf(messages);
        }

        @Override
        public Actions apply(NodeCore core) {
            throw new UnsupportedOperationException("needs the time");
        }
    }

    FederationNode(CamelContext context, FederationSettings settings, Signatures signatures) {
        this.context = context;
        this.settings = settings;
        this.former = TopologyWatch.former(settings);
        this.historyJournal = context.getEndpoint(
                        context.resolvePropertyPlaceholders(
                                "journal:federation-history?{{bactrian.node.historyJournal}}"),
                        JournalEndpoint.class)
                .getJournal();
        this.core = new NodeCore(
                settings.topology(),
                settings.self().id(),
                settings.node(),
                signatures,
                new JournalHistory(historyJournal),
                new SecureRandom(),
                clock.millis());
        this.journal = context.getEndpoint(
                        context.resolvePropertyPlaceholders("journal:federation-state?{{bactrian.node.journal}}"),
                        JournalEndpoint.class)
                .getJournal();
        this.inbox = INBOX + context.resolvePropertyPlaceholders("{{bactrian.federation.inbox}}");
        this.producer = context.createProducerTemplate();
        this.actors = context.getExecutorServiceManager().newThreadPool(this, "federation-actors", actorPool());
        replay();
    }

    private static ThreadPoolProfile actorPool() {
        return new ThreadPoolProfileBuilder("federation-actors")
                .poolSize(2)
                .maxPoolSize(8)
                .maxQueueSize(1_000)
                .rejectedPolicy(ThreadPoolRejectedPolicy.Abort)
                .build();
    }

    private void replay() {
        List<StateRecord> snapshot = null;
        long position = journal.first();
        while (position <= journal.end()) {
            List<Entry> entries = journal.read(position, REPLAY_BYTES);
            for (Entry entry : entries) {
                StateRecord item = StateRecord.read(entry.payload());
                recordsSinceSnapshot++;
                if (item instanceof StateRecord.SnapshotBegin) {
                    snapshot = new ArrayList<>();
                } else if (item instanceof StateRecord.SnapshotEnd && snapshot != null) {
                    // What was before it is in it too, and what a neighbour sent meanwhile comes after it.
                    List.copyOf(core.state().heads().keySet())
                            .forEach(owner -> core.replay(new StateRecord.Drop(owner)));
                    snapshot.forEach(core::replay);
                    snapshot = null;
                    recordsSinceSnapshot = 0;
                } else if (snapshot != null) {
                    snapshot.add(item);
                } else {
                    core.replay(item);
                }
            }
            position = entries.get(entries.size() - 1).last() + 1;
        }
        replayHistory();
        LOG.info(
                "node={} keys={} replayed from journal={}",
                settings.self().id(),
                core.state().size(),
                journal.folder());
    }

    /** From the last checkpoint on; there is one after each few thousand entries. */
    private void replayHistory() {
        long from = Math.max(historyJournal.first(), historyJournal.end() - 2 * HistoryEntry.CHECKPOINT_ENTRIES);
        long position = from;
        boolean known = from == historyJournal.first();
        while (position <= historyJournal.end()) {
            List<Entry> entries = historyJournal.read(position, REPLAY_BYTES);
            for (Entry entry : entries) {
                HistoryEntry item = HistoryEntry.read(entry.payload());
                known = known || !item.log().isEmpty();
                if (known) {
                    core.replay(item);
                }
            }
            position = entries.get(entries.size() - 1).last() + 1;
        }
    }

    @Override
    protected void lifeBegins() throws Exception {
        producer.start();
        FederationHealthCheck.register(context, this);
        FederationMeters.bind(context, this);
    }

    @Override
    protected void lifeEnds() {
        context.getExecutorServiceManager().shutdown(actors);
        producer.stop();
        waiting.values().forEach(reply -> reply.cancel(false));
        waiting.clear();
    }

    private void submit(Task task) {
        producer.sendBody(inbox, task);
    }

    /** Messages from a socket become a task. */
    public Object heard(String door, @Body List<ZeroMqMessage> messages) {
        return new Inbound(Door.valueOf(door), messages);
    }

    /** The time becomes a task. */
    public Object time() {
        return new Tick(clock);
    }

    /** A change of a key becomes a task: the body is the value, the header names the key. */
    public Object change(@Header(FederationConstants.KEY) String key, @Body byte[] value) {
        return (Task) node -> node.put(key, value, 0, clock.millis());
    }

    /** Goes on with another topology, soon. */
    void change(Topology next, Signatures signatures) {
        count("topology-changed");
        submit(node -> node.change(next, signatures, clock.millis()));
        submit(node -> node.closeAlarm(TOPOLOGY_ALARM, settings.self().id(), "it is taken over", clock.millis()));
    }

    /** Another topology cannot be taken over. */
    void topologyRefused(String reasons) {
        count("topology-refused");
        String text = settings.self().id() + " cannot take the changed topology over: " + reasons;
        submit(node -> node.openAlarm(TOPOLOGY_ALARM, settings.self().id(), text, clock.millis()));
    }

    /** Decides about one task. */
    public void decide(@Body Object task, Exchange exchange) {
        Actions before = undone;
        if (before != null && !(task instanceof Inbound) && !(task instanceof Tick)) {
            checkRoom(before);
        }
        Actions actions;
        synchronized (core) {
            Actions first = begun ? new Actions() : core.start(former, clock.millis());
            begun = true;
            if (task instanceof Inbound inbound && before != null) {
                // What was decided before is not on the disk: neighbours and clients have to wait, and ask again.
                LOG.debug(
                        "node={} drops {} messages",
                        settings.self().id(),
                        inbound.messages().size());
                actions = new Actions();
            } else if (task instanceof Inbound inbound) {
                actions = new Actions();
                for (ZeroMqMessage message : inbound.messages()) {
                    byte[] id = message.routingId();
                    actions.addAll(core.receive(
                            inbound.door(), id == null ? new byte[0] : id, message.frames(), clock.millis()));
                }
            } else {
                actions = ((Task) task).apply(core);
            }
            first.addAll(actions);
            actions = first;
        }
        if (before != null) {
            failing = true;
            Actions all = before.withoutMessages();
            all.addAll(actions);
            actions = all;
        }
        undone = actions;
        exchange.setProperty(ACTIONS, actions);
    }

    /** While the disk takes nothing, what is decided waits in memory, up to a bound. */
    private void checkRoom(Actions waiting) {
        int records = waiting.records().size() + waiting.history().size();
        if (records >= settings.journalRecords()) {
            throw new IllegalStateException(settings.self().id() + " takes no more: " + records
                    + " records wait until the disk of " + journal.folder() + " takes writes again");
        }
    }

    /** What the journal must have: the entries, none or all in one append. */
    public List<NewEntry> records(Exchange exchange) {
        List<StateRecord> records = new ArrayList<>(actions(exchange).records());
        long bound = Math.max(
                settings.journalRecords(), (long) SNAPSHOT_FACTOR * core.state().size());
        if (recordsSinceSnapshot + records.size() > bound) {
            synchronized (core) {
                records.addAll(core.snapshot());
            }
            long before = journal.end() + 1 + actions(exchange).records().size();
            exchange.setProperty("bactrianSnapshotAt", before);
            recordsSinceSnapshot = 0;
        } else {
            recordsSinceSnapshot += records.size();
        }
        return records.stream()
                .map(item -> new NewEntry(1, StateRecord.write(item)))
                .toList();
    }

    /** What the history's journal must have. */
    public List<NewEntry> history(Exchange exchange) {
        return actions(exchange).history().stream()
                .map(entry -> new NewEntry(1, entry.write()))
                .toList();
    }

    /** A value of a series becomes a task: the header names the series, the body is the number. */
    public Object recordValue(@Header(FederationConstants.SERIES) String name, @Body double value) {
        return (Task) node -> node.record(name, value, "", clock.millis());
    }

    /** An event becomes a task: the header names it, the body is a sentence. */
    public Object recordEvent(@Header(FederationConstants.SERIES) String name, @Body String text) {
        return (Task) node -> node.record(name, Double.NaN, text, clock.millis());
    }

    private static Actions actions(Exchange exchange) {
        return exchange.getProperty(ACTIONS, Actions.class);
    }

    /** What goes to children. */
    public List<ZeroMqMessage> toChildren(Exchange exchange) {
        return messages(exchange, Door.SOUTH);
    }

    /** What goes to the parent. */
    public List<ZeroMqMessage> toParent(Exchange exchange) {
        return messages(exchange, Door.PARENT);
    }

    /** What goes to the backup of the parent. */
    public List<ZeroMqMessage> toParentBackup(Exchange exchange) {
        return messages(exchange, Door.PARENT_BACKUP);
    }

    /** What goes to the primary of this backup. */
    public List<ZeroMqMessage> toPeer(Exchange exchange) {
        return messages(exchange, Door.PEER);
    }

    /** The answers to clients. */
    public List<ZeroMqMessage> toClients(Exchange exchange) {
        return messages(exchange, Door.CLIENTS);
    }

    /** What is published. */
    public List<ZeroMqMessage> toSubscribers(Exchange exchange) {
        return messages(exchange, Door.PUBLISH);
    }

    private static List<ZeroMqMessage> messages(Exchange exchange, Door door) {
        List<ZeroMqMessage> messages = new ArrayList<>();
        for (Outgoing outgoing : actions(exchange).outgoing()) {
            if (outgoing.door() == door) {
                byte[] id = outgoing.routingId();
                messages.add(ZeroMqMessage.of(id.length == 0 ? null : id, outgoing.frames()));
            }
        }
        return messages;
    }

    /** A message could not be sent: it is counted, and the next heartbeat makes up for it. */
    public void unsent(String door, Exception cause) {
        count("unsent");
        LOG.debug("node={} not sent at door={}", settings.self().id(), door, cause);
    }

    /** Actors, watchers and those who wait hear of it; the journal gives up what a snapshot has replaced. */
    public void tell(Exchange exchange) {
        Actions actions = actions(exchange);
        undone = null;
        failing = false;
        Long snapshotAt = exchange.getProperty("bactrianSnapshotAt", Long.class);
        if (snapshotAt != null) {
            journal.deleteBefore(snapshotAt);
        }
        for (Actions.Event event : actions.events()) {
            count(event.kind());
            // An alarm is opened once; what a neighbour or a client does wrong may come again and again.
            long left = !event.warning() || event.kind().equals("alarm-opened")
                    ? 0
                    : warnings.admit(event.kind(), event.text());
            if (event.warning() && left > 0) {
                LOG.warn(
                        "node={} {}: {} ({} lines of this kind were left out)",
                        settings.self().id(),
                        event.kind(),
                        event.text(),
                        left);
            } else if (event.warning() && left == 0) {
                LOG.warn("node={} {}: {}", settings.self().id(), event.kind(), event.text());
            } else {
                LOG.debug("node={} {}: {}", settings.self().id(), event.kind(), event.text());
            }
        }
        for (Reply reply : actions.replies()) {
            CompletableFuture<Reply> future = waiting.remove(ByteBuffer.wrap(reply.uuid()));
            if (future != null) {
                future.complete(reply);
            }
        }
        actions.deliveries().forEach(this::deliver);
        count("changes", actions.changes().size());
        if (!actions.changes().isEmpty()) {
            watchers.forEach(watcher -> watcher.accept(actions.changes()));
        }
    }

    /**
     * Tells somebody of each change of the state from now on, on the thread of the node, which must not wait.
     *
     * @return the state as it is; a change of it may be told once more
     */
    public List<StateEntry> watch(Consumer<List<StateEntry>> watcher) {
        synchronized (core) {
            watchers.add(watcher);
            return List.copyOf(core.state().startingWith(""));
        }
    }

    /** Ends {@link #watch}. */
    public void unwatch(Consumer<List<StateEntry>> watcher) {
        watchers.remove(watcher);
    }

    /** An actor is a route {@code direct:actor-NAME}; what it leaves in the body is the answer. */
    private void deliver(Command command) {
        String uri = "direct:actor-" + command.to().actor();
        if (context.hasEndpoint(uri) == null) {
            reply(
                    command,
                    false,
                    "no actor " + command.to().actor() + " at " + command.to().node() + ": a route from " + uri
                            + " would be one");
            return;
        }
        try {
            actors.execute(() -> act(uri, command));
        } catch (RejectedExecutionException e) {
            LOG.debug("no thread for a command to {}", command.to(), e);
            reply(
                    command,
                    false,
                    "too many commands wait for actors at " + command.to().node());
        }
    }

    private void act(String uri, Command command) {
        Exchange done = producer.request(uri, exchange -> {
            exchange.getIn().setBody(command.body());
            exchange.getIn().setHeader(FederationConstants.FROM, command.from().toString());
        });
        Exception failure = done.getException();
        if (failure == null) {
            String answer = done.getMessage().getBody(String.class);
            reply(command, true, answer == null ? "" : answer);
        } else {
            reply(command, false, "the actor has failed: " + failure.getMessage());
        }
    }

    private void reply(Command command, boolean done, String text) {
        submit(node -> node.answer(command, done, text.getBytes(StandardCharsets.UTF_8), clock.millis()));
    }

    /**
     * Sends a command and waits for the answer: the body goes to the actor that the header names.
     *
     * @throws CommandRefusedException if it was not done, with the reason
     */
    public String command(
            @Header(FederationConstants.TO) String to,
            @Header(FederationConstants.FROM) @Nullable String from,
            @Body byte[] body)
            throws InterruptedException {
        Future<Reply> future = ask(to, from == null ? "route" : from, body);
        try {
            Reply reply = future.get(2 * COMMAND_LIFE_MS, TimeUnit.MILLISECONDS);
            if (!reply.done()) {
                throw new CommandRefusedException(reply.from() + ": " + reply.text());
            }
            return reply.text();
        } catch (TimeoutException e) {
            throw new CommandRefusedException("no answer from " + to, e);
        } catch (ExecutionException e) {
            throw new CommandRefusedException("the command to " + to + " failed", e);
        }
    }

    /**
     * Sends a command, and does not wait: the answer, also that there is none, comes later, on the thread of the node.
     *
     * @param to the actor, {@code actor@node}
     * @param from the actor of this node that sends it
     * @throws CommandRefusedException if too many commands wait
     */
    public CompletableFuture<Reply> ask(String to, String from, byte[] body) {
        if (waiting.size() >= settings.node().commandsMax()) {
            throw new CommandRefusedException(
                    "too many commands wait for an answer, see bactrian.federation.commands.max");
        }
        byte[] uuid = new byte[16];
        random.nextBytes(uuid);
        ByteBuffer id = ByteBuffer.wrap(uuid);
        CompletableFuture<Reply> future = new CompletableFuture<>();
        waiting.put(id, future);
        submit(node -> node.send(uuid, from, to, true, COMMAND_LIFE_MS, body, clock.millis()));
        return future.orTimeout(2 * COMMAND_LIFE_MS, TimeUnit.MILLISECONDS)
                .whenComplete((reply, late) -> waiting.remove(id));
    }

    /** Somebody outside asks this process to act: of a pair it may take over from a dead peer. Returns before it has decided. */
    public void vote(String who) {
        submit(node -> node.vote(who, clock.millis()));
    }

    /** Commands to set these keys go to the route {@code direct:actor-state} from now on. */
    public void delegate(Collection<String> keys) {
        synchronized (core) {
            core.delegate(keys);
        }
    }

    /** What the field device of a pair has as life sign; null if the device was not read. */
    public void lifeSign(@Nullable String value) {
        submit(node -> node.lifeSign(value, clock.millis()));
    }

    /** Tells whether a field device with the values of some keys is reached. */
    public void device(String name, boolean reached, Collection<String> keys) {
        submit(node -> node.device(name, reached, keys, clock.millis()));
    }

    /** The keys whose values are of field devices that are not reached. */
    public Set<String> oldPoints() {
        synchronized (core) {
            return Reach.oldPoints(core.state());
        }
    }

    /** The tree as this node knows it. */
    public Topology topology() {
        synchronized (core) {
            return core.topology();
        }
    }

    /** Which process this is. */
    public Member self() {
        return settings.self();
    }

    /** The folder of this process. */
    public Path folder() {
        return NodeProperties.folder(settings.data(), settings.self());
    }

    /** Whether this process acts for its node. */
    public boolean active() {
        synchronized (core) {
            return core.active();
        }
    }

    /** How many keys of the state are known here. */
    int keys() {
        synchronized (core) {
            return core.state().size();
        }
    }

    /** How many alarms of all nodes are not closed. */
    int openAlarms() {
        synchronized (core) {
            return core.openAlarms();
        }
    }

    /** How far away a neighbouring process is, in ms there and back; -1 if it is not known. */
    Map<String, Long> delays() {
        synchronized (core) {
            return core.delays();
        }
    }

    /** Why this node cannot work as it should, empty if it can. */
    String problem() {
        Actions waiting = undone;
        return waiting == null || !failing
                ? ""
                : "what the node decides cannot be kept: see the log, and the disk of " + journal.folder();
    }

    /** The ids of the neighbouring processes that are heard. */
    public List<String> heard() {
        synchronized (core) {
            return core.heard();
        }
    }

    /** The nodes that this one does not reach, as far as it knows. */
    public Set<String> unreached() {
        synchronized (core) {
            return Reach.without(core.topology(), settings.self(), core.active(), core.heard(), core.state());
        }
    }

    /** The value of a key as text, or null: for {@code ${bean:bactrianFederation?method=value('key')}}. */
    public @Nullable String value(String key) {
        synchronized (core) {
            StateEntry entry = core.state().get(key);
            return entry == null ? null : entry.text();
        }
    }

    /** What an operator looks at. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new TreeMap<>();
        synchronized (core) {
            figures.put("node", settings.self().id());
            figures.put("active", core.active());
            figures.put("epoch", core.epoch());
            figures.put("keys", core.state().size());
            figures.put("alarms", core.openAlarms());
            figures.put("neighbours", core.delays());
        }
        counters.forEach((name, count) -> figures.put(name, count.sum()));
        return figures;
    }

    /** How many records the history has here, of this process and of those below. */
    public long recorded() {
        synchronized (core) {
            return core.historyRecords();
        }
    }

    /** How often something has happened. */
    public long counted(String kind) {
        LongAdder counter = counters.get(kind);
        return counter == null ? 0 : counter.sum();
    }

    private void count(String kind) {
        count(kind, 1);
    }

    private void count(String kind, int times) {
        counters.computeIfAbsent(kind, name -> new LongAdder()).add(times);
    }
}
