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
 * thing, a batch is bounded, and what is under way never holds up anything else. Records are numbered by their origin, so
 * what comes again is dropped. For one thread.
 */
final class HistoryExchange {
    static final String QUESTION = "HISTORY?";
    static final String ANSWER = "HISTORY";

    private static final int BATCH_BYTES = 128 << 10;
    private static final int ASK_AGAIN_HEARTBEATS = 5;

    private final NodeContext context;
    private final HistoryLog log;
    private final Supplier<byte[]> uuids;
    private final Map<String, Long> lasts = new TreeMap<>();
    private final Map<String, String> cursors = new TreeMap<>();
    private final Map<String, Asked> asked = new LinkedHashMap<>();
    private final Map<String, KeyValue> waiting = new LinkedHashMap<>();
    private String id = "";
    private int sinceCheckpoint;

    private record Asked(String uuid, long atMs) {}

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

    void start() {
        if (id.isEmpty()) {
            id = HexFormat.of().formatHex(uuids.get());
            context.actions.history().add(HistoryEntry.checkpoint(id, lasts, cursors));
        }
    }

    /** Records something of this process. */
    void add(String name, double value, String text, long nowMs) {
        // A process that has lost its journal begins again at 1, under another name.
        String origin = context.self.id() + "#" + id.substring(0, 8);
        long number = lasts.merge(origin, 1L, Long::sum);
        keep(HistoryEntry.own(List.of(new HistoryRecord(origin, number, nowMs, name, value, text))));
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
            boolean source = link.side == Link.Side.CHILD || (link.side == Link.Side.PEER && !context.active);
            if (!source || !link.up || !link.active) {
                asked.remove(link.member.id());
                continue;
            }
            Asked last = asked.get(link.member.id());
            if (last == null || nowMs - last.atMs() > ASK_AGAIN_HEARTBEATS * context.settings.heartbeatMs()) {
                ask(link, nowMs);
            }
        }
    }

    private void ask(Link link, long nowMs) {
        byte[] uuid = uuids.get();
        String cursor = cursors.getOrDefault(link.member.id(), " 0");
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("log", cursor.substring(0, cursor.indexOf(' ')));
        properties.put("after", cursor.substring(cursor.indexOf(' ') + 1));
        asked.put(link.member.id(), new Asked(HexFormat.of().formatHex(uuid), nowMs));
        context.send(link, ClusteredHashmap.frames(QUESTION, 0, uuid, properties, ClusteredHashmap.EMPTY));
    }

    /** A parent, or the passive peer, asks. */
    void question(Link link, KeyValue question) {
        if (!answered(link, question)) {
            waiting.put(link.member.id(), question);
        }
    }

    private boolean answered(Link link, KeyValue question) {
        long after = question.property("log").equals(id) ? Long.parseLong(question.property("after")) : 0;
        if (id.isEmpty() || log.end() <= after) {
            return false;
        }
        List<HistoryEntry> entries = log.read(after, BATCH_BYTES);
        List<HistoryRecord> records = new ArrayList<>();
        entries.forEach(entry -> records.addAll(entry.records()));
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("log", id);
        properties.put("after", Long.toString(after));
        properties.put("to", Long.toString(after + entries.size()));
        context.send(link, ClusteredHashmap.frames(ANSWER, 0, question.uuid(), properties, HistoryEntry.pack(records)));
        return true;
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
            boolean right = link.side == Link.Side.PEER || Topology.below(origin, link.node());
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
