package io.bactrian.ship.core;

import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One round of shipping a folder, as a state machine: frames in, frames out. {@link RequestWindow} bounds what is under way and
 * sends again what is not answered. Each call does a bounded piece of work. One thread at a time; {@link #progress} from any.
 */
public final class ShipSender implements AutoCloseable {
    private static final int AHEAD_MAX = 64;

    /** Files are opened while those that are open have fewer blocks than that: so their tables are bounded, too. */
    private static final long BLOCKS_AHEAD = 2L * Blocks.COUNT_MAX;

    private static final int LIST_ENTRIES = 2_000;
    private static final int LIST_BYTES = 128 << 10;

    private static final int BUSY_MS = 500;

    /** So much is made at once and then sent, so that the receiver works while more is made. */
    private static final int CHUNK_FRAMES = 32;

    private static final int CHUNK_BYTES = 1 << 20;

    /** What was not made smaller once is not tried again for so many frames; each time in a row for twice as many. */
    private static final int UNPACKED_FRAMES_MIN = 15;

    private static final int UNPACKED_FRAMES_MAX = 120;

    /** A file this young, or from the future, may change again without another time or size to show it. */
    private static final int YOUNG_SECONDS = 2;

    private final Path folder;
    private final Disk disk;
    private final ShipSettings settings;
    private final SenderMemory memory;
    private final long session;
    private final long seed;
    private final FolderScan scan;
    private final Instant youngFrom;
    private final List<FolderEntry> entries;
    private final BlockHash blockHash;
    private final Throttle throttle;
    private final RoundCounters tally = new RoundCounters();
    private final Ops ops = new Ops(1 << 10);
    private final RequestWindow window;
    private final Deque<Again> waiting = new ArrayDeque<>();
    private final Map<Integer, Upload> active = new LinkedHashMap<>();
    private final Map<Integer, Upload> sent = new HashMap<>();
    private final Deque<Integer> dropped = new ArrayDeque<>();

    private final long startedMs;

    private Packing packing = Packing.RAW;
    private boolean opened;
    private int listed;
    private boolean listComplete;
    private boolean closing;
    private boolean more;
    private int unpacked;
    private int unpackedFrames = UNPACKED_FRAMES_MIN;
    private long openAtMs;
    private long endedMs;
    private @Nullable ShipException failure;
    private @Nullable String receiverInside;
    private volatile boolean done;
    private volatile ShipProgress progress = new ShipProgress(0, 0, 0, 0, 0);

    private record Again(Frame.Wanted wanted, int attempt) {}

    /**
     * Reads the list of the folder.
     *
     * @param session a number that no other session has
     * @param seed a number that nobody can guess; it seeds the checks of blocks
     * @param now by the clock that also gives files their times
     * @param nowMs by a clock that only moves on
     * @throws ShipException {@link ShipErrorCode#IO_ERROR} if the folder cannot be read, {@link ShipErrorCode#TOO_MANY_ENTRIES}
     */
    public ShipSender(
            Path folder, ShipSettings settings, SenderMemory memory, long session, long seed, Instant now, long nowMs)
            throws ShipException {
        this(folder, settings, memory, session, seed, now, nowMs, Disk.REAL);
    }

    ShipSender(
            Path folder,
            ShipSettings settings,
            SenderMemory memory,
            long session,
            long seed,
            Instant now,
            long nowMs,
            Disk disk)
            throws ShipException {
        this.folder = FolderScan.real(folder);
        this.disk = disk;
        this.settings = settings;
        this.memory = memory;
        this.session = session;
        this.seed = seed;
        startedMs = nowMs;
        endedMs = nowMs;
        blockHash = new BlockHash(seed);
        throttle = new Throttle(settings.bytesPerSecond());
        window = new RequestWindow(settings.giveUpMs(), throttle, tally, nowMs);
        scan = FolderScan.of(this.folder, settings.appendOnlyNames(), settings.entriesMax());
        entries = new ArrayList<>(scan.entries().size());
        youngFrom = now.minusSeconds(YOUNG_SECONDS);
        for (FolderEntry entry : scan.entries()) {
            // Also what was young when it was shipped: it may have changed just after, and the clock may have jumped.
            boolean verify = !entry.folder()
                    && !entry.append()
                    && (entry.modified().notBefore(youngFrom) || memory.wasYoung(entry.name()));
            entries.add(verify ? entry.with(FolderEntry.VERIFY) : entry);
            if (entry.folder()) {
                tally.folders++;
            } else {
                tally.files++;
                tally.bytes += entry.size();
            }
        }
        tally.skipped = scan.skipped();
        scan.problems().forEach(tally::problem);
    }

    /** Takes an answer; what is none, or comes late, is passed over. Then ask for {@link #next}. */
    public void receive(byte[] octets, long nowMs) {
        tally.receivedBytes += RequestWindow.wireBytes(octets);
        if (done) {
            return;
        }
        try {
            ShipFrames.Envelope envelope = ShipFrames.decode(octets);
            if (envelope.session() != session || !(envelope.frame() instanceof Frame.Answer answer)) {
                return;
            }
            if (window.answered(envelope.request(), nowMs)) {
                take(answer, nowMs);
            }
        } catch (ShipException e) {
            fail(e, nowMs);
        }
    }

    private void take(Frame.Answer answer, long nowMs) throws ShipException {
        if (answer instanceof Frame.Opened welcome) {
            opened = true;
            leaveOutReceiver();
            window.open(welcome.windowBytes());
            packing = settings.compress() ? Packing.best(welcome.packings()) : Packing.RAW;
        } else if (answer instanceof Frame.Listed answered) {
            listed(answered);
        } else if (answer instanceof Frame.Proven proof) {
            Upload upload = active.get(proof.index());
            if (upload != null) {
                guarded(upload, () -> upload.proven(proof));
            }
        } else if (answer instanceof Frame.Signed checks) {
            Upload upload = active.get(checks.index());
            if (upload != null) {
                upload.signed(checks);
            }
        } else if (answer instanceof Frame.Done whole) {
            whole(whole.index());
        } else if (answer instanceof Frame.Failed failed) {
            failed(failed);
        } else if (answer instanceof Frame.Closed closed) {
            tally.deleted = closed.deleted();
            end(nowMs);
        } else if (answer instanceof Frame.Refused refused) {
            if (refused.cause() == ShipErrorCode.BUSY && !opened) {
                openAtMs = nowMs + BUSY_MS;
                if (nowMs - startedMs > settings.giveUpMs()) {
                    throw new ShipException(ShipErrorCode.BUSY, refused.text());
                }
                return;
            }
            throw new ShipException(refused.cause(), "the receiver refuses: " + refused.text());
        }
    }

    /**
     * Now the receiver has marked its folder. If that lies in the folder that is shipped it is left out, or each round would ship
     * what the round before has shipped.
     *
     * @throws ShipException {@link ShipErrorCode#IN_THE_WAY} if it is the folder itself, or one above it, where the
     * deletions of the
     *     round would delete what is shipped
     */
    private void leaveOutReceiver() throws ShipException {
        for (Path above = folder; above != null; above = above.getParent()) {
            if (ReceiverFolder.isMarked(above, session)) {
                throw new ShipException(
                        ShipErrorCode.IN_THE_WAY,
                        "the receiver's folder " + above + " is the folder that is shipped, or has it in it; receive"
                                + " into another folder");
            }
        }
        String inside = null;
        for (FolderEntry entry : entries) {
            if (entry.folder() && ReceiverFolder.isMarked(Names.below(folder, entry.name()), session)) {
                inside = entry.name();
                break;
            }
        }
        if (inside == null) {
            return;
        }
        receiverInside = Names.shown(inside);
        String itself = inside;
        String below = inside + '/';
        entries.removeIf(entry -> {
            boolean leftOut = entry.name().equals(itself) || entry.name().startsWith(below);
            if (leftOut) {
                tally.leaveOut(entry);
            }
            return leftOut;
        });
    }

    /** The folder below the one that is shipped into which the receiver writes, and which is therefore left out; or null. */
    public @Nullable String receiverInside() {
        return receiverInside;
    }

    private void listed(Frame.Listed answered) throws ShipException {
        for (Frame.Wanted wanted : answered.wanted()) {
            FolderEntry entry = entry(wanted.index());
            if (entry.folder()) {
                throw new ShipException(ShipErrorCode.MALFORMED, "the receiver wants a folder's content");
            }
            tally.wantedBytes += entry.size();
            waiting.add(new Again(wanted, 0));
        }
        for (Frame.Refusal refusal : answered.refused()) {
            String name = Names.shown(entry(refusal.index()).name());
            tally.problem(name + ": refused by the receiver: " + refusal.cause().label());
        }
    }

    private FolderEntry entry(int index) throws ShipException {
        if (index < 0 || index >= listed) {
            throw new ShipException(ShipErrorCode.MALFORMED, "the receiver names an entry that was not listed");
        }
        return entries.get(index);
    }

    private void whole(int index) {
        Upload upload = sent.remove(index);
        if (upload != null) {
            tally.shipped++;
            tally.shippedBytes += upload.size();
            memory.put(upload.entry().name(), upload.remember(youngFrom));
            close(upload);
        }
    }

    private void failed(Frame.Failed failed) {
        Upload upload = active.get(failed.index());
        if (upload == null) {
            upload = sent.get(failed.index());
        }
        if (upload == null) {
            return;
        }
        boolean again = failed.cause() == ShipErrorCode.VERIFY_FAILED
                || failed.cause() == ShipErrorCode.BASE_CHANGED
                || failed.cause() == ShipErrorCode.TOO_MANY_FILES;
        giveUp(upload, again, "the receiver: " + failed.cause().label() + ": " + failed.text());
    }

    /** Ends an attempt; the requests of it that are under way are no longer waited for. */
    private void giveUp(Upload upload, boolean again, String reason) {
        active.remove(upload.index());
        sent.remove(upload.index());
        memory.remove(upload.entry().name());
        window.forget(upload.index());
        close(upload);
        if (again && upload.attempt() + 1 < Upload.ATTEMPTS_MAX) {
            waiting.addFirst(new Again(upload.wanted(), upload.attempt() + 1));
        } else {
            tally.problem(Names.shown(upload.entry().name()) + ": " + reason);
        }
    }

    private static void close(Upload upload) {
        try {
            upload.close();
        } catch (IOException e) {
            // It was only read: nothing of it can be lost.
            throw new UncheckedIOException(e);
        }
    }

    private interface Step {
        void run() throws IOException, ShipException;
    }

    /** Runs a step on a file that may change, vanish or fail under it. Returns whether it went well. */
    private boolean guarded(Upload upload, Step step) {
        try {
            step.run();
            return true;
        } catch (NoSuchFileException e) {
            drop(upload);
            tally.vanished++;
            active.remove(upload.index());
            close(upload);
        } catch (ShipException e) {
            drop(upload);
            giveUp(upload, true, e.text());
        } catch (IOException e) {
            drop(upload);
            giveUp(upload, true, FileErrors.say(e));
        }
        return false;
    }

    private void drop(Upload upload) {
        window.forget(upload.index());
        dropped.add(upload.index());
    }

    /**
     * Some of the frames to send now, in order, as credit and the limit of the bandwidth allow, after a silence also those
     * that were not answered. Call it after each answer, from time to time, and again while there is {@link #more}.
     * Once a frame is answered its array is used for another one.
     */
    public List<byte[]> next(long nowMs) {
        List<byte[]> out = new ArrayList<>();
        if (done) {
            return out;
        }
        try {
            window.checkSilence(nowMs);
            window.repeat(nowMs, out);
            if (!opened) {
                if (window.isEmpty() && nowMs >= openAtMs) {
                    FileHash.Kind hash = FileHash.Kind.named(settings.hash());
                    request(new Frame.Open(settings.target(), hash, seed, Packing.known()), -1, nowMs, out);
                }
                return out;
            }
            long before = tally.doneBytes;
            int made = out.size();
            more = true;
            while (more && out.size() - made < CHUNK_FRAMES && tally.doneBytes - before < CHUNK_BYTES) {
                more = window.hasCredit(nowMs) && step(nowMs, out);
            }
            if (!closing
                    && listComplete
                    && window.isEmpty()
                    && waiting.isEmpty()
                    && active.isEmpty()
                    && sent.isEmpty()
                    && throttle.ready(nowMs)) {
                closing = true;
                request(new Frame.Close(entries.size(), settings.delete() && scan.complete()), -1, nowMs, out);
            }
        } catch (ShipException e) {
            fail(e, nowMs);
        }
        progress =
                new ShipProgress(tally.files, tally.wantedBytes, tally.doneBytes, tally.sentBytes, tally.receivedBytes);
        return out;
    }

    /** Makes one request; false if there is none to make now. */
    private boolean step(long nowMs, List<byte[]> out) throws ShipException {
        Integer gone = dropped.poll();
        if (gone != null) {
            request(new Frame.Drop(gone), -1, nowMs, out);
            return true;
        }
        if (!listComplete) {
            request(listPart(), -1, nowMs, out);
            return true;
        }
        admit();
        for (Upload upload : active.values()) {
            Frame.Request question = upload.ask();
            if (question != null) {
                request(question, upload.index(), nowMs, out);
                return true;
            }
        }
        Iterator<Upload> first = active.values().iterator();
        while (first.hasNext()) {
            Upload upload = first.next();
            if (upload.stage() == Upload.Stage.SEND) {
                return send(upload, nowMs, out);
            }
        }
        return false;
    }

    private boolean send(Upload upload, long nowMs, List<byte[]> out) {
        guarded(upload, () -> {
            byte[] literal = patchPacking() == Packing.RAW
                    ? upload.nextLiteral(session, window.next(), tally, window.spare())
                    : null;
            if (literal == null) {
                request(upload.next(ops, tally), upload.index(), nowMs, out);
            } else {
                tried(false);
                window.post(literal, upload.index(), nowMs, out);
            }
            if (upload.stage() == Upload.Stage.SENT) {
                active.remove(upload.index());
                sent.put(upload.index(), upload);
            }
        });
        return true;
    }

    private Frame.ListPart listPart() {
        int first = listed;
        int bytes = 0;
        while (listed < entries.size() && listed - first < LIST_ENTRIES && bytes < LIST_BYTES) {
            bytes += entries.get(listed).name().length() + 24;
            listed++;
        }
        listComplete = listed == entries.size();
        return new Frame.ListPart(first, listComplete, entries.subList(first, listed));
    }

    /** Opens files until enough of them are being asked about, in files and in memory. */
    private void admit() {
        if (waiting.isEmpty() || active.size() + sent.size() >= AHEAD_MAX) {
            return;
        }
        long blocks = 0;
        for (Upload upload : active.values()) {
            blocks += upload.blocks();
        }
        for (Upload upload : sent.values()) {
            blocks += upload.blocks();
        }
        while (!waiting.isEmpty() && active.size() + sent.size() < AHEAD_MAX && blocks < BLOCKS_AHEAD) {
            Again next = waiting.remove();
            FolderEntry entry = entries.get(next.wanted().index());
            try {
                Path path = Names.below(folder, entry.name());
                Upload upload =
                        new Upload(next.wanted(), entry, path, settings, blockHash, memory, disk, next.attempt());
                if (upload.stage() == Upload.Stage.EQUAL) {
                    if (!entry.modified().notBefore(youngFrom)) {
                        memory.aged(entry.name());
                    }
                    close(upload);
                } else {
                    active.put(upload.index(), upload);
                    blocks += upload.blocks();
                }
            } catch (NoSuchFileException e) {
                tally.vanished++;
            } catch (IOException e) {
                tally.problem(Names.shown(entry.name()) + ": " + FileErrors.say(e));
            } catch (ShipException e) {
                tally.problem(Names.shown(entry.name()) + ": " + e.text());
            }
        }
    }

    private void request(Frame.Request request, int file, long nowMs, List<byte[]> out) {
        Packing how = request instanceof Frame.Patch ? patchPacking() : packing;
        byte[] frame = ShipFrames.encode(session, window.next(), request, how);
        if (request instanceof Frame.Patch patch && patch.length() > RequestWindow.SHORT_FRAME) {
            tried(frame.length < patch.length());
        }
        window.post(frame, file, nowMs, out);
    }

    /** Counts a frame, which may have been made smaller if that was tried. */
    private void tried(boolean smaller) {
        if (unpacked > 0) {
            unpacked--;
        } else if (smaller) {
            unpackedFrames = UNPACKED_FRAMES_MIN;
        } else {
            unpacked = unpackedFrames;
            unpackedFrames = Math.min(2 * unpackedFrames, UNPACKED_FRAMES_MAX);
        }
    }

    private Packing patchPacking() {
        return unpacked > 0 ? Packing.RAW : packing;
    }

    private void fail(ShipException cause, long nowMs) {
        failure = cause;
        end(nowMs);
    }

    private void end(long nowMs) {
        endedMs = nowMs;
        close();
        done = true;
    }

    /** Whether {@link #next} has more to give at once. */
    public boolean more() {
        return more && !done;
    }

    /** Whether the round has ended, well or not. Any thread. */
    public boolean done() {
        return done;
    }

    /** Why the round ended early, or null. After {@link #done}. */
    public @Nullable ShipException failure() {
        return failure;
    }

    /** Returns the summary of the round. After {@link #done}. */
    public ShipSummary summary() {
        return tally.summary(endedMs - startedMs);
    }

    /** How far it is, for people. Any thread. */
    public ShipProgress progress() {
        return progress;
    }

    /** Closes what is open; the receiver keeps what it has of files that are under way. */
    @Override
    public void close() {
        active.values().forEach(ShipSender::close);
        sent.values().forEach(ShipSender::close);
        active.clear();
        sent.clear();
        window.clear();
    }
}
