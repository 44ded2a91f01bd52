package io.bactrian.federation.core;

import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The history on its way up: the parent asks each child for what comes after a position of the child's journal, one question
 * at a time; the child answers at once if there is something, else as soon as there is. So catching up and following are one
 * thing, a batch is bounded, and what is under way never holds up anything else. The two of a pair ask each other in the same way, as
 * the passive one may have recorded something while it acted that nobody has yet. Records are numbered by their origin, so
 * what comes again is dropped. For one thread.
 */
final class HistoryExchange {
    static final String QUESTION = "HISTORY?";
    static final String ANSWER = "HISTORY";

    private static final int BATCH_BYTES = 128 << 10;
    private static final int NAME_MAX = 1_024;
    private static final int TEXT_MAX = 10_000;
    private static final int ASK_AGAIN_HEARTBEATS = 5;
    /** So many batches at most are read at a time in search of something for a neighbour. */
    private static final int SCANS = 8;
    /** After so many entries in which there is nothing for a neighbour it is told so, and asks for what comes after them. */
    private static final int PASSED_OVER_MAX = 1_000;

    private final NodeContext context;
    private final HistoryLog log;
    private final Supplier<byte[]> uuids;
    private final Map<String, Long> lasts = new TreeMap<>();
    private final Map<String, String> cursors = new TreeMap<>();
    private final Map<String, Asked> asked = new LinkedHashMap<>();
    private final Map<String, WaitingRequest> waiting = new LinkedHashMap<>();
    private String id = "";
    private int sinceCheckpoint;

    /** A question that is under way, on which connection and since when. */
    private record Asked(String uuid, int connection, long atMs) {}

    /** A question that waits for something to answer it with. */
    private static final class WaitingRequest {
        private final KeyValue question;
        private final long after;
        /** Up to here there is nothing for the neighbour. */
        private long scanned;

        private WaitingRequest(KeyValue question, long after) {
            this.question = question;
            this.after = after;
            this.scanned = after;
        }
    }

    HistoryExchange(NodeContext context, HistoryLog log, Supplier<byte[]> uuids) {
        this.context = context;
        this.log = log;
        this.uuids = uuids;
    }

    void replay(HistoryEntry entry) {
        if (!entry.log().isEmpty()) {
            id = entry.log();
            lasts.clear();
            lasts.putAll(entry.lasts());
            cursors.clear();
            cursors.putAll(entry.cursors());
        }
        sinceCheckpoint++;
        entry.records().forEach(item -> lasts.put(item.origin(), item.number()));
        if (!entry.from().isEmpty()) {
            cursors.put(entry.from(), entry.fromLog() + " " + entry.fromPosition());
        }
    }

    /** How many records are kept here, of this process and of those below. */
    long records() {
        return lasts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many records of a process are kept here. */
    long records(String process) {
        return lasts.entrySet().stream()
                .filter(last -> last.getKey().startsWith(process + "#"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    void start() {
        if (id.isEmpty()) {
            id = HexFormat.of().formatHex(uuids.get());
            context.actions.history().add(HistoryEntry.checkpoint(id, lasts, cursors));
        }
    }

    /**
     * Records something of this process.
     *
     * @throws IllegalArgumentException if the name or the text is too long for the journal
     */
    void add(String name, double value, String text) {
        if (name.isEmpty() || name.length() > NAME_MAX || text.length() > TEXT_MAX) {
            throw new IllegalArgumentException(
                    "a series has a name of 1 to " + NAME_MAX + " characters, an event at most "
                            + TEXT_MAX + ", not " + name.length() + " and " + text.length() + ": "
                            + name.substring(0, Math.min(name.length(), NAME_MAX)));
        }
        // A process that has lost its journal begins again at 1, under another name.
        String origin = context.self.id() + "#" + id.substring(0, 8);
        long number = lasts.merge(origin, 1L, Long::sum);
        keep(HistoryEntry.own(List.of(new HistoryRecord(origin, number, context.wallMs(), name, value, text))));
    }

    private void keep(HistoryEntry entry) {
        context.actions.history().add(entry);
        if (++sinceCheckpoint >= HistoryEntry.CHECKPOINT_ENTRIES) {
            sinceCheckpoint = 0;
            context.actions.history().add(HistoryEntry.checkpoint(id, lasts, cursors));
        }
    }

    /** Questions that wait are answered, and neighbours below are asked. */
    void serve(long nowMs) {
        waiting.entrySet().removeIf(question -> {
            Link link = context.links.get(question.getKey());
            return link == null || !link.up || answered(link, question.getValue());
        });
        for (Link link : context.links()) {
            boolean source = link.side == Link.LinkSide.PEER || (link.side == Link.LinkSide.CHILD && link.active);
            if (!source || !link.up) {
                asked.remove(link.member.id());
                continue;
            }
            Asked last = asked.get(link.member.id());
            if (last == null
                    || last.connection() != link.connections
                    || nowMs - last.atMs() > ASK_AGAIN_HEARTBEATS * context.settings.heartbeatMs()) {
                ask(link, nowMs);
            }
        }
    }

    private void ask(Link link, long nowMs) {
        byte[] uuid = uuids.get();
        String cursor = cursors.getOrDefault(link.member.id(), " 0");
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("asker", id);
        properties.put("log", cursor.substring(0, cursor.indexOf(' ')));
        properties.put("after", cursor.substring(cursor.indexOf(' ') + 1));
        asked.put(link.member.id(), new Asked(HexFormat.of().formatHex(uuid), link.connections, nowMs));
        context.send(link, ClusteredHashmap.frames(QUESTION, 0, uuid, properties, ClusteredHashmap.EMPTY));
    }

    /** A parent, or the peer, asks. */
    void question(Link link, KeyValue question) {
        long after = question.property("log").equals(id) ? Math.max(0, Long.parseLong(question.property("after"))) : 0;
        WaitingRequest asked = new WaitingRequest(question, after);
        WaitingRequest former = waiting.remove(link.member.id());
        if (former != null
                && former.after == after
                && former.question.property("asker").equals(question.property("asker"))) {
            asked.scanned = former.scanned;
        }
        if (!answered(link, asked)) {
            waiting.put(link.member.id(), asked);
        }
    }

    private boolean answered(Link link, WaitingRequest asked) {
        if (id.isEmpty()) {
            return false;
        }
        List<HistoryRecord> records = new ArrayList<>();
        try {
            for (int scans = 0; scans < SCANS && records.isEmpty() && asked.scanned < log.end(); scans++) {
                List<HistoryEntry> entries = log.read(asked.scanned, BATCH_BYTES);
                entries.stream()
                        .filter(entry -> !isFrom(link, asked.question, entry))
                        .forEach(entry -> records.addAll(entry.records()));
                asked.scanned += entries.size();
            }
        } catch (RuntimeException e) {
            // The state and the heartbeats need no history.
            context.actions.warn("history-unreadable", "the journal of the history cannot be read: " + e.getMessage());
            return false;
        }
        if (records.isEmpty() && asked.scanned - asked.after < PASSED_OVER_MAX) {
            return false;
        }
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("log", id);
        properties.put("after", Long.toString(asked.after));
        properties.put("to", Long.toString(asked.scanned));
        context.send(
                link,
                ClusteredHashmap.frames(ANSWER, 0, asked.question.uuid(), properties, HistoryEntry.pack(records)));
        return true;
    }

    /** Whether an entry was copied from the journal that the asker has now. */
    private static boolean isFrom(Link asker, KeyValue question, HistoryEntry entry) {
        return entry.from().equals(asker.member.id()) && entry.fromLog().equals(question.property("asker"));
    }

    /** The answer of a child: kept with its position, and the next question goes out at once. */
    void answer(Link link, KeyValue answer, long nowMs) {
        Asked question = asked.get(link.member.id());
        if (question == null || !question.uuid().equals(HexFormat.of().formatHex(answer.uuid()))) {
            context.actions.note("late-history", "dropped a batch of " + link.member.id() + " that nobody waits for");
            return;
        }
        List<HistoryRecord> fresh = new ArrayList<>();
        for (HistoryRecord item : HistoryEntry.unpack(answer.body())) {
            String origin = item.origin().replaceAll("[\\[#].*", "");
            boolean right = link.side == Link.LinkSide.PEER || Topology.below(origin, link.node());
            if (!right) {
                context.actions.warn(
                        "foreign-history", "refused history of " + item.origin() + " from " + link.member.id());
            } else if (item.number() > lasts.getOrDefault(item.origin(), 0L)) {
                if (item.number() != lasts.getOrDefault(item.origin(), 0L) + 1) {
                    context.actions.warn(
                            "history-gap",
                            "history of " + item.origin() + " before number " + item.number() + " is missing at "
                                    + link.member.id());
                }
                lasts.put(item.origin(), item.number());
                fresh.add(item);
            }
        }
        String to = answer.property("to");
        cursors.put(link.member.id(), answer.property("log") + " " + Long.parseLong(to));
        keep(HistoryEntry.copied(link.member.id(), answer.property("log"), Long.parseLong(to), fresh));
        ask(link, nowMs);
    }
}
