package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments of a journal: appends to the last one, begins new ones, deletes old ones.
 *
 * <p>Whatever changes something is called by one thread at a time (the journal's lock); reading by any thread.
 */
final class SegmentLog {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentLog.class);

    private final JournalFiles files;
    private final Path folder;
    private final int segmentBytes;
    private final ByteBuffer buffer = SegmentWriter.newBuffer();
    private volatile List<Segment> segments;
    private volatile JournalMeta meta;
    private volatile long syncedEnd;
    private SegmentWriter writer;
    private @Nullable SegmentWriter unsealed;
    private @Nullable Path stray;
    private long lastTimestampMs;
    private boolean closed;

    private record Purged(Path path, long bytes) {}

    /** Files of segments that are no longer part of the log, the oldest first. */
    private final Queue<Purged> purged = new ConcurrentLinkedQueue<>();

    /** Held while a file of {@link #purged} is deleted. */
    private final Object purging = new Object();

    SegmentLog(JournalFiles files, Path folder, int segmentBytes, JournalMeta meta, List<Segment> segments)
            throws IOException {
        this.files = files;
        this.folder = folder;
        this.segmentBytes = segmentBytes;
        this.meta = meta;
        this.segments = List.copyOf(segments);
        Segment last = segments.get(segments.size() - 1);
        this.writer = new SegmentWriter(last, buffer);
        this.syncedEnd = last.extent().lastPosition();
        for (Segment segment : segments) {
            lastTimestampMs = Math.max(lastTimestampMs, segment.extent().lastTimestampMs());
        }
    }

    List<Segment> segments() {
        return segments;
    }

    JournalMeta meta() {
        return meta;
    }

    long first() {
        return segments.get(0).first();
    }

    /** Last committed position; only the appending thread sees it move at once. */
    long last() {
        return writer.segment().extent().lastPosition();
    }

    long syncedEnd() {
        return syncedEnd;
    }

    /**
     * Writes a group and, if told, forces it; on return it is committed, on an error nothing of it is.
     *
     * @param written is told of the group while it is not forced yet, if it is
     */
    List<Entry> append(List<AppendRequest> group, long bytes, long nowMs, boolean force, Consumer<List<Entry>> written)
            throws IOException {
        settle();
        long timestampMs = Math.max(nowMs, lastTimestampMs);
        if (writer.segment().header().epoch() != meta.epoch()
                || (writer.committed() > SegmentHeader.BYTES && writer.committed() + bytes > segmentBytes)) {
            roll(timestampMs);
        }
        List<Entry> made = new ArrayList<>();
        long next = last() + 1;
        try {
            for (AppendRequest request : group) {
                request.first(next);
                for (NewEntry entry : request.entries()) {
                    writer.put(next, entry, timestampMs);
                    made.add(new Entry(next, entry.count(), meta.epoch(), timestampMs, entry.payload()));
                    next += entry.count();
                }
            }
            writer.write();
            if (force) {
                written.accept(made);
                writer.force();
            }
        } catch (IOException | RuntimeException | Error e) {
            writer.discard();
            throw e;
        }
        writer.commit(next - 1, made);
        lastTimestampMs = timestampMs;
        if (force) {
            syncedEnd = next - 1;
        }
        return made;
    }

    /**
     * Writes entries of another copy of this log at their own positions, with their timestamps, and forces them. All are
     * of one epoch, which is adopted if it is new.
     */
    void appendCopies(List<Entry> copies, long bytes) throws IOException {
        settle();
        int epoch = copies.get(0).epoch();
        if (epoch > meta.epoch()) {
            raiseEpoch(epoch);
        }
        if (writer.segment().header().epoch() != epoch
                || (writer.committed() > SegmentHeader.BYTES && writer.committed() + bytes > segmentBytes)) {
            roll(Math.abs(copies.get(0).timestampMs()));
        }
        try {
            for (Entry copy : copies) {
                writer.put(copy.position(), new NewEntry(copy.count(), copy.payload()), copy.timestampMs());
            }
            writer.write();
            writer.force();
        } catch (IOException | RuntimeException | Error e) {
            writer.discard();
            throw e;
        }
        Entry last = copies.get(copies.size() - 1);
        writer.commit(last.last(), copies);
        lastTimestampMs = Math.max(lastTimestampMs, Math.abs(last.timestampMs()));
        syncedEnd = last.last();
    }

    /** Repairs what an earlier error has left; does nothing otherwise. */
    void settle() throws IOException {
        Path leftOver = stray;
        if (leftOver != null) {
            files.delete(leftOver);
            files.forceFolder(folder);
            stray = null;
        }
        writer.settle();
        SegmentWriter closing = unsealed;
        if (closing != null) {
            closing.seal();
            unsealed = null;
        }
    }

    /** Closes the open segment and begins the next one. */
    void roll(long nowMs) throws IOException {
        force();
        long next = last() + 1;
        SegmentHeader header = new SegmentHeader(meta.epoch(), meta.journalId(), next, nowMs);
        if (writer.segment().first() == next) {
            restart(header);
            return;
        }
        Segment fresh = create(files, folder, header, path -> stray = path);
        List<Segment> more = new ArrayList<>(segments);
        more.add(fresh);
        SegmentWriter closing = writer;
        writer = new SegmentWriter(fresh, buffer);
        segments = List.copyOf(more);
        unsealed = closing;
        settle();
        LOG.debug("segment={} closed, position={} begins the next", closing.path(), next);
    }

    // The open segment is empty: only its header changes, in place (recovery knows a torn header of an empty segment).
    private void restart(SegmentHeader header) throws IOException {
        Segment empty = writer.segment();
        JournalFile file = empty.acquire();
        try {
            file.write(header.encode(), 0);
            file.force();
        } finally {
            empty.release();
        }
        Segment fresh = new Segment(
                files, folder, header, Segment.Extent.empty(header), new SparseIndex(header.firstPosition()));
        SegmentWriter former = writer;
        writer = new SegmentWriter(fresh, buffer);
        List<Segment> changed = new ArrayList<>(segments);
        changed.set(changed.size() - 1, fresh);
        segments = List.copyOf(changed);
        former.close();
        empty.retire();
    }

    interface Stray {
        void left(Path path);
    }

    /** Makes the file of an empty segment; tells {@code onError} of a file that may be left if this fails. */
    static Segment create(JournalFiles files, Path folder, SegmentHeader header, Stray onError) throws IOException {
        Path path = folder.resolve(header.fileName());
        Path aside = folder.resolve(header.fileName() + ChecksummedText.ASIDE);
        try {
            try (JournalFile file = files.create(aside)) {
                file.write(header.encode(), 0);
                file.force();
            }
            files.rename(aside, path);
            files.forceFolder(folder);
        } catch (IOException e) {
            onError.left(path);
            throw e;
        }
        return new Segment(
                files, folder, header, Segment.Extent.empty(header), new SparseIndex(header.firstPosition()));
    }

    /** Returns when everything that was appended is on the disk. */
    void force() throws IOException {
        settle();
        if (!writer.isSynced()) {
            writer.force();
        }
        syncedEnd = last();
    }

    /** What a thread needs to force the log without holding up appends. */
    record SyncPoint(SegmentWriter writer, JournalFile file, long bytes, long end) {}

    /** The open segment as it is, or empty if it is synced; goes back by {@link #forced}. */
    Optional<SyncPoint> syncPoint() throws IOException {
        settle();
        if (writer.isSynced()) {
            syncedEnd = last();
            return Optional.empty();
        }
        return Optional.of(new SyncPoint(writer, writer.segment().acquire(), writer.committed(), last()));
    }

    void forced(SyncPoint point, boolean good) throws IOException {
        point.writer().segment().release();
        if (point.writer() == writer) {
            writer.forced(point.bytes(), good);
        }
        if (good && point.writer() == writer) { // else the roll has forced it, or it was cut
            syncedEnd = Math.max(syncedEnd, point.end());
        }
    }

    /** What is on the disk now, of entries that end at most at {@code upTo}. */
    JournalCapture capture(long upTo) throws IOException {
        settle();
        List<JournalCapture.Part> parts = new ArrayList<>();
        long end = first() - 1;
        for (Segment segment : segments) {
            JournalCapture.Part part = part(segment, upTo);
            if (part.last() >= part.first()) {
                parts.add(part);
                end = part.last();
            }
        }
        long next = end + 1; // also epochs that begin later were begun, so none of them is used again
        List<Long> starts =
                meta.epochStarts().stream().map(start -> Math.min(start, next)).toList();
        return new JournalCapture(folder, Long.toHexString(meta.journalId()), first(), end, starts, parts);
    }

    private JournalCapture.Part part(Segment segment, long upTo) throws IOException {
        boolean open = segment == writer.segment();
        Segment.Extent extent = segment.extent();
        long last = open ? syncedEnd : extent.lastPosition();
        long bytes = open ? writer.synced() : segment.bytesOnDisk();
        boolean closed = extent.closed();
        if (last > upTo) {
            SparseIndex.Place after = segment.after(upTo);
            last = after.position() - 1;
            bytes = after.offset();
            closed = false;
        }
        return new JournalCapture.Part(
                segment.header().fileName(), segment.header().epoch(), segment.first(), last, bytes, closed);
    }

    /** Begins a new epoch with the next position. */
    int raiseEpoch(int epoch) throws IOException {
        force();
        store(meta.withEpoch(epoch, last() + 1));
        return meta.epoch();
    }

    /** Notes how far the log is synced, so that damage to it is never taken for a torn tail. */
    void storeFloor() throws IOException {
        force();
        store(meta.withFloor(new JournalMeta.Floor(writer.segment().first(), writer.committed(), last())));
    }

    /** Writes the mark of a cut; nothing but {@link LogCut} goes on from here. */
    void store(JournalMeta changed) throws IOException {
        changed.write(files, folder);
        meta = changed;
    }

    /** A segment that is closed, or is closed now; null if none begins there. */
    @Nullable Segment closed(long first, long nowMs) throws IOException {
        if (writer.segment().first() == first && last() >= first) {
            roll(nowMs);
        }
        return segments.stream()
                .filter(segment -> segment.first() == first && segment.extent().closed())
                .findFirst()
                .orElse(null);
    }

    /** Puts the file of a segment, which has ended, in the place of a closed one's. */
    void replace(Segment former, SegmentBuilder built) throws IOException {
        int at = segments.indexOf(former);
        if (at < 0) {
            throw new IllegalStateException("segment=" + former.path() + " is no longer part of the journal");
        }
        built.place();
        List<Segment> changed = new ArrayList<>(segments);
        changed.set(at, new Segment(files, folder, former.header(), built.extent(), new SparseIndex(former.first())));
        segments = List.copyOf(changed);
        former.retire();
    }

    /**
     * Takes the oldest closed segments out of the log, while all their positions are below {@code position}. Their files are
     * left to {@link #deletePurged}, or to the next start.
     */
    void deleteBefore(long position) throws IOException {
        List<Segment> kept = new ArrayList<>(segments);
        List<Segment> gone = new ArrayList<>();
        while (kept.get(0).extent().closed() && kept.get(0).extent().lastPosition() < position) {
            gone.add(kept.remove(0));
        }
        if (gone.isEmpty()) {
            return;
        }
        store(meta.withFirst(kept.get(0).first()));
        segments = List.copyOf(kept);
        for (Segment segment : gone) {
            segment.retire();
            purged.add(new Purged(segment.path(), segment.bytesOnDisk()));
        }
        LOG.info(
                "segments={} deleted, the last one={}, oldest position={}",
                gone.size(),
                gone.get(gone.size() - 1).path(),
                meta.first());
    }

    /**
     * Deletes files of segments that are no longer part of the log, the oldest first, until so much is deleted; beside the appends, as
     * a large file takes its time. One thread at a time.
     *
     * @return whether there are more
     */
    boolean deletePurged(long bytes) throws IOException {
        synchronized (purging) {
            long left = bytes;
            while (!closed && !purged.isEmpty() && left > 0) {
                Purged next = purged.element();
                files.delete(next.path());
                purged.remove();
                left -= next.bytes();
            }
            return !closed && !purged.isEmpty();
        }
    }

    /** Adds entries to {@code found}, from the segment that contains a position on, across segments. */
    void read(long position, long end, long maxBytes, List<Entry> found) throws IOException {
        List<Segment> now = segments;
        int low = 0;
        int high = now.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (now.get(middle).first() <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        long left = maxBytes;
        long next = position;
        for (int i = low; i < now.size() && next <= end && (found.isEmpty() || left > 0); i++) {
            int before = found.size();
            now.get(i).read(next, end, left, found);
            for (Entry entry : found.subList(before, found.size())) {
                left -= entry.payload().length;
            }
            long reached = found.isEmpty() ? next : found.get(found.size() - 1).last() + 1;
            if (i + 1 == now.size() || now.get(i + 1).first() != reached) {
                return;
            }
            next = reached;
        }
    }

    /** Adds what can be read of the segment that contains a position, with gaps in the place of what cannot. */
    void salvage(long position, long end, long maxBytes, List<Entry> found) throws IOException {
        for (Segment segment : segments) {
            if (segment.first() <= position && position <= segment.extent().lastPosition()) {
                segment.salvage(position, end, maxBytes, found);
                return;
            }
        }
    }

    long bytesOnDisk() {
        return segments.stream().mapToLong(Segment::bytesOnDisk).sum();
    }

    void close() throws IOException {
        synchronized (purging) { // from now on the names of files may be used anew
            if (closed) {
                return;
            }
            closed = true;
        }
        SegmentWriter closing = unsealed;
        if (closing != null) {
            closing.close();
        }
        writer.close();
        for (Segment segment : segments) {
            segment.retire();
        }
    }
}
