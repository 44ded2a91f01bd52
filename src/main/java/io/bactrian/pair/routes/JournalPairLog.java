package io.bactrian.pair.routes;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.LogRewrite;
import io.bactrian.pair.core.LogHistory;
import io.bactrian.pair.core.PairLog;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A journal as the log of a pair. */
final class JournalPairLog implements PairLog {
    private final Journal journal;
    private final WriteGate gate;
    private final LogScrub scrub;
    /** Whether the application says when the log is open, and not the role alone. */
    private boolean opensLater;
    /** Whether the application appends, but for what holds it up. */
    private boolean opened;

    private boolean held;

    JournalPairLog(Journal journal, WriteGate gate) {
        this.journal = journal;
        this.gate = gate;
        this.scrub = new LogScrub(journal);
    }

    @Override
    public LogHistory history() {
        return new LogHistory(journal.id(), journal.first(), journal.syncedEnd(), journal.epochStarts());
    }

    @Override
    public long end() {
        return journal.syncedEnd();
    }

    @Override
    public long writtenEnd() {
        return journal.writtenEnd();
    }

    @Override
    public boolean isEpochSpent() {
        return journal.isEpochSpent();
    }

    @Override
    public long first() {
        return journal.first();
    }

    @Override
    public List<Entry> read(long position, int maxBytes) {
        return journal.readWritten(position, maxBytes);
    }

    @Override
    public List<Entry> salvage(long position, int maxBytes) {
        return journal.salvage(position, maxBytes);
    }

    @Override
    public void appendCopies(List<Entry> copies) {
        journal.appendCopies(copies);
    }

    @Override
    public Optional<String> cutAbove(long position, List<Long> epochStarts) {
        return journal.cutAbove(position, epochStarts).map(Path::toString);
    }

    @Override
    public Optional<String> beginAnew(String id, long first, List<Long> epochStarts) {
        return journal.beginAnew(id, first, epochStarts).map(Path::toString);
    }

    @Override
    public OptionalLong damagedSegment() {
        OptionalLong met = journal.damagedSegment();
        return met.isPresent() ? met : scrub.cutOut();
    }

    @Override
    public LogRewrite rewrite(long first) {
        scrub.rewritten(first);
        return journal.rewrite(first);
    }

    /** Looks on for damage; beside everything else. */
    void scrub(int bytes) {
        scrub.step(bytes);
    }

    @Override
    public void raiseEpoch(int epoch) {
        journal.raiseEpoch(epoch);
    }

    void opensLater() {
        opensLater = true;
    }

    /** The application has ended its former life, and is ready for this one. */
    void openNow() {
        opened = true;
        if (!held) {
            journal.refuseAppends("");
            gate.open();
        }
    }

    @Override
    public void open(boolean appendable) {
        held = false;
        if (appendable) {
            if (!opensLater) {
                openNow();
            }
        } else {
            opened = false;
            close(" is the log of a node that is not active: only the active node of the pair appends to it");
        }
    }

    @Override
    public void hold(boolean now) {
        held = now;
        if (now) {
            close(" is handed over to the peer: try again in a second");
        } else if (opened) {
            openNow();
        }
    }

    private void close(String why) {
        gate.close();
        journal.refuseAppends("folder=" + journal.folder() + why);
    }
}
