package io.bactrian.federation.routes;

import io.bactrian.federation.core.Actions;
import io.bactrian.federation.core.HistoryEntry;
import io.bactrian.federation.core.NodeCore;
import io.bactrian.federation.core.StateRecord;
import io.bactrian.journal.JournalEndpoint;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.NewEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;

/**
 * The two journals of a node, of its state and of its history: replayed at the start, and what is to be appended. Now and then a
 * snapshot of the state replaces what is before it. For the thread of the node.
 */
final class NodeJournals {
    private static final int REPLAY_BYTES = 4 << 20;
    /** There is a snapshot when the journal has so many times more records than the state has keys. */
    private static final int SNAPSHOT_FACTOR = 4;

    private final Journal state;
    private final Journal history;
    private final int recordsMin;
    private long recordsSinceSnapshot;
    private long snapshotAt;

    /**
     * The journals of the node of a context.
     *
     * @param recordsMin so many records at least before a snapshot
     */
    NodeJournals(CamelContext context, int recordsMin) {
        this.history = journal(context, "journal:federation-history?{{bactrian.node.historyJournal}}");
        this.state = journal(context, "journal:federation-state?{{bactrian.node.journal}}");
        this.recordsMin = recordsMin;
    }

    private static Journal journal(CamelContext context, String uri) {
        return context.getEndpoint(context.resolvePropertyPlaceholders(uri), JournalEndpoint.class)
                .getJournal();
    }

    /** That of the history, to read. */
    Journal history() {
        return history;
    }

    /** Where the state is kept. */
    Path folder() {
        return state.folder();
    }

    /** Puts all into a node that has not started yet. */
    void replay(NodeCore core) {
        replayState(core);
        replayHistory(core);
    }

    private void replayState(NodeCore core) {
        List<StateRecord> snapshot = null;
        long position = state.first();
        while (position <= state.end()) {
            List<Entry> entries = state.read(position, REPLAY_BYTES);
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
    }

    /** From the last checkpoint on; there is one after each few thousand entries. */
    private void replayHistory(NodeCore core) {
        long from = Math.max(history.first(), history.end() - 2 * HistoryEntry.CHECKPOINT_ENTRIES);
        long position = from;
        boolean known = from == history.first();
        while (position <= history.end()) {
            List<Entry> entries = history.read(position, REPLAY_BYTES);
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

    /** What the journal of the state must have: the entries, none or all in one append. */
    List<NewEntry> records(Actions actions, NodeCore core) {
        List<StateRecord> records = new ArrayList<>(actions.records());
        long bound = Math.max(recordsMin, (long) SNAPSHOT_FACTOR * core.state().size());
        snapshotAt = 0;
        if (recordsSinceSnapshot + records.size() > bound) {
            snapshotAt = state.end() + 1 + records.size();
            records.addAll(core.snapshot());
            recordsSinceSnapshot = 0;
        } else {
            recordsSinceSnapshot += records.size();
        }
        return records.stream()
                .map(item -> new NewEntry(1, StateRecord.write(item)))
                .toList();
    }

    /** What the history's journal must have. */
    static List<NewEntry> history(Actions actions) {
        return actions.history().stream()
                .map(entry -> new NewEntry(1, entry.write()))
                .toList();
    }

    /** All is on the disk: what a snapshot has replaced is given up. */
    void kept() {
        if (snapshotAt > 0) {
            state.deleteBefore(snapshotAt);
            snapshotAt = 0;
        }
    }
}
