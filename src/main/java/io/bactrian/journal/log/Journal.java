package io.bactrian.journal.log;

import io.bactrian.support.text.FileErrors;
import io.bactrian.support.thread.NamedThreads;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only log in a folder: what was appended, and synced as {@link JournalSettings#sync()} says, is there after
 * any crash, in order, each entry at its position.
 *
 * <p>Positions run from 1 without a gap; an entry takes one or more. Readers never see what is not committed. Any thread
 * may call anything. One process has a journal open for writing, once; its folder is locked.
 *
 * <p>Failures. A full disk or a failed write fails the appends of the group ({@link JournalFullException},
 * {@link JournalException}); nothing of them is kept, everything before is good, and the next append tries again. After a
 * failed sync the file is first brought into a known state (see the reference page); until that succeeds appends fail.
 * Damage is told by {@link JournalDamagedException}, at open or when read, and never read past.
 */
public final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    static final String LOCK_FILE = "lock";
    private static final int EPOCHS_MAX = 10_000;
    private static final long GROUP_BYTES_MAX = 8L << 20;

    private final Path folder;
    private final JournalSettings settings;
    private final Clock clock;
    private final Closeable folderLock;
    private final JournalFiles files;
    private final Tail tail;
    private final ReadAhead ahead;
    private final CursorFiles cursorStore;
    private final GroupCommit groups;
    private final Counters counters = new Counters();
    private final Map<String, Cursor> cursors = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> writeListeners = new CopyOnWriteArrayList<>();
    private final JournalMaintenance maintenance;

    /** Held by whoever changes files. */
    private final ReentrantLock io = new ReentrantLock();

    /** Held by whoever writes the file of a cursor that is known; taken after {@link #io} if both are. */
    private final ReentrantLock cursorFiles = new ReentrantLock();

    private volatile SegmentLog log;
    private volatile long end;
    /** The last position of a group that is being forced, 0 if nobody was told of it. */
    private volatile long beingForced;
    /** Whether entries of the current epoch may have been copied that are not in this log; changed under {@link #io}. */
    private volatile boolean epochSpent;

    private volatile boolean closed;

    /** True if a cut has begun and could not be finished; whatever is done next finishes it first. */
    private volatile boolean cutUnderWay;

    private volatile @Nullable JournalException problem;

    /** What readers have met, by the first position of the segment. */
    private final NavigableMap<Long, JournalDamagedException> damaged = new ConcurrentSkipListMap<>();

    /** While true, what is damaged is not skipped, as it is about to be repaired. */
    private volatile BooleanSupplier repairIsNear = () -> false;

    private volatile String refusesAppends = "";

    /** The last position that was skipped, so that the log tells of it once; guarded by {@link #io}. */
    private long skippedTo;

    /**
     * Opens the journal in a folder, making it if there is none.
     *
     * @throws JournalLockedException if another writer has it open
     * @throws JournalDamagedException if a segment is damaged, missing or swapped; nothing was changed
     * @throws JournalException if the folder cannot be read or written
     */
    public static Journal open(Path folder, JournalSettings settings) {
        return open(folder, settings, NamedThreads.PLAIN);
    }

    /** The same with a thread of its own that somebody else makes. */
    public static Journal open(Path folder, JournalSettings settings, NamedThreads threads) {
        return open(folder, settings, DiskFiles.INSTANCE, Clock.systemUTC(), threads);
    }

    static Journal open(Path folder, JournalSettings settings, JournalFiles files, Clock clock) {
        return open(folder, settings, files, clock, NamedThreads.PLAIN);
    }

    private static Journal open(
            Path folder, JournalSettings settings, JournalFiles files, Clock clock, NamedThreads threads) {
        try {
            files.createFolder(folder);
            Closeable lock = files.lock(folder.resolve(LOCK_FILE));
            try {
                return new Journal(folder, settings, files, clock, lock, threads);
            } catch (IOException | RuntimeException | Error e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new JournalException("folder=" + folder + " not opened: " + FileErrors.say(e), e);
        }
    }

    private Journal(
            Path folder,
            JournalSettings settings,
            JournalFiles files,
            Clock clock,
            Closeable folderLock,
            NamedThreads threads)
            throws IOException {
        this.folder = folder;
        this.settings = settings;
        this.clock = clock;
        this.folderLock = folderLock;
        this.cursorStore = new CursorFiles(files, folder);
        this.files = files;
        this.log = recovered();
        cursorStore.load().forEach((name, position) -> cursors.put(name, new Cursor(this, name, position)));
        this.end = log.last();
        this.tail = new Tail(settings.tailBytes());
        this.ahead = new ReadAhead(settings.tailBytes());
        this.groups = new GroupCommit(Math.min(GROUP_BYTES_MAX, settings.segmentBytes()), this::commit);
        this.maintenance = new JournalMaintenance(this, settings, threads);
        LOG.info(
                "journal={} open first={} end={} epoch={} segments={}",
                folder,
                first(),
                end,
                epoch(),
                log.segments().size());
    }

    /**
     * Appends entries, one after the other without another between them, and returns the first one's position.
     *
     * <p>When it returns they are committed, and synced with {@link SyncMode#ALWAYS}. If it throws, none of them is in the
     * log. If the process dies before it returns, any number of the first of them may be. It cannot be interrupted.
     *
     * @throws IllegalArgumentException for no entries, too large a one, or more than 1 GiB together
     * @throws JournalFullException if there is no room; it may be tried again
     * @throws JournalException if they could not be written
     */
    public long append(List<NewEntry> entries) throws JournalException {
        AppendRequest request = new AppendRequest(entries, settings.maxEntryBytes());
        groups.submit(request);
        return request.result();
    }

    /** Appends one entry that takes one position; see {@link #append(List)}. */
    public long append(byte[] payload) throws JournalException {
        return append(List.of(new NewEntry(1, payload)));
    }

    private SegmentLog recovered() throws IOException {
        try {
            return new Recovery(files, folder, clock.millis()).open(settings.segmentBytes(), cursorStore);
        } catch (JournalDamagedException e) {
            throw e.withNextStep(folder);
        }
    }

    private void commit(List<AppendRequest> group) {
        io.lock();
        try {
            checkOpen();
            finishCut();
            String refusal = refusal();
            if (!refusal.isEmpty()) { // no problem of the journal's
                group.forEach(request -> request.failed(new JournalException(refusal)));
                return;
            }
            long bytes = group.stream().mapToLong(AppendRequest::bytes).sum();
            boolean force = settings.sync() == SyncMode.ALWAYS;
            long started = System.nanoTime();
            List<Entry> made = log.append(group, bytes, clock.millis(), force, this::written);
            counters.appended(made, bytes, force, System.nanoTime() - started);
            if (beingForced == 0) {
                tail.add(made);
            }
            end = log.last();
            beingForced = 0;
            problem = null;
        } catch (IOException | RuntimeException | Error e) {
            Exception cause = e instanceof Exception exception ? exception : new JournalException(e.toString(), e);
            group.forEach(request -> request.failed(cause));
            failed(cause, group.size());
            forgetWritten();
        } finally {
            io.unlock();
        }
        tell(listeners);
    }

    private String refusal() {
        return !refusesAppends.isEmpty() || !epochSpent
                ? refusesAppends
                : "folder=" + folder
                        + " could not be synced while others copied what was being written: appends go on in the next epoch";
    }

    /** What was written can be read by {@link #readWritten} while it is forced. */
    private void written(List<Entry> made) {
        if (!writeListeners.isEmpty()) {
            tail.add(made);
            beingForced = made.get(made.size() - 1).last();
            tell(writeListeners);
        }
    }

    /** The positions of what was not forced will be those of other entries; not in this epoch, as that may have been read. */
    private void forgetWritten() {
        if (beingForced != 0) {
            beingForced = 0;
            epochSpent = true;
            tail.clear();
        }
    }

    private void failed(Exception cause, int appends) {
        counters.failed(appends);
        boolean first = problem == null;
        problem = AppendFailure.of(cause);
        if (first) {
            LOG.warn("journal={} appends fail: {}", folder, cause.toString());
        }
    }

    private void tell(List<Runnable> all) {
        for (Runnable listener : all) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.warn("journal={} a listener failed", folder, e);
            }
        }
    }

    /** The oldest position that is kept; 1 for a new log. */
    public long first() {
        return log.first();
    }

    /** The last committed position, 0 if there is none. */
    public long end() {
        return end;
    }

    /** The last position that can be read by {@link #readWritten}: above {@link #end()} while a group is being synced. */
    public long writtenEnd() {
        return Math.max(end, beingForced);
    }

    /**
     * Whether an epoch must begin before anything is appended again, because what others have read by {@link #readWritten}
     * could not be synced, and its positions will be those of other entries.
     */
    public boolean isEpochSpent() {
        return epochSpent;
    }

    /** The last position that is known to be on the disk; with {@link SyncMode#ALWAYS} the same as {@link #end()}. */
    public long syncedEnd() {
        return log.syncedEnd();
    }

    /**
     * Returns whole entries, from the one that contains {@code position}, up to {@code maxBytes} of payload, but at least
     * one if there is any; an empty list after the end. Recent ones come from memory, the very arrays that were appended.
     *
     * @throws JournalPurgedException if the position is no longer kept
     * @throws JournalDamagedException if an entry cannot be read; those before it are returned first
     */
    public List<Entry> read(long position, int maxBytes) {
        if (position < 1) {
            throw new IllegalArgumentException("position=" + position + " must be at least 1");
        }
        long upTo = end;
        if (position > upTo) {
            return List.of();
        }
        List<Entry> recent = tail.read(position, upTo, maxBytes);
        if (recent != null) {
            return recent;
        }
        List<Entry> there = position < log.first() ? null : ahead.read(position, maxBytes);
        return there != null ? there : readChunk(position, upTo, maxBytes);
    }

    /**
     * The same as {@link #read}, but also what is being synced. Whoever copies it says nothing about it but that the copy is
     * there: this log may lose it, see {@link #isEpochSpent}.
     */
    public List<Entry> readWritten(long position, int maxBytes) {
        if (position <= end) {
            return read(position, maxBytes);
        }
        List<Entry> recent = tail.read(position, beingForced, maxBytes);
        return recent == null ? List.of() : recent;
    }

    /** Reads more than asked for, in one go, for whoever reads on. */
    private List<Entry> readChunk(long position, long upTo, int maxBytes) {
        long generation = ahead.generation();
        int bytes = ahead.bytesToRead(maxBytes);
        List<Entry> read = readFiles(position, upTo, bytes);
        if (!ahead.isChunk(bytes)) {
            return read;
        }
        ahead.add(read, generation);
        return ReadAhead.bounded(read, position, maxBytes);
    }

    /**
     * True if {@link #read} finds a position without waiting for the disk. Otherwise a large piece from there on is read by
     * {@code reader}, for all who come to it, and {@code then} is run: by then this is true. The piece that follows the one
     * in which a position lies is read beforehand.
     */
    public boolean fetch(long position, Executor reader, Runnable then) {
        if (position > end || tail.holds(position)) {
            return true;
        }
        if (ahead.isThere(position)) {
            long next = ahead.after(position);
            if (next > 0 && next <= end && !tail.holds(next)) {
                load(next, reader, () -> {});
            }
            return true;
        }
        load(position, reader, then);
        return ahead.isThere(position);
    }

    private void load(long position, Executor reader, Runnable then) {
        if (!ahead.begin(position, then)) {
            return;
        }
        try {
            reader.execute(() -> {
                try {
                    readChunk(position, end, ahead.chunkBytes());
                } catch (RuntimeException e) {
                    LOG.debug("journal={} position={} not fetched, its reader will see why", folder, position, e);
                } finally {
                    ahead.fetched(position).forEach(Runnable::run);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("journal={} position={} not fetched, it is read when needed", folder, position, e);
            ahead.fetched(position).forEach(Runnable::run);
        }
    }

    /** The first position of the newest few megabytes: who stands there keeps up. 0 if nothing is in memory. */
    public long recent() {
        return tail.recent();
    }

    /** Says that no reader needs from memory what lies below a position: so memory need not keep more than a little of it. */
    public void needed(long from) {
        tail.needed(from);
    }

    /**
     * The same, but what is on the disk, also of what could come from memory; nothing that is not synced. It is for whoever
     * looks for damage.
     */
    public List<Entry> readFromDisk(long position, int maxBytes) {
        long upTo = log.syncedEnd();
        return position > upTo ? List.of() : readFiles(position, upTo, maxBytes);
    }

    private List<Entry> readFiles(long position, long upTo, int maxBytes) {
        List<Entry> found = new ArrayList<>();
        try {
            tryRead(position, upTo, maxBytes, found);
            return found;
        } catch (IOException | JournalDamagedException e) {
            LOG.debug("journal={} position={} read again: {}", folder, position, e.toString());
        }
        // The segments may have changed under the reader (purged, or cut back after a failed sync): once more, alone.
        found.clear();
        io.lock();
        try {
            checkOpen();
            finishCut();
            tryRead(position, upTo, maxBytes, found);
        } catch (JournalDamagedException e) {
            if (found.isEmpty()) {
                JournalDamagedException told = e.withNextStep(folder);
                damaged.put(segmentOf(position), told);
                if (settings.onDamage() == OnDamage.SKIP && !repairIsNear.getAsBoolean()) {
                    return skipped(position, upTo, maxBytes, told);
                }
                throw told;
            }
        } catch (IOException e) {
            throw new JournalException("position=" + position + " not read: " + FileErrors.say(e), e);
        } finally {
            io.unlock();
        }
        return found;
    }

    /**
     * The same as {@link #readFromDisk}, but what is damaged is no error: an entry that {@link Entry#isGap} stands for
     * the positions
     * that cannot be read. Nothing beyond the segment of {@code position} is returned. It is for whoever mends another copy.
     *
     * @throws JournalException if the disk gives nothing of the segment
     */
    public List<Entry> salvage(long position, int maxBytes) {
        long upTo = log.syncedEnd();
        return position > upTo || position < log.first() ? List.of() : salvaged(position, upTo, maxBytes);
    }

    private List<Entry> salvaged(long position, long upTo, int maxBytes) {
        List<Entry> found = new ArrayList<>();
        try {
            log.salvage(position, upTo, maxBytes, found);
        } catch (IOException e) {
            throw new JournalException("position=" + position + " not read: " + FileErrors.say(e), e);
        }
        return found;
    }

    /** What can be read, with a gap in the place of what cannot. */
    private List<Entry> skipped(long position, long upTo, int maxBytes, JournalDamagedException damage) {
        List<Entry> found = salvaged(position, upTo, maxBytes);
        if (found.isEmpty()) {
            throw damage;
        }
        for (Entry entry : found) {
            if (entry.isGap() && skippedTo < entry.last()) {
                skippedTo = entry.last();
                LOG.warn(
                        "journal={} positions {} to {} are skipped, as they are damaged: {}",
                        folder,
                        entry.position(),
                        entry.last(),
                        damage.getMessage());
            }
        }
        return found;
    }

    private void tryRead(long position, long upTo, int maxBytes, List<Entry> found) throws IOException {
        if (position < log.first()) {
            throw new JournalPurgedException(position, log.first());
        }
        log.read(position, upTo, maxBytes, found);
    }

    /** The current epoch, from 1. */
    public int epoch() {
        return log.meta().epoch();
    }

    /** Begins a new epoch with the next position, durably, and returns it. */
    public int raiseEpoch() throws JournalException {
        return changed("epoch not raised", () -> {
            int raised = log.raiseEpoch(log.meta().epoch() + 1);
            epochSpent = false;
            LOG.info("journal={} epoch={} begins at position={}", folder, raised, log.last() + 1);
            return raised;
        });
    }

    /**
     * Begins an epoch with the next position, durably. Epochs between the current one and it are empty.
     *
     * @throws IllegalArgumentException if it is not above the current one, or too far above
     */
    public void raiseEpoch(int epoch) throws JournalException {
        changed("epoch not raised", () -> {
            int now = log.meta().epoch();
            if (epoch <= now || epoch - now > EPOCHS_MAX) {
                throw new IllegalArgumentException(
                        "epoch=" + epoch + " must be above " + now + " and by at most " + EPOCHS_MAX);
            }
            LOG.info("journal={} epoch={} begins at position={}", folder, epoch, log.last() + 1);
            int raised = log.raiseEpoch(epoch);
            epochSpent = false;
            return raised;
        });
    }

    /**
     * Whether appends are refused from now on, with a reason, or taken again, with an empty one. On return none is under
     * way. Copies are taken in any case.
     */
    public void refuseAppends(String reason) {
        io.lock();
        try {
            refusesAppends = reason;
        } finally {
            io.unlock();
        }
    }

    /** Returns the id that this log and its copies have in common, and no other log has. */
    public String id() {
        return Long.toHexString(log.meta().journalId());
    }

    /** The first position of each epoch; index 0 is epoch 1. */
    public List<Long> epochStarts() {
        return log.meta().epochStarts();
    }

    /**
     * Appends entries of another copy of this log where they are there, with their timestamps and epochs, and returns when
     * they are on the disk. If it throws, any number of the first of them may be in the log.
     *
     * @throws IllegalArgumentException if the first does not follow {@link #end()}, there is a gap between them, an entry is
     *     too large, or an epoch is lower than the current one
     * @throws JournalFullException if there is no room; it may be tried again
     */
    public void appendCopies(List<Entry> copies) throws JournalException {
        try {
            changed("copies not appended", () -> {
                checkCopies(copies);
                for (int from = 0; from < copies.size(); ) {
                    int to = from + 1;
                    long bytes =
                            EntryFormat.HEADER_BYTES + (long) copies.get(from).payload().length;
                    while (to < copies.size()
                            && copies.get(to).epoch() == copies.get(from).epoch()
                            && bytes < settings.segmentBytes()) {
                        bytes +=
                                EntryFormat.HEADER_BYTES + (long) copies.get(to).payload().length;
                        to++;
                    }
                    List<Entry> run = copies.subList(from, to);
                    long started = System.nanoTime();
                    log.appendCopies(run, bytes);
                    counters.appended(run, bytes, true, System.nanoTime() - started);
                    tail.add(run);
                    end = log.last();
                    from = to;
                }
                problem = null;
                return end;
            });
        } catch (JournalException e) {
            problem = e;
            throw e;
        }
        tell(listeners);
    }

    private void checkCopies(List<Entry> copies) {
        long next = end + 1;
        int epoch = log.meta().epoch();
        if (copies.isEmpty()) {
            throw new IllegalArgumentException("no copies");
        }
        for (Entry copy : copies) {
            if (copy.position() != next
                    || copy.count() < 1
                    || copy.epoch() < epoch
                    || copy.epoch() - epoch > EPOCHS_MAX
                    || copy.payload().length > settings.maxEntryBytes()) {
                throw new IllegalArgumentException("copy of position=" + copy.position() + " count=" + copy.count()
                        + " epoch=" + copy.epoch() + " bytes=" + copy.payload().length
                        + " does not follow: position=" + next + " epoch=" + epoch + " maxEntryBytes="
                        + settings.maxEntryBytes());
            }
            next = copy.last() + 1;
            epoch = copy.epoch();
        }
    }

    /**
     * Takes everything above a position out of the log, durably: it is moved to a folder beside the journal's, which is a
     * journal of its own. Cursors above are lowered. A crash in between does no harm: the next open finishes it. No file is
     * changed in place, so what a backup has linked stays as it is.
     *
     * @param position the last position that stays, the last one of an entry
     * @param epochStarts the epochs of the log from now on, up to the position after {@code position}
     * @return the folder to which it was moved; empty if there was nothing above
     */
    public Optional<Path> cutAbove(long position, List<Long> epochStarts) throws JournalException {
        return cut("not cut above position " + position, () -> {
            JournalMeta meta = log.meta();
            if (position < log.first() - 1 || position > end) {
                throw new IllegalArgumentException(
                        "position=" + position + " must be " + (log.first() - 1) + " to " + end);
            }
            checkStarts(epochStarts, position + 1);
            if (!upTo(position, epochStarts).equals(upTo(position, meta.epochStarts()))) {
                throw new IllegalArgumentException("epochStarts=" + epochStarts
                        + " are not those of the log up to position=" + position + ": " + meta.epochStarts());
            }
            if (position == end && epochStarts.equals(meta.epochStarts())) {
                return Optional.empty();
            }
            checkBoundary(position);
            long from = position == end ? end + 1 : segmentOf(position + 1);
            return Optional.of(new Begun(
                    meta.withCut(new JournalMeta.Cut(position, aside(), false), epochStarts), from, position < end));
        });
    }

    /**
     * Has the journal begin anew, empty, as a copy of another log. What it held is moved to a folder beside it.
     *
     * @param id of the other log
     * @param first the position with which it begins
     * @param epochStarts the epochs of the other log up to that position
     * @return the folder to which it was moved; empty if there was nothing
     */
    public Optional<Path> beginAnew(String id, long first, List<Long> epochStarts) throws JournalException {
        return cut("not begun anew at position " + first, () -> {
            if (first < 1) {
                throw new IllegalArgumentException("first=" + first + " must be at least 1");
            }
            checkStarts(epochStarts, first);
            JournalMeta.Cut mark = new JournalMeta.Cut(first - 1, aside(), true);
            JournalMeta meta =
                    new JournalMeta(Long.parseUnsignedLong(id, 16), first, epochStarts, JournalMeta.Floor.NONE, mark);
            return Optional.of(new Begun(meta, log.first(), end >= log.first()));
        });
    }

    private record Begun(JournalMeta mark, long asideFirst, boolean moves) {}

    private Optional<Path> cut(String failure, Change<Optional<Begun>> preparation) {
        Optional<Path> moved = changed(failure, () -> {
            log.force();
            Optional<Begun> begun = preparation.make();
            if (begun.isEmpty()) {
                return Optional.empty();
            }
            Begun cut = begun.get();
            JournalMeta.Cut mark = Objects.requireNonNull(cut.mark().cut());
            Path aside = folder.resolveSibling(mark.aside());
            if (cut.moves()) {
                LogCut.prepare(files, aside, log.meta().withFirst(cut.asideFirst()));
            }
            cutUnderWay = true; // also if it is not known whether the mark was written
            log.store(cut.mark());
            finishCut();
            return cut.moves() ? Optional.of(aside) : Optional.empty();
        });
        moved.ifPresent(
                aside -> LOG.warn("journal={} cut, ends at position={}; what was above is in {}", folder, end, aside));
        tell(listeners);
        return moved;
    }

    private void finishCut() throws IOException {
        if (cutUnderWay) {
            log.close();
            log = recovered();
            tail.clear();
            ahead.clear();
            damaged.clear(); // readers meet again what is still there
            end = log.last();
            cursorFiles.lock();
            try {
                cursors.values().forEach(cursor -> cursor.lower(end));
            } finally {
                cursorFiles.unlock();
            }
            cutUnderWay = false;
        }
    }

    private String aside() throws IOException {
        String name = folder.getFileName() + ".aside-" + log.meta().epoch();
        String free = name;
        for (int i = 2; !files.list(folder.resolveSibling(free)).isEmpty(); i++) {
            free = name + "-" + i;
        }
        return free;
    }

    private static void checkStarts(List<Long> starts, long next) {
        long former = 1;
        for (long start : starts) {
            if (start < former || start > next) {
                throw new IllegalArgumentException("epochStarts=" + starts + " must rise from 1 to at most " + next);
            }
            former = start;
        }
        if (starts.isEmpty() || starts.get(0) != 1) {
            throw new IllegalArgumentException("epochStarts=" + starts + " must begin with 1");
        }
    }

    /** The epochs that are not empty up to a position: first positions by number. */
    private static Map<Long, Integer> upTo(long position, List<Long> starts) {
        Map<Long, Integer> epochs = new TreeMap<>();
        for (int i = 0; i < starts.size() && starts.get(i) <= position; i++) {
            epochs.put(starts.get(i), i + 1);
        }
        return epochs;
    }

    private void checkBoundary(long position) throws IOException {
        if (position >= log.first() && position < end) {
            List<Entry> found = new ArrayList<>();
            log.read(position, end, 1, found);
            if (found.get(0).last() != position) {
                throw new IllegalArgumentException("position=" + position + " is within the entry of positions "
                        + found.get(0).position() + " to " + found.get(0).last());
            }
        }
    }

    /** The epoch in which a position lies; of one after the end, the current epoch. */
    public int epochOf(long position) {
        return log.meta().epochOf(position);
    }

    /** The last position of an epoch; of the current one {@link #end()}. */
    public long endOfEpoch(int epoch) {
        JournalMeta meta = log.meta();
        if (epoch < 1 || epoch > meta.epoch()) {
            throw new IllegalArgumentException("epoch=" + epoch + " must be 1 to " + meta.epoch());
        }
        return epoch == meta.epoch() ? end : meta.epochStarts().get(epoch) - 1;
    }

    /** The first position of the segment in which a committed position lies. */
    public long segmentOf(long position) {
        List<Segment> all = log.segments();
        for (int i = all.size() - 1; i > 0; i--) {
            if (all.get(i).first() <= position) {
                return all.get(i).first();
            }
        }
        return all.get(0).first();
    }

    /** All segments, the oldest first. */
    public List<SegmentInfo> segments() {
        return log.segments().stream().map(Segment::info).toList();
    }

    /**
     * Deletes closed segments that lie wholly below a position, but none that a cursor has not passed. Nobody finds them when it
     * returns; their files go one after the other after that, beside the appends.
     */
    public void deleteBefore(long position) throws JournalException {
        deleteBefore(position, false);
    }

    /** Deletes closed segments that lie wholly below a position; if forced, also what cursors have not passed. */
    public void deleteBefore(long position, boolean forced) throws JournalException {
        changed("not deleted before position " + position, () -> {
            log.deleteBefore(forced ? position : Math.min(position, lowestCursor() + 1));
            return log.first();
        });
        maintenance.deletePurged();
    }

    /** Deletes about so much of the files that are no longer needed, and returns whether there are more; called by the keeper. */
    boolean deletePurged(long bytes) {
        try {
            return log.deletePurged(bytes);
        } catch (IOException e) {
            throw failure("a segment that is no longer needed is not deleted", e);
        }
    }

    private long lowestCursor() {
        return cursors.values().stream()
                .mapToLong(Cursor::durablePosition)
                .min()
                .orElse(Long.MAX_VALUE - 1);
    }

    /** The cursor with a name; a new one stands before the oldest position. */
    public Cursor cursor(String name) {
        return cursor(name, -1);
    }

    /** The cursor with a name; if it is new, {@code startAfter} is the position that counts as processed last. */
    public Cursor cursor(String name, long startAfter) {
        CursorFiles.checkName(name);
        Cursor known = cursors.get(name);
        if (known != null) {
            return known;
        }
        return changed("cursor " + name + " not made", () -> {
            Cursor there = cursors.get(name);
            if (there != null) {
                return there;
            }
            long start = startAfter < 0 ? log.first() - 1 : Math.max(startAfter, log.first() - 1);
            Cursor cursor = new Cursor(this, name, Math.min(start, end));
            if (cursor.position() > log.syncedEnd()) {
                log.force();
            }
            cursorStore.write(name, cursor.position(), log.meta().epochOf(cursor.position()));
            cursors.put(name, cursor);
            return cursor;
        });
    }

    /** All cursors. */
    public List<Cursor> cursors() {
        return List.copyOf(cursors.values());
    }

    /** Removes a cursor; does nothing if there is none. */
    public void deleteCursor(String name) {
        changed("cursor " + name + " not deleted", () -> {
            cursorFiles.lock();
            try {
                if (cursors.remove(name) != null) {
                    cursorStore.delete(name);
                }
            } finally {
                cursorFiles.unlock();
            }
            return name;
        });
    }

    // Beside the appends: it forces a file and a folder, which must not hold them up.
    void writeCursor(Cursor cursor) {
        cursorFiles.lock();
        try {
            checkOpen();
            long to = Math.min(cursor.position(), log.syncedEnd());
            if (to != cursor.durablePosition() && cursors.get(cursor.name()) == cursor) {
                cursorStore.write(cursor.name(), to, log.meta().epochOf(to));
                cursor.written(to);
            }
        } catch (IOException e) {
            throw failure("cursor " + cursor.name() + " not written", e);
        } finally {
            cursorFiles.unlock();
        }
    }

    /**
     * Has {@code listener} run whenever {@link #end()} has moved: once for a group, on the thread of an appender, so it must
     * be quick and must not append.
     */
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Has {@code listener} run whenever something was written that is about to be synced, see {@link #writtenEnd()}. Appends and
     * whatever changes the log wait for it, so it must use nothing but {@link #readWritten}.
     */
    public void addWriteListener(Runnable listener) {
        writeListeners.add(listener);
    }

    public void removeListener(Runnable listener) {
        listeners.remove(listener);
        writeListeners.remove(listener);
    }

    /** Forces to the disk everything that was appended. */
    public void sync() throws JournalException {
        changed("not synced", () -> {
            log.force();
            return end;
        });
    }

    /** Forces to the disk what was appended before the call, without holding up appends. */
    public void syncAside() throws IOException {
        Optional<SegmentLog.SyncPoint> unsynced = changed("not synced", log::syncPoint);
        if (unsynced.isEmpty()) {
            return;
        }
        SegmentLog.SyncPoint point = unsynced.get();
        long started = System.nanoTime();
        boolean good = false;
        try {
            point.file().force();
            good = true;
        } finally {
            boolean result = good;
            changed("not synced", () -> {
                log.forced(point, result);
                return result;
            });
        }
        counters.synced(System.nanoTime() - started);
    }

    /** Captures the files that are on the disk now, for a copy to be made beside the writer; holds up appends for a moment only. */
    public JournalCapture capture() throws JournalException {
        return capture(Long.MAX_VALUE);
    }

    /** The same, but of entries that end at most at {@code upTo}: what is above may still be cut. */
    public JournalCapture capture(long upTo) throws JournalException {
        return changed("not captured", () -> log.capture(upTo));
    }

    /** Deletes what the settings allow; called by the keeper. */
    void retain() {
        long lowest = lowestCursor();
        changed("retention not applied", () -> {
            if (SegmentRetention.mustRoll(log.segments(), settings, clock.millis())) {
                log.roll(clock.millis());
            }
            log.deleteBefore(Math.min(lowest + 1, SegmentRetention.keepFrom(log.segments(), settings, clock.millis())));
            for (Segment segment : log.segments()) {
                segment.closeIfIdle();
            }
            ahead.clearIfIdle();
            return log.first();
        });
        maintenance.deletePurged();
    }

    /** Has a listener told how long each sync took, in nanoseconds, by the thread that synced; there is one, which must not block. */
    public void onSync(LongConsumer listener) {
        counters.onSync(listener);
    }

    public JournalStatistics statistics() {
        return counters.read(log.bytesOnDisk(), log.segments().size());
    }

    /** Returns the failure that keeps appends from succeeding, or damage that a reader met and that is not repaired; null while all is well. */
    public @Nullable JournalException problem() {
        JournalException now = problem;
        Map.Entry<Long, JournalDamagedException> damage = firstDamage();
        return now != null || damage == null ? now : damage.getValue();
    }

    private Map.@Nullable Entry<Long, JournalDamagedException> firstDamage() {
        return damaged.ceilingEntry(log.first());
    }

    /** The first position of the first segment in which a reader has met damage; empty if none has. */
    public OptionalLong damagedSegment() {
        Map.Entry<Long, JournalDamagedException> damage = firstDamage();
        return damage == null ? OptionalLong.empty() : OptionalLong.of(damage.getKey());
    }

    /**
     * Begins to make a damaged segment anew, from what can be read of it and from another copy of the log. Appends go on; they go
     * to a new segment if it was the newest.
     *
     * @param first the first position of the segment
     * @throws IllegalArgumentException if no segment that holds something begins there
     */
    public LogRewrite rewrite(long first) throws JournalException {
        return changed("segment of position " + first + " not rewritten", () -> {
            Segment segment = log.closed(first, clock.millis());
            if (segment == null) {
                throw new IllegalArgumentException("folder=" + folder + " no segment begins at position " + first);
            }
            return new SegmentRewrite(files, segment, this::replace);
        });
    }

    private void replace(Segment former, SegmentBuilder built) {
        try {
            built.end(true); // beside the appends: it forces a file
        } catch (IOException e) {
            throw failure("segment of position " + former.first() + " not rewritten", e);
        }
        changed("segment of position " + former.first() + " not replaced", () -> {
            log.replace(former, built);
            ahead.clear();
            return damaged.remove(former.first()) != null;
        });
        LOG.warn("journal={} segment={} is made anew, nothing of it is lost", folder, former.path());
    }

    /** Has {@code near} decide whether damage is about to be repaired: while it is, it is not skipped. It must be quick. */
    public void repairIsNear(BooleanSupplier near) {
        repairIsNear = near;
    }

    /** Returns the failure that keeps appends from succeeding; null if the last one succeeded. */
    public @Nullable JournalException appendProblem() {
        return problem;
    }

    /** Replaces one problem by another, or by none, if it is still the one that is known. */
    synchronized void problem(@Nullable JournalException known, @Nullable JournalException now) {
        if (problem == known) {
            problem = now;
        }
    }

    public Path folder() {
        return folder;
    }

    public JournalSettings settings() {
        return settings;
    }

    /** Syncs everything, writes the cursors and gives the folder free. Appends that come later fail. */
    @Override
    public void close() throws JournalException {
        maintenance.close();
        io.lock();
        try {
            if (closed) {
                return;
            }
            try {
                finishCut();
                log.storeFloor();
                cursors().forEach(Cursor::flush);
            } finally {
                closeFiles();
            }
            LOG.info("journal={} closed end={}", folder, end);
        } catch (IOException e) {
            throw new JournalException("folder=" + folder + " not closed cleanly: " + FileErrors.say(e), e);
        } finally {
            io.unlock();
        }
    }

    /** Ends the journal's thread and nothing else, as a kill would: for tests of what is found afterwards. */
    void abandon() {
        maintenance.close();
    }

    private void closeFiles() throws IOException {
        cursorFiles.lock();
        try {
            closed = true;
        } finally {
            cursorFiles.unlock();
        }
        try {
            log.close();
        } finally {
            folderLock.close();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new JournalException("folder=" + folder + " is closed");
        }
    }

    private interface Change<T> {
        T make() throws IOException;
    }

    private <T> T changed(String failure, Change<T> change) {
        io.lock();
        try {
            checkOpen();
            finishCut();
            return change.make();
        } catch (IOException e) {
            throw failure(failure, e);
        } finally {
            io.unlock();
        }
    }

    private JournalException failure(String what, IOException cause) {
        String message = "folder=" + folder + " " + what + ": " + FileErrors.say(cause);
        return AppendFailure.isFull(cause)
                ? new JournalFullException(message, cause)
                : new JournalException(message, cause);
    }
}
