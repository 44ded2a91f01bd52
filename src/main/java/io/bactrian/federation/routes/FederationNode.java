package io.bactrian.federation.routes;

import io.bactrian.federation.core.Actions;
import io.bactrian.federation.core.ActorCommand;
import io.bactrian.federation.core.CommandReply;
import io.bactrian.federation.core.Door;
import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.NodeCore;
import io.bactrian.federation.core.Outgoing;
import io.bactrian.federation.core.Reach;
import io.bactrian.federation.core.Signatures;
import io.bactrian.federation.core.StateEntry;
import io.bactrian.federation.core.Topology;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.timer.SteadyClock;
import io.bactrian.zeromq.ZeroMqMessage;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Variable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean of the routes of a node. {@link #decide} and what follows it are called by one route; what asks ({@link #value},
 * {@link #figures}) and what puts tasks in, by any thread.
 */
public final class FederationNode extends ContextLife {
    /** The variable of the Exchange that holds what the node has decided: {@link Actions}. */
    public static final String ACTIONS = "actions";

    private static final Logger LOG = LoggerFactory.getLogger(FederationNode.class);
    private static final String INBOX = "seda:run-node?waitForTaskToComplete=Never&blockWhenFull=true&size=";

    private final CamelContext context;
    private final FederationSettings settings;
    private final SteadyClock clock = new SteadyClock(Clock.systemUTC(), System::nanoTime);
    private final NodeCore core;
    private final NodeJournals journals;
    private final NodeEvents events;
    private final NodeCommands commands;
    private final String inbox;
    private final ProducerTemplate producer;
    private final List<Consumer<List<StateEntry>>> watchers = new CopyOnWriteArrayList<>();
    private final @Nullable Topology former;
    /** What was decided last, until it is carried out: what could not be kept is kept with the next. */
    private volatile @Nullable Actions undone;

    private volatile boolean failing;
    private boolean begun;

    /** The topology of all that is on the disk; null before the first decision is. */
    private volatile @Nullable Topology keptTopology;

    private long triedMs;

    /** Something for the node's one thread. */
    private interface Task extends Function<NodeCore, Actions> {}

    /** Nobody waits for what comes of it. */
    private interface Passing extends Task {}

    /** Time has passed. */
    private record Tick(Clock clock) implements Passing {
        @Override
        public Actions apply(NodeCore core) {
            return core.tick(clock.millis());
        }
    }

    /** Messages that came in at a socket. */
    private record ReceivedMessages(Door door, List<ZeroMqMessage> messages) implements Passing {
        private ReceivedMessages {
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
        this.former = TopologyReloader.former(settings);
        this.events = new NodeEvents(settings.self().id());
        this.journals = new NodeJournals(context, settings.journalRecords());
        this.core = new NodeCore(
                settings.topology(),
                settings.self().id(),
                settings.node(),
                signatures,
                new JournalHistory(journals.history()),
                new SecureRandom(),
                clock.millis());
        this.inbox = INBOX + context.resolvePropertyPlaceholders("{{bactrian.federation.inbox}}");
        this.producer = context.createProducerTemplate();
        this.commands = new NodeCommands(context, producer, settings.node().commandsMax(), new CommandTasks());
        journals.replay(core);
        LOG.info(
                "node={} keys={} replayed from journal={}",
                settings.self().id(),
                core.state().size(),
                journals.folder());
    }

    /** What commands want of the node's one thread. */
    private final class CommandTasks implements NodeCommands.CommandInbox {
        @Override
        public void send(byte[] uuid, String from, String to, long lifeMs, byte[] body) {
            submit(node -> node.send(uuid, from, to, true, lifeMs, body, clock.millis()));
        }

        @Override
        public void answer(ActorCommand command, boolean done, byte[] body) {
            submit(node -> node.answer(command, done, body, clock.millis()));
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
        commands.end();
        producer.stop();
    }

    private void submit(Task task) {
        producer.sendBody(inbox, task);
    }

    /** Messages from a socket become a task. */
    public Object heard(String door, @Body List<ZeroMqMessage> messages) {
        return new ReceivedMessages(Door.valueOf(door), messages);
    }

    /** A connection upwards has begun, which becomes a task: the node greets at once. */
    public Object connected(String door) {
        Door which = Door.valueOf(door);
        return (Passing) node -> node.connected(which, clock.millis());
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
        events.count("topology-changed", 1);
        submit(node -> node.change(next, signatures, clock.millis()));
    }

    /** The topology with which all was decided that is on the disk; null before anything is. */
    @Nullable Topology keptTopology() {
        return keptTopology;
    }

    /** Another topology cannot be taken over. */
    void topologyRefused(String reasons) {
        events.count("topology-refused", 1);
        submit(node -> node.refuse(reasons, clock.millis()));
    }

    /** Decides about one task; the body, and a variable for the steps that follow, are then the {@link Actions}. */
    public void decide(@Body Object task, Exchange exchange) {
        Actions before = undone;
        boolean somebodyWaits = !(task instanceof Passing);
        if (before != null && somebodyWaits) {
            checkRoom(before);
        }
        Actions actions;
        synchronized (core) {
            core.wallAhead(clock.wallMs(0));
            if (before != null) {
                core.messagesDropped();
            }
            Actions first = begun ? new Actions() : core.start(former, clock.millis());
            begun = true;
            if (task instanceof ReceivedMessages inbound && before != null) {
                // What was decided before is not on the disk: neighbours and clients have to wait, and ask again.
                LOG.debug(
                        "node={} drops {} messages",
                        settings.self().id(),
                        inbound.messages().size());
                actions = new Actions();
            } else if (task instanceof ReceivedMessages inbound) {
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
            boolean again = failing;
            failing = true;
            before.dropMessages();
            before.addAll(actions);
            actions = before;
            if (again
                    && !somebodyWaits
                    && clock.millis() - triedMs < settings.node().heartbeatMs()) {
                // All that waits is written anew at each try: so not at each tick.
                exchange.setRouteStop(true);
                return;
            }
        }
        triedMs = clock.millis();
        undone = actions;
        exchange.setVariable(ACTIONS, actions);
        exchange.getMessage().setBody(actions);
    }

    /** While the disk takes nothing, what is decided waits in memory, up to a bound. */
    private void checkRoom(Actions waiting) {
        int records = waiting.records().size() + waiting.history().size();
        if (records >= settings.journalRecords()) {
            throw new IllegalStateException(settings.self().id() + " takes no more: " + records
                    + " records wait until the disk of " + journals.folder() + " takes writes again");
        }
    }

    /** Returns the records for the journal: none or all in one append. */
    public List<NewEntry> records(@Variable(ACTIONS) Actions actions) {
        return journals.records(actions, core);
    }

    /** Returns the entries for the history's journal. */
    public List<NewEntry> history(@Variable(ACTIONS) Actions actions) {
        return NodeJournals.history(actions);
    }

    /** A value of a series becomes a task: the header names the series, the body is the number. */
    public Object recordValue(@Header(FederationConstants.SERIES) String name, @Body double value) {
        return (Task) node -> node.record(name, value, "", clock.millis());
    }

    /** An event becomes a task: the header names it, the body is a sentence. */
    public Object recordEvent(@Header(FederationConstants.SERIES) String name, @Body String text) {
        return (Task) node -> node.record(name, Double.NaN, text, clock.millis());
    }

    /** Returns the messages to children. */
    public List<ZeroMqMessage> toChildren(@Variable(ACTIONS) Actions actions) {
        return messages(actions, Door.SOUTH);
    }

    /** Returns the messages to the parent. */
    public List<ZeroMqMessage> toParent(@Variable(ACTIONS) Actions actions) {
        return messages(actions, Door.PARENT);
    }

    /** Returns the messages to the backup of the parent. */
    public List<ZeroMqMessage> toParentBackup(@Variable(ACTIONS) Actions actions) {
        return messages(actions, Door.PARENT_BACKUP);
    }

    /** Returns the messages to the primary of this backup. */
    public List<ZeroMqMessage> toPeer(@Variable(ACTIONS) Actions actions) {
        return messages(actions, Door.PEER);
    }

    /** The answers to clients. */
    public List<ZeroMqMessage> toClients(@Variable(ACTIONS) Actions actions) {
        return messages(actions, Door.CLIENTS);
    }

    /** Returns the messages to publish. */
    public List<ZeroMqMessage> toSubscribers(@Variable(ACTIONS) Actions actions) {
        return messages(actions, Door.PUBLISH);
    }

    private static List<ZeroMqMessage> messages(Actions actions, Door door) {
        List<ZeroMqMessage> messages = new ArrayList<>();
        for (Outgoing outgoing : actions.outgoing()) {
            if (outgoing.door() == door) {
                byte[] id = outgoing.routingId();
                messages.add(ZeroMqMessage.of(id.length == 0 ? null : id, outgoing.frames()));
            }
        }
        return messages;
    }

    /** A message could not be sent: it is counted, and the next heartbeat makes up for it. */
    public void unsent(String door, Exception cause) {
        events.count("unsent", 1);
        LOG.debug("node={} not sent at door={}", settings.self().id(), door, cause);
    }

    /** Actors, watchers and those who wait hear of it; the journal gives up what a snapshot has replaced. */
    public void tell(@Variable(ACTIONS) Actions actions) {
        undone = null;
        failing = false;
        synchronized (core) {
            keptTopology = core.topology();
        }
        journals.kept();
        events.tell(actions.events());
        commands.answered(actions.replies());
        actions.deliveries().forEach(commands::deliver);
        events.count("changes", actions.changes().size());
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
        return commands.command(to, from == null ? "route" : from, body);
    }

    /**
     * Sends a command, and does not wait: the answer, also that there is none, comes later, on the thread of the node.
     *
     * @param to the actor, {@code actor@node}
     * @param from the actor of this node that sends it
     * @throws CommandRefusedException if too many commands wait
     */
    public CompletableFuture<CommandReply> ask(String to, String from, byte[] body) {
        return commands.ask(to, from, body);
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

    /** Takes the life sign from the field device of a pair; null if the device was not read. */
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
                : "what the node decides cannot be kept: see the log, and the disk of " + journals.folder();
    }

    /** The ids of the neighbouring processes that are heard. */
    public List<String> reachable() {
        synchronized (core) {
            return core.reachable();
        }
    }

    /** The nodes that this one does not reach, as far as it knows. */
    public Set<String> unreached() {
        synchronized (core) {
            return Reach.without(core.topology(), settings.self(), core.active(), core.reachable(), core.state());
        }
    }

    /** The value of a key as text, or null: for {@code ${bean:bactrianFederation?method=value('key')}}. */
    public @Nullable String value(String key) {
        synchronized (core) {
            StateEntry entry = core.state().get(key);
            return entry == null ? null : entry.text();
        }
    }

    /** Returns the figures for an operator. */
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
        figures.putAll(events.all());
        return figures;
    }

    /** How many records the history has here, of this process and of those below. */
    public long recorded() {
        synchronized (core) {
            return core.historyRecords();
        }
    }

    /** How many records of one process the history has here. */
    public long recorded(String process) {
        synchronized (core) {
            return core.historyRecords(process);
        }
    }

    /** How often something has happened. */
    public long counted(String kind) {
        return events.counted(kind);
    }
}
