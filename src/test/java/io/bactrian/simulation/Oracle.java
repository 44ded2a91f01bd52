package io.bactrian.simulation;

import io.bactrian.delivery.LogEntry;
import io.bactrian.wire.Batch;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Knows everything that was put, logged and promised, and fails the run as soon as a promise is broken.
 *
 * <p>A message is the text {@code publisher|topic|number}, so each is put once in a run.
 */
final class Oracle {
    /** A message in the log. */
    record Logged(String topic, String message) {}

    private final World world;
    private final Set<String> put = new HashSet<>();
    private final Set<String> promised = new HashSet<>();
    private final Set<String> failed = new HashSet<>();
    private final Set<String> inLog = new HashSet<>();
    private final Map<String, Long> lastNumbers = new HashMap<>();
    private final TreeMap<Long, Logged> log = new TreeMap<>();

    Oracle(World world) {
        this.world = world;
    }

    static String message(String publisher, String topic, long number) {
        return publisher + "|" + topic + "|" + number;
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
    }

    void accepted(String message) {
        world.note("accepted " + message);
        promised.add(message);
        if (!inLog.contains(message)) {
            fail("accepted and not in the hub's synced log: " + message);
        }
    }

    void failed(String message) {
        world.note("failed " + message);
        failed.add(message);
        if (inLog.contains(message)) {
            fail("refused for good, but logged: " + message);
        }
    }

    /** An entry of the log is synced, or has survived a crash. */
    void committed(LogEntry entry) {
        if (log.containsKey(entry.position())) {
            return;
        }
        long end = log.isEmpty() ? 0 : log.lastKey();
        if (entry.position() != end + 1) {
            fail("log goes on at " + entry.position() + " after " + end);
        }
        Batch batch = Batch.parseTrusted(entry.payload());
        long position = entry.position();
        for (byte[] record : batch.records()) {
            String message = new String(record, StandardCharsets.UTF_8);
            committed(position++, batch, message);
        }
    }

    private void committed(long position, Batch batch, String message) {
        world.note("logged " + position + " " + message);
        log.put(position, new Logged(batch.topic(), message));
        if (!put.contains(message)) {
            fail("logged and never put: " + message);
        }
        if (!inLog.add(message)) {
            fail("logged twice: " + message);
        }
        if (failed.contains(message)) {
            fail("logged after it was refused for good: " + message);
        }
        String[] parts = message.split("\\|");
        if (!parts[0].equals(batch.publisher()) || !parts[1].equals(batch.topic())) {
            fail("logged under another name: " + message);
        }
        long number = Long.parseLong(parts[2]);
        Long before = lastNumbers.put(parts[0] + "|" + parts[1], number);
        if (before != null && before >= number) {
            fail("logged out of order: " + message + " after " + before);
        }
    }

    /** What is logged must be what was kept, or what the publisher could not say any more. */
    void checkPromises() {
        for (String message : promised) {
            if (!inLog.contains(message) && !failed.contains(message)) {
                fail("promised and never logged: " + message);
            }
        }
    }

    TreeMap<Long, Logged> log() {
        return log;
    }
}
