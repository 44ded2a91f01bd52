package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalId;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.core.HubLog;
import io.bactrian.pubsub.core.LogDamagedException;
import io.bactrian.pubsub.core.LogLife;
import io.bactrian.support.file.MarkFile;
import io.bactrian.support.text.FileErrors;
import io.bactrian.wire.Batch;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The hub's journal as the hub's state machine sees it.
 *
 * @param disk reads what is not in memory; what it runs on the thread of the caller is waited for
 * @param fetched is run when that was read
 */
public record JournalLog(Journal journal, OpenMark mark, Executor disk, Runnable fetched) implements HubLog {
    /** The log with its mark beside it. */
    public JournalLog(Journal journal, Executor disk, Runnable fetched) {
        this(journal, OpenMark.in(journal.folder()), disk, fetched);
    }

    /** The same, where whoever reads waits for the disk. */
    public JournalLog(Journal journal) {
        this(journal, Runnable::run, () -> {});
    }

    @Override
    public int epoch() {
        return journal.epoch();
    }

    @Override
    public long endOfEpoch(int epoch) {
        return epoch < 1 || epoch > journal.epoch() ? journal.end() : journal.endOfEpoch(epoch);
    }

    @Override
    public long first() {
        return journal.first();
    }

    @Override
    public long end() {
        return journal.end();
    }

    @Override
    public long recent() {
        return journal.recent();
    }

    @Override
    public boolean fetch(long position) {
        return journal.fetch(position, disk, fetched);
    }

    @Override
    public void needed(long from) {
        journal.needed(from);
    }

    @Override
    public List<Entry> read(long position, int bytesMax) {
        try {
            return journal.read(position, bytesMax);
        } catch (JournalDamagedException e) {
            throw new LogDamagedException(position, e);
        }
    }

    @Override
    public long identity() {
        return Long.parseUnsignedLong(journal.id(), 16);
    }

    @Override
    public int life() {
        return LogLife.of(identity(), JournalId.madeMs(identity()));
    }

    @Override
    public boolean purgesAreHeld() {
        return held().isSet();
    }

    @Override
    public void holdPurges() {
        try {
            held().set();
        } catch (IOException e) {
            throw new JournalException("the mark " + held().file() + " is not written: " + FileErrors.say(e), e);
        }
    }

    /** The operator has decided: the log may be purged again. */
    void releasePurges() {
        try {
            held().clear();
        } catch (IOException e) {
            throw new JournalException("the mark " + held().file() + " is not deleted: " + FileErrors.say(e), e);
        }
    }

    private MarkFile held() {
        return new MarkFile(journal.folder().resolve("hub.rebuilt"));
    }

    @Override
    public List<LogSegment> segments() {
        return journal.segments().stream()
                .map(s -> new LogSegment(s.firstPosition(), s.lastPosition(), s.bytes(), s.closed()))
                .toList();
    }

    @Override
    public long segmentOf(long position) {
        return journal.segmentOf(position);
    }

    @Override
    public long appendControl(Batch batch) {
        return journal.append(List.of(new NewEntry(batch.count(), batch.bytes()))) + batch.count() - 1;
    }

    @Override
    public void sync() {
        if (journal.syncedEnd() < journal.end()) {
            try {
                journal.syncAside();
            } catch (IOException e) {
                throw new JournalException("the log is not synced: " + FileErrors.say(e), e);
            }
        }
    }

    @Override
    public void raiseEpoch(int epoch) {
        journal.raiseEpoch(epoch);
    }

    @Override
    public void deleteBefore(long position) {
        journal.deleteBefore(position);
    }

    @Override
    public boolean isEndCertain() {
        return !mark.isSet();
    }

    @Override
    public void opened() {
        try {
            mark.set();
        } catch (IOException e) {
            throw new JournalException("the mark " + mark.file() + " is not written: " + FileErrors.say(e), e);
        }
    }

    @Override
    public void closed() {
        journal.sync();
        try {
            mark.clear();
        } catch (IOException e) {
            throw new JournalException("the mark " + mark.file() + " is not deleted: " + FileErrors.say(e), e);
        }
    }
}
