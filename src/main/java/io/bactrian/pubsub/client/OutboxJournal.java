package io.bactrian.pubsub.client;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.core.OutboxEntry;
import io.bactrian.pubsub.core.OutboxReplay;
import io.bactrian.support.database.PrivateFolder;
import io.bactrian.support.text.FileErrors;
import io.bactrian.support.thread.NamedThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A publisher's outbox on disk: a thread of its own appends what the publisher closes, many entries to a sync, and says
 * how far it is. What cannot be written is tried again until it can, and meanwhile the publisher's window fills.
 */
final class OutboxJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxJournal.class);
    private static final int SEGMENT_BYTES = 8 << 20;
    private static final int READ_BYTES = 1 << 20;
    private static final long RETRY_MS = 200;
    private static final int GROUP_MAX = 1_000;

    /** One closed batch in the journal, and how many of its messages are not decided. */
    private static final class StoredEntry {
        private final long position;
        private int messages;

        private StoredEntry(long position, int messages) {
            this.position = position;
            this.messages = messages;
        }

        long position() {
            return position;
        }
    }

    private final Journal journal;
    private final LongConsumer stored;
    private final LinkedBlockingQueue<OutboxEntry> queue = new LinkedBlockingQueue<>();
    /** For each topic where the batches that are not decided lie, oldest first. Guarded by itself. */
    private final Map<String, ArrayDeque<StoredEntry>> undecided = new HashMap<>();

    private final String name;
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable String problem;
    private long count;

    /**
     * Opens the outbox in a folder.
     *
     * @param threads makes its thread
     * @param stored told how many of the entries of this life are synced; called on the outbox's thread
     */
    OutboxJournal(Path folder, String name, NamedThreads threads, LongConsumer stored) {
        this.stored = stored;
        this.name = name;
        try {
            PrivateFolder.create(folder);
        } catch (IOException e) {
            throw new JournalException("The folder of the outbox cannot be created: " + FileErrors.say(e), e);
        }
        journal = Journal.open(
                folder, JournalSettings.builder().segmentBytes(SEGMENT_BYTES).build(), threads);
        thread = threads.newThread("bactrian-outbox-" + name, this::run);
    }

    /** What a former life has left; to be called once, before {@link #start}. */
    OutboxReplay recover() {
        OutboxReplay outbox = new OutboxReplay();
        long position = journal.first();
        List<Entry> entries = journal.read(position, READ_BYTES);
        while (!entries.isEmpty()) {
            for (Entry entry : entries) {
                if (entry.isGap()) {
                    LOG.warn("outbox={} positions {} to {} are lost", name, entry.position(), entry.last());
                    position = entry.last() + 1;
                    continue;
                }
                OutboxEntry read = OutboxEntry.decode(entry.payload());
                outbox.read(read);
                note(read, entry.position());
                position = entry.last() + 1;
            }
            entries = journal.read(position, READ_BYTES);
        }
        LOG.info("outbox={} waiting={} batches of a former life", name, outbox.waiting());
        return outbox;
    }

    void start() {
        thread.start();
    }

    /** Takes an entry; it is written soon. */
    void store(OutboxEntry entry) {
        queue.add(entry);
    }

    /** Messages of a topic are decided, the oldest first. */
    void decided(String topic, int messages) {
        synchronized (undecided) {
            ArrayDeque<StoredEntry> kept = undecided.get(topic);
            int left = messages;
            while (kept != null && left > 0 && !kept.isEmpty()) {
                StoredEntry first = kept.element();
                int taken = Math.min(left, first.messages);
                first.messages -= taken;
                left -= taken;
                if (first.messages == 0) {
                    kept.remove();
                }
            }
        }
    }

    /** Why nothing can be written now, null if all is well. */
    @Nullable String problem() {
        return problem;
    }

    private void note(OutboxEntry entry, long position) {
        synchronized (undecided) {
            if (entry instanceof OutboxEntry.Closed closed) {
                undecided
                        .computeIfAbsent(closed.batch().topic(), topic -> new ArrayDeque<>())
                        .add(new StoredEntry(position, closed.batch().count()));
            }
        }
    }

    private void run() {
        List<OutboxEntry> group = new ArrayList<>();
        try {
            while (!closing || !queue.isEmpty()) {
                OutboxEntry first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    group.add(first);
                    queue.drainTo(group, GROUP_MAX);
                    write(group);
                    group.clear();
                }
            }
        } catch (InterruptedException e) {
            LOG.error("outbox={} was interrupted and takes nothing more", name, e);
        }
    }

    private void write(List<OutboxEntry> group) throws InterruptedException {
        List<NewEntry> entries =
                group.stream().map(entry -> new NewEntry(1, entry.encode())).toList();
        while (true) {
            try {
                long position = journal.append(entries);
                problem = null;
                written(group, position);
                return;
            } catch (JournalException e) {
                if (problem == null) {
                    LOG.warn("outbox={} cannot write, tries again every {} ms", name, RETRY_MS, e);
                }
                problem = String.valueOf(e.getMessage());
                if (closing) {
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
            }
        }
    }

    private void written(List<OutboxEntry> group, long first) {
        long position = first;
        for (OutboxEntry entry : group) {
            note(entry, position++);
        }
        count += group.size();
        stored.accept(count);
        try {
            purge();
        } catch (JournalException e) {
            // What is written stays written: the next group tries to delete again.
            LOG.warn("outbox={} cannot delete what is no longer needed: {}", name, e.getMessage());
        }
    }

    private void purge() {
        long needed;
        synchronized (undecided) {
            needed = undecided.values().stream()
                    .filter(kept -> !kept.isEmpty())
                    .map(ArrayDeque::element)
                    .min(Comparator.comparingLong(StoredEntry::position))
                    .map(StoredEntry::position)
                    .orElse(journal.end());
        }
        journal.deleteBefore(needed);
    }

    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        journal.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
