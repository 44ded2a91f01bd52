package io.bactrian.simulation;

import io.bactrian.pubsub.core.ConfirmedPattern;
import io.bactrian.pubsub.core.CursorChanges;
import io.bactrian.pubsub.core.LastProcessed;
import io.bactrian.pubsub.core.SubscriberCore;
import io.bactrian.pubsub.core.SubscriberCursor;
import io.bactrian.pubsub.core.SubscriberOutput;
import io.bactrian.pubsub.core.SubscriberSettings;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import io.bactrian.wire.WireException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A subscriber process: the production core, and an owner that processes some records in each transaction. */
final class SimSubscriber implements Network.Peer, SubscriberOutput {
    static final int WINDOW_BYTES = 4096;

    /** A pattern that this subscriber wants, in all its lives. */
    record Wish(PatternKind kind, String pattern, StartFrom from, long position) {
        boolean covers(String topic) {
            return kind == PatternKind.TOPIC ? topic.equals(pattern) : topic.startsWith(pattern);
        }
    }

    /** A row of its database. */
    record Row(int generation, int epoch, long position, String topic, String message) {}

    /** From where a pattern holds, and the log epoch in which the hub has said so. */
    private record Start(int epoch, long position) {}

    /** Where what a pattern wants lies now. */
    private record From(Wish wish, long position) {}

    private record Range(long from, long to) {}

    /** A new pattern: what was had of its topics from there on may come again, as it is forgotten. */
    private record Anew(int afterRows, Wish wish, Start start) {}

    /** The last that was had of a source under one epoch of its publisher. */
    private record Had(String topic, long sequence, Start at) {}

    private final World world;
    private final Network network;
    private final Hubs hub;
    private final Oracle oracle;
    private final Flaw flaw;
    private final String name;
    private final double slowness;

    private SubscriberCursor cursor = SubscriberCursor.NONE;
    /** Stored with the cursor; the one that was quiet longest comes first. */
    private final Map<LastProcessed.Key, LastProcessed> numbers = new LinkedHashMap<>();

    /** Stored with the cursor, too. */
    private List<ConfirmedPattern> patterns = List.of();

    private final List<Row> rows = new ArrayList<>();
    private final Set<String> has = new HashSet<>();
    private final Set<Wish> wishes;
    private final Map<Wish, Start> starts = new LinkedHashMap<>();
    private final List<Anew> anew = new ArrayList<>();
    private final List<Range> toldExpired = new ArrayList<>();
    private final Map<String, Integer> toggles = new HashMap<>();

    /** How often it has crashed while it asked for a new pattern: the next life does not know what is to come anew. */
    private int unanswered;

    /** It crashed before it had stored that it gave up a pattern, and asks a hub with a new log for that, too. */
    private boolean asksTooMuch;

    private final Map<Integer, Wish> asked = new HashMap<>();
    private final ArrayDeque<Row> queue = new ArrayDeque<>();
    private SubscriberCore core;
    private boolean up;
    private int life;
    private boolean working;
    private boolean withdrawing;
    private long done;

    SimSubscriber(World world, Network network, Hubs hub, Oracle oracle, Flaw flaw, String name, Set<Wish> wishes) {
        this.world = world;
        this.network = network;
        this.hub = hub;
        this.oracle = oracle;
        this.flaw = flaw;
        this.name = name;
        this.wishes = wishes;
        slowness = world.chance(0.2) ? 200 : 10;
        world.in(world.draw(1000), this::boot);
    }

    private void boot() {
        up = true;
        life++;
        queue.clear();
        asked.clear();
        working = false;
        withdrawing = false;
        done = cursor.position();
        core = new SubscriberCore(
                new SubscriberSettings(name, WINDOW_BYTES, 200, 100, 800),
                this,
                world::drawLong,
                cursor,
                List.copyOf(numbers.values()),
                patterns);
        asksTooMuch |= patterns.stream()
                .anyMatch(kept -> toggles.containsKey(kept.pattern())
                        && starts.keySet().stream()
                                .noneMatch(w ->
                                        w.kind() == kept.kind() && w.pattern().equals(kept.pattern())));
        world.note(() -> name + " up at " + cursor);
        network.connect(name, this);
        core.start(world.nowMs());
        List.copyOf(wishes).forEach(this::ask);
        int thisLife = life;
        world.in(20, () -> tick(thisLife));
    }

    void crash(long downMs) {
        if (!up) {
            return;
        }
        up = false;
        life++;
        if (!starts.keySet().containsAll(asked.values())) {
            unanswered++;
        }
        network.disconnect(name);
        world.note(() -> name + " crashed at " + cursor);
        world.in(downMs, this::boot);
    }

    private void tick(int itsLife) {
        if (itsLife == life) {
            world.in(20, () -> tick(itsLife));
            core.tick(world.nowMs());
        }
    }

    void wish(Wish wish) {
        boolean there = wishes.stream()
                .anyMatch(
                        other -> other.kind() == wish.kind() && other.pattern().equals(wish.pattern()));
        if (up && !there) {
            wishes.add(wish);
            ask(wish);
        }
    }

    /** Takes a pattern away if it is there, otherwise asks for it: one whose messages may then come again. */
    void toggle(Wish wish) {
        Wish former = wishes.stream()
                .filter(other -> other.pattern().equals(wish.pattern()))
                .findFirst()
                .orElse(null);
        if (!up) {
            return;
        }
        if (former == null) {
            wish(wish);
        } else {
            wishes.remove(former);
            starts.remove(former);
            asked.values().remove(former);
            toggles.merge(former.pattern(), 1, Integer::sum);
            core.unsubscribe(former.kind(), former.pattern(), world.nowMs());
        }
    }

    private void ask(Wish wish) {
        asked.put(core.subscribe(wish.kind(), wish.pattern(), wish.from(), wish.position(), world.nowMs()), wish);
    }

    @Override
    public void receive(byte[] frame, byte[] second) {
        byte[] taken = frame;
        Command command;
        try {
            command = Commands.decode(frame);
        } catch (WireException e) {
            throw new IllegalStateException(e);
        }
        if (flaw == Flaw.SUBSCRIBER_WITHOUT_GAP_CHECK && command instanceof Command.Deliver deliver) {
            taken = new Command.Deliver(deliver.session(), deliver.logEpoch(), 0, deliver.position()).encode();
        }
        long duplicates = core.counters().duplicates();
        core.receive(taken, second, world.nowMs());
        if (flaw == Flaw.SUBSCRIBER_WITHOUT_DUPLICATES_CHECK
                && command instanceof Command.Deliver deliver
                && core.counters().duplicates() > duplicates) {
            queue(Batch.parseTrusted(second), deliver.position());
        }
        if (core.counters().waitingBytes() > WINDOW_BYTES + 2048) {
            oracle.fail(name + " holds " + core.counters().waitingBytes() + " octets");
        }
    }

    @Override
    public void reconnected() {
        core.reconnected(world.nowMs());
    }

    @Override
    public void send(byte[] frame) {
        network.toHub(name, hub, frame);
    }

    @Override
    public void deliver(Batch batch, long position, long timeMs) {
        if (withdrawing) {
            oracle.fail(name + " is handed something after it was to give back");
        }
        queue(batch, position);
        work();
    }

    private void queue(Batch batch, long position) {
        long at = position;
        for (byte[] record : batch.records()) {
            SubscriberCursor now = core.cursor();
            String message = new String(record, StandardCharsets.UTF_8);
            queue.add(new Row(now.generation(), now.logEpoch(), at++, batch.topic(), message));
        }
    }

    private void work() {
        if (working || queue.isEmpty()) {
            return;
        }
        working = true;
        int thisLife = life;
        world.in(world.draw((int) slowness), () -> begin(thisLife));
    }

    private void begin(int itsLife) {
        if (itsLife != life) {
            return;
        }
        List<Row> transaction = new ArrayList<>();
        for (int i = world.draw(12); i >= 0 && !queue.isEmpty(); i--) {
            transaction.add(queue.remove());
        }
        if (flaw == Flaw.CURSOR_STORED_BEFORE && !transaction.isEmpty()) {
            long position = transaction.get(transaction.size() - 1).position();
            store(position, core.changes(position));
        }
        world.in(world.draw(10), () -> commit(itsLife, transaction));
    }

    private void commit(int itsLife, List<Row> transaction) {
        if (itsLife != life) {
            return;
        }
        working = false;
        if (!transaction.isEmpty()) {
            transaction.forEach(this::insert);
            done = transaction.get(transaction.size() - 1).position();
            CursorChanges changes = core.changes(done);
            if (flaw == Flaw.CURSOR_STORED_LATER) {
                long position = done;
                world.in(20, () -> {
                    if (itsLife == life) {
                        store(position, changes);
                    }
                });
            } else {
                store(done, changes);
            }
            core.stored(changes);
            core.processed(done);
        }
        if (withdrawing) {
            withdrawing = false;
            core.withdrawn(done, world.nowMs());
        } else {
            work();
        }
    }

    private void store(long position, CursorChanges changes) {
        SubscriberCursor now = core.cursor();
        cursor = new SubscriberCursor(now.generation(), now.logEpoch(), position);
        store(changes);
    }

    private void store(CursorChanges changes) {
        changes.forgotten().forEach(numbers::remove);
        List<ConfirmedPattern> now = new ArrayList<>(patterns);
        Stream.concat(changes.givenUp().stream(), changes.patterns().stream())
                .forEach(changed -> now.removeIf(
                        p -> p.kind() == changed.kind() && p.pattern().equals(changed.pattern())));
        changes.patterns().forEach(p -> now.add(flaw != Flaw.STARTS_NOT_KEPT ? p : withoutStart(p)));
        patterns = flaw == Flaw.PATTERNS_NOT_KEPT ? List.of() : now;
        if (flaw != Flaw.REPEATS_NOT_KNOWN) {
            changes.last().forEach(last -> {
                numbers.remove(last.key());
                numbers.put(last.key(), last);
            });
        }
    }

    private static ConfirmedPattern withoutStart(ConfirmedPattern pattern) {
        return new ConfirmedPattern(pattern.kind(), pattern.pattern(), pattern.logEpoch(), 0);
    }

    private void insert(Row row) {
        world.note(() -> name + " processed " + row);
        Oracle.Logged logged = oracle.at(row.epoch(), row.position());
        if (logged == null
                || !logged.message().equals(row.message())
                || !logged.topic().equals(row.topic())) {
            oracle.fail(name + " got " + row + ", but the log has " + logged);
        }
        rows.add(row);
        has.add(row.message());
    }

    @Override
    public void withdraw() {
        queue.clear();
        withdrawing = true;
        if (!working) {
            int thisLife = life;
            working = true;
            world.in(1, () -> commit(thisLife, List.of()));
        }
    }

    @Override
    public void rebase(SubscriberCursor to) {
        if (working || !queue.isEmpty()) {
            oracle.fail(name + " must move its cursor while something is being processed");
        }
        int thisLife = life;
        world.in(world.draw(10), () -> {
            if (thisLife == life) {
                CursorChanges changes = core.changes(0);
                cursor = to;
                store(changes);
                core.stored(changes);
                done = to.position();
                world.note(() -> name + " rebased to " + to);
                core.rebased(to, world.nowMs());
            }
        });
    }

    @Override
    public void advance(SubscriberCursor to) {
        int thisLife = life;
        world.in(world.draw(10), () -> {
            if (thisLife == life && to.generation() == cursor.generation() && to.logEpoch() == cursor.logEpoch()) {
                cursor = to.position() > cursor.position() ? to : cursor;
                core.advanced(to, world.nowMs());
            }
        });
    }

    @Override
    public void lost(long from, long to, Cause cause) {
        world.note(() -> name + " is told that " + from + " to " + to + " are lost: " + cause);
        boolean right = switch (cause) {
            case CUT -> oracle.isCut(from) || oracle.isCut(from, to);
            case EXPIRED, PURGED -> isGone(to);
            case NONE, DAMAGED -> false;
        };
        if (!right) {
            oracle.fail(name + " is told that " + from + " to " + to + " are lost: " + cause);
        }
        if (cause != Cause.CUT) {
            toldExpired.add(new Range(from, to));
        }
    }

    /** Deleted, as it had to be given up, or by a hub that was restored and knew nothing of this subscriber. */
    private boolean isGone(long to) {
        boolean isDeleted = to < hub.first() && (to <= hub.gaveUp(name) || oracle.isRestored() || asksTooMuch);
        return isDeleted || oracle.isParted(); // where it has been on another log, this one may know it further on
    }

    @Override
    public void confirmed(int request, long start) {
        Wish wish = asked.remove(request);
        if (wish != null && wishes.contains(wish)) {
            boolean isAgain = oracle.isRestored() && toggles.getOrDefault(wish.pattern(), 0) > 0;
            // A hub that was restored may still have it in force as it was before it was given up.
            confirmed(wish, isAgain ? Math.max(start, core.cursor().position() + 1) : start, isAgain);
        }
    }

    /** {@code isAgain}: the hub may have an older pattern of that name, which was given up since; all that it covers comes. */
    private void confirmed(Wish wish, long start, boolean isAgain) {
        Start now = new Start(core.cursor().logEpoch(), start);
        Start before = starts.put(wish, now);
        if (before == null) {
            anew.add(new Anew(rows.size(), wish, now));
        }
        world.note(() -> name + " has " + wish + " from " + start);
        boolean olderOne = isAgain && before != null && afterCuts(now) < afterCuts(before);
        if (before != null && afterCuts(before) != afterCuts(now) && !olderOne) {
            if (oracle.isRestored() && afterCuts(now) > afterCuts(before)) {
                // A hub that was restored from before the pattern is asked for what was not had; nothing may be
                // missing before that all the same.
                starts.put(wish, before);
                return;
            }
            oracle.fail(name + " has " + wish + " from " + now + ", before it was " + before);
        }
    }

    private long afterCuts(Start start) {
        return oracle.afterCuts(start.epoch(), start.position());
    }

    @Override
    public void refused(int request, Code code, String text) {
        oracle.fail(name + " was refused a request: " + text);
    }

    @Override
    public void attached() {}

    @Override
    public void withoutHeaders() {
        oracle.fail(name + " gets no headers");
    }

    @Override
    public void troubled(Code code, String text) {
        world.note(() -> name + " troubled: " + text);
    }

    @Override
    public void stopped(Code code, String text) {
        oracle.fail(name + " was stopped: " + text);
    }

    /** What is still missing, in words; empty if it has everything. */
    String missing() {
        if (!up || !starts.keySet().containsAll(wishes)) {
            return name + " waits for " + wishes.size() + " patterns, has " + starts.size();
        }
        List<From> wanted = wanted();
        for (Map.Entry<Long, Oracle.Logged> entry : oracle.log().entrySet()) {
            long position = entry.getKey();
            if (isWanted(wanted, position, entry.getValue().topic())
                    && !has.contains(entry.getValue().message())
                    && !(oracle.isParted() && (oracle.isParted(position) || hasLater(entry.getValue())))
                    && toldExpired.stream().noneMatch(told -> told.from() <= position && position <= told.to())) {
                return name + " lacks " + entry.getKey() + " " + entry.getValue() + ", stands at " + core.cursor() + " "
                        + core.counters();
            }
        }
        return "";
    }

    /**
     * Whether it had a later one of the same source on another log, or one with a number that is as high: then this one would be out of
     * order, or is taken for one that it had.
     */
    private boolean hasLater(Oracle.Logged logged) {
        String source = Oracle.source(logged.message());
        for (Row row : rows) {
            if (Oracle.source(row.message()).equals(source)) {
                Oracle.Numbered had = oracle.at(row.epoch(), row.position()).number();
                if (Oracle.number(row.message()) > Oracle.number(logged.message())
                        || had.sequence() >= logged.number().sequence()) {
                    return true;
                }
            }
        }
        return false;
    }

    private List<From> wanted() {
        List<From> wanted = new ArrayList<>();
        starts.forEach((wish, start) -> wanted.add(new From(wish, afterCuts(start))));
        return wanted;
    }

    private static boolean isWanted(List<From> wanted, long position, String topic) {
        for (From one : wanted) {
            if (position >= one.position() && one.wish().covers(topic)) {
                return true;
            }
        }
        return false;
    }

    /** Each message once, in order, and none that was not asked for. */
    void check() {
        Map<String, Integer> times = new HashMap<>();
        Map<String, Long> positions = new HashMap<>();
        Map<String, Had> had = new HashMap<>();
        Set<String> forgotten = new HashSet<>();
        ArrayDeque<Anew> begun = new ArrayDeque<>(anew);
        List<From> wanted = wanted();
        int count = 0;
        for (Row row : rows) {
            while (!begun.isEmpty() && begun.element().afterRows() <= count) {
                Anew next = begun.remove();
                Set<String> now = new HashSet<>();
                had.forEach((source, at) -> {
                    if (next.wish().covers(at.topic()) && afterCuts(next.start()) <= afterCuts(at.at())) {
                        now.add(source);
                    }
                });
                had.keySet().removeAll(now);
                forgotten.addAll(now);
            }
            count++;
            int seen = times.merge(row.message(), 1, Integer::sum);
            Oracle.Numbered number = oracle.at(row.epoch(), row.position()).number();
            String source = Oracle.source(row.message()) + "|" + number.epoch();
            Had last = had.put(source, new Had(row.topic(), number.sequence(), new Start(row.epoch(), row.position())));
            boolean isKnown = last != null && last.sequence() >= number.sequence();
            if (seen > oracle.timesNumbered(row.message()) + toggles.getOrDefault(row.topic(), 0) + unanswered
                    && (isKnown || !forgotten.contains(source) || !oracle.hasCuts())) {
                oracle.fail(name + " got twice: " + row);
            }
            if (toggles.getOrDefault(row.topic(), 0) == 0 && !isWanted(wanted, row.position(), row.topic())) {
                oracle.fail(name + " got what it had not asked for: " + row);
            }
            Long before = positions.put(row.generation() + "|" + row.epoch() + "|" + row.topic(), row.position());
            if (before != null && before >= row.position() && toggles.getOrDefault(row.topic(), 0) == 0) {
                oracle.fail(name + " got out of order: " + row + " after " + before);
            }
        }
    }
}
