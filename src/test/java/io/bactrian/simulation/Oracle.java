package io.bactrian.simulation;

import io.bactrian.journal.log.Entry;
import io.bactrian.wire.Batch;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Knows everything that was put, logged and promised, and fails the run as soon as a promise is broken.
 *
 * <p>A message is the text {@code publisher|topic|number}, so each is put once in a run.
 *
 * <p>A cut takes the end of the log away. What a publisher had heard as accepted may then be gone; what it had not comes
 * again, under another position. Whoever had seen it sees it once more only if its publisher had to number it anew, and
 * it has to only where the hub refuses something for good. Nothing else is excused.
 */
final class Oracle {
    /** A message in the log, and how its publisher had numbered it. */
    record Logged(String topic, String message, Numbered number) {}

    record Numbered(long epoch, long sequence) {}

    private final World world;
    private final Set<String> put = new HashSet<>();
    private final Set<String> promised = new HashSet<>();
    private final Set<String> failed = new HashSet<>();
    private final Set<String> accepted = new HashSet<>();
    /** Its outbox is gone, so what the log loses of it nobody can put again. */
    private final Set<String> onlyInLog = new HashSet<>();

    private final Set<String> inLog = new HashSet<>();
    /** What a cut has taken, and what of it has not been logged again. */
    private final Set<String> cutOff = new HashSet<>();

    /** Under which publisher epochs and sequences a message was logged. */
    private final Map<String, Set<Numbered>> numbered = new HashMap<>();

    private boolean refusals;
    private int timesCut;
    private boolean restored;
    private boolean parted;
    private long partedFrom = Long.MAX_VALUE;
    private long partedUpTo;
    /** The last position of each log epoch that has ended. */
    private final TreeMap<Integer, Long> ends = new TreeMap<>();
    /** What was cut off, by the epoch that ended so. */
    private final TreeMap<Integer, TreeMap<Long, Logged>> former = new TreeMap<>();

    private final Map<String, Long> lastNumbers = new HashMap<>();
    private final TreeMap<Long, Logged> log = new TreeMap<>();
    /** The last position that is logged, also by what no client put. */
    private long end;

    Oracle(World world) {
        this.world = world;
    }

    static String message(String publisher, String topic, long number) {
        return publisher + "|" + topic + "|" + number;
    }

    /** The hub of this run refuses messages for good now and then. */
    void refusals() {
        refusals = true;
    }

    void fail(String what) {
        throw new Broken(what);
    }

    void put(String message) {
        put.add(message);
    }

    /** The publisher was told that it survives: by its outbox or by the hub. */
    void kept(String message) {
        promised.add(message);
    }

    /** The outbox of a publisher is gone; what the hub has not accepted is promised no more. */
    void lostOutbox(String publisher) {
        promised.removeIf(message -> message.startsWith(publisher + "|") && !inLog.contains(message));
        promised.stream().filter(message -> message.startsWith(publisher + "|")).forEach(onlyInLog::add);
    }

    void accepted(String message) {
        world.note(() -> "accepted " + message);
        promised.add(message);
        accepted.add(message);
        // A publisher that has lost its outbox may be told the numbers of its former process by the other hub.
        if (!parted && !inLog.contains(message) && !cutOff.contains(message)) {
            fail("accepted and not in the hub's synced log: " + message);
        }
    }

    /** A life of the hub has ended, and what the log held above a position is gone. */
    void cut(int epoch, long end) {
        SortedMap<Long, Logged> gone = log.tailMap(end, false);
        if (!gone.isEmpty()) {
            world.note(() -> "cut to " + end);
            timesCut++;
        }
        former.computeIfAbsent(epoch, key -> new TreeMap<>()).putAll(gone);
        gone.values().forEach(logged -> {
            inLog.remove(logged.message());
            cutOff.add(logged.message());
        });
        gone.clear();
        this.end = Math.min(this.end, end);
        ends.put(epoch, end);
        lastNumbers.clear();
        log.values().forEach(logged -> lastNumbers.put(source(logged.message()), number(logged.message())));
    }

    /** Where a position of an epoch lies now: a cut that came later has it begin earlier. */
    long afterCuts(int epoch, long position) {
        long now = position;
        for (long last : ends.tailMap(epoch, true).values()) {
            now = Math.min(now, last + 1);
        }
        return now;
    }

    /** The hub has an older copy of what it keeps. */
    void restored() {
        restored = true;
    }

    /** The hub has lost something that its log held, messages or records of its own. */
    void shortened() {
        restored = true;
        timesCut++;
    }

    boolean isRestored() {
        return restored;
    }

    /** Two hubs have relied on logs that differ above {@code from}, at the same time or one after the other. */
    void parted(long from) {
        parted = true;
        partedFrom = Math.min(partedFrom, from);
    }

    /** The log that stays had got so far when that was known. */
    void partedUpTo(long position) {
        partedUpTo = position;
    }

    /** Whether a position is one that meant two messages: who had the one may never have the other. */
    boolean isParted(long position) {
        return position > partedFrom && position <= partedUpTo;
    }

    boolean isParted() {
        return parted;
    }

    /** Whether the log has lost anything. */
    boolean hasCuts() {
        return timesCut > 0;
    }

    /** Whether some life of the log ended right before this position. */
    boolean isCut(long position) {
        return ends.containsValue(position - 1);
    }

    /** Whether a cut has taken all of a range, or more than was ever logged. */
    boolean isCut(long from, long to) {
        return ends.values().stream().anyMatch(end -> end < from) && from <= to;
    }

    /** What a position held in an epoch. */
    @Nullable Logged at(int epoch, long position) {
        return former.tailMap(epoch, true).values().stream()
                .filter(gone -> gone.containsKey(position))
                .findFirst()
                .orElse(log)
                .get(position);
    }

    /** Under how many numbers a message was logged: one, and one more for each under which it came after a cut. */
    int timesNumbered(String message) {
        return numbered.getOrDefault(message, Set.of()).size();
    }

    static String source(String message) {
        return message.substring(0, message.lastIndexOf('|'));
    }

    static long number(String message) {
        return Long.parseLong(message.substring(message.lastIndexOf('|') + 1));
    }

    void failed(String message) {
        world.note(() -> "failed " + message);
        failed.add(message);
        if (inLog.contains(message)) {
            fail("refused for good, but logged: " + message);
        }
    }

    /** An entry of the log is synced, or has survived a crash. */
    void committed(Entry entry) {
        if (entry.position() <= end) {
            return;
        }
        if (entry.position() != end + 1) {
            fail("log goes on at " + entry.position() + " after " + end);
        }
        end = entry.last();
        Batch batch = Batch.parseTrusted(entry.payload());
        if (batch.topic().startsWith("$")) {
            return;
        }
        long position = entry.position();
        for (byte[] record : batch.records()) {
            String message = new String(record, StandardCharsets.UTF_8);
            committed(position, batch, batch.sequence() + position - entry.position(), message);
            position++;
        }
    }

    /**
     * An entry is relied on where a node is active beside another one with a higher epoch, whose log stays: for that log it was cut before
     * it came.
     */
    void besides(int epoch, Entry entry) {
        shortened();
        parted(entry.position() - 1);
        Batch batch = Batch.parseTrusted(entry.payload());
        if (batch.topic().startsWith("$")) {
            return;
        }
        long position = entry.position();
        for (byte[] record : batch.records()) {
            String message = new String(record, StandardCharsets.UTF_8);
            Numbered number = new Numbered(batch.epoch(), batch.sequence() + position - entry.position());
            former.computeIfAbsent(epoch, key -> new TreeMap<>())
                    .put(position, new Logged(batch.topic(), message, number));
            if (!put.contains(message)) {
                fail("logged and never put: " + message);
            }
            if (!inLog.contains(message)) {
                cutOff.add(message);
            }
            numbered.computeIfAbsent(message, key -> new HashSet<>()).add(number);
            position++;
        }
    }

    private void committed(long position, Batch batch, long sequence, String message) {
        world.note(() -> "logged " + position + " " + message + " as " + batch.epoch() + "/" + sequence);
        Numbered number = new Numbered(batch.epoch(), sequence);
        log.put(position, new Logged(batch.topic(), message, number));
        if (!put.contains(message)) {
            fail("logged and never put: " + message);
        }
        if (!inLog.add(message)) {
            fail("logged twice: " + message);
        }
        cutOff.remove(message);
        numbered.computeIfAbsent(message, key -> new HashSet<>()).add(number);
        if (!refusals && !parted && timesNumbered(message) > 1) {
            fail("numbered anew without need: " + message + " as " + numbered.get(message));
        }
        if (failed.contains(message)) {
            fail("logged after it was refused for good: " + message);
        }
        String[] parts = message.split("\\|");
        if (!parts[0].equals(batch.publisher()) || !parts[1].equals(batch.topic())) {
            fail("logged under another name: " + message);
        }
        long last = number(message);
        Long before = lastNumbers.put(source(message), last);
        if (before != null && before >= last) {
            fail("logged out of order: " + message + " after " + before);
        }
    }

    /** What is logged must be what was kept, or what the publisher could not say any more. */
    void checkPromises() {
        for (String message : promised) {
            boolean excused =
                    (parted || cutOff.contains(message)) && (accepted.contains(message) || onlyInLog.contains(message));
            if (!inLog.contains(message) && !failed.contains(message) && !excused) {
                fail("promised and not logged: " + message);
            }
        }
    }

    /** The last position that is logged. */
    long end() {
        return end;
    }

    TreeMap<Long, Logged> log() {
        return log;
    }
}
