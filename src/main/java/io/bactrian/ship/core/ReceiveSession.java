package io.bactrian.ship.core;

import io.bactrian.support.text.FileErrors;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One sender's round at a receiver. Every request may come twice and has the same effect then. One thread. */
final class ReceiveSession implements AutoCloseable {
    private static final long NAME_BYTES_MAX = 256 << 20;

    private final long session;
    private final String target;
    private final ReceiverFolder receiverFolder;
    private final ReceiverSettings settings;
    private final ReceiverMemory memory;
    private final FileHash.Kind kind;
    private final BlockHash blockHash;
    private final ByteBuffer direct;
    private final byte[] octets;
    private final ShipEvents events;
    private final EarlyForce earlyForce;

    private List<FolderEntry> entries = new ArrayList<>();
    private Set<String> names = new HashSet<>();

    /** On a file system that does not tell cases apart: which entry has a name of those that are one there. */
    private Map<String, Integer> folded = new HashMap<>();

    private Set<String> folders = new HashSet<>();
    private final Set<String> touched = new HashSet<>();
    private final Map<Integer, Download> downloads = new HashMap<>();
    private final BitSet wanted = new BitSet();
    private final BitSet whole = new BitSet();
    private long nameBytes;
    private boolean listComplete;
    private Frame.@Nullable Closed closed;
    private long heardMs;

    ReceiveSession(
            long session,
            Frame.Open open,
            ReceiverFolder receiverFolder,
            ReceiverSettings settings,
            ReceiverMemory memory,
            ShipEvents events,
            EarlyForce earlyForce,
            long nowMs) {
        this.session = session;
        this.target = open.folder();
        this.receiverFolder = receiverFolder;
        this.settings = settings;
        this.memory = memory;
        this.events = events;
        this.earlyForce = earlyForce;
        kind = open.hash();
        blockHash = new BlockHash(open.seed());
        octets = new byte[Download.COPY_BYTES];
        direct = ByteBuffer.allocateDirect(Download.COPY_BYTES);
        heardMs = nowMs;
        receiverFolder.mark(session);
        folders.add("");
    }

    long session() {
        return session;
    }

    String target() {
        return target;
    }

    long heardMs() {
        return heardMs;
    }

    boolean finished() {
        return closed != null;
    }

    /**
     * Answers a request; null if the sender has to send something else again before.
     *
     * @throws ShipException if the sender breaks the protocol; then the session is over
     */
    Frame.@Nullable Answer receive(Frame.Request request, long nowMs) throws ShipException {
        heardMs = nowMs;
        if (closed != null && !(request instanceof Frame.Close)) {
            return null;
        }
        if (request instanceof Frame.Open) {
            return new Frame.Opened(settings.windowBytes(), ShipFrames.FRAME_BYTES_MAX, Packing.known());
        } else if (request instanceof Frame.ListPart part) {
            return list(part);
        } else if (request instanceof Frame.Close close) {
            return close(close);
        } else if (request instanceof Frame.Prove prove) {
            return onFile(prove.index(), file -> file.prove(prove.index(), prove));
        } else if (request instanceof Frame.Sign sign) {
            return onFile(sign.index(), file -> file.sign(sign.index(), sign));
        } else if (request instanceof Frame.Patch patch) {
            return patch(patch);
        } else if (request instanceof Frame.Drop drop) {
            return drop(drop);
        }
        throw new ShipException(ShipErrorCode.MALFORMED, "no such request");
    }

    private Frame.@Nullable Answer list(Frame.ListPart part) throws ShipException {
        if (part.first() > entries.size()) {
            return null;
        }
        boolean again = part.first() < entries.size() || listComplete;
        if (!again) {
            for (FolderEntry entry : part.entries()) {
                add(entry);
            }
            listComplete = part.last();
        } else if (part.first() + part.entries().size() > entries.size()) {
            throw new ShipException(ShipErrorCode.MALFORMED, "the list overlaps what was listed");
        }
        List<Frame.Wanted> all = new ArrayList<>();
        List<Frame.Refusal> refused = new ArrayList<>();
        for (int i = 0; i < part.entries().size(); i++) {
            int index = part.first() + i;
            FolderEntry entry = entries.get(index);
            try {
                Frame.Wanted want = look(index, entry);
                if (want != null) {
                    wanted.set(index);
                    all.add(want);
                }
            } catch (ShipException e) {
                refused(index, e.reason(), e.text());
                refused.add(new Frame.Refusal(index, e.reason()));
            } catch (IOException e) {
                refused(index, ShipErrorCode.IO_ERROR, FileErrors.say(e));
                refused.add(new Frame.Refusal(index, cause(e)));
            }
        }
        return new Frame.Listed(all, refused);
    }

    private void add(FolderEntry entry) throws ShipException {
        nameBytes += entry.name().length();
        if (entries.size() >= settings.entriesMax() || nameBytes > NAME_BYTES_MAX) {
            throw new ShipException(
                    ShipErrorCode.TOO_MANY_ENTRIES,
                    "more than " + settings.entriesMax() + " entries, or too long names");
        }
        FolderEntry former = entries.isEmpty() ? null : entries.get(entries.size() - 1);
        if (former != null && former.compareTo(entry) >= 0) {
            throw new ShipException(ShipErrorCode.MALFORMED, "the list is not sorted");
        }
        names.add(entry.name());
        entries.add(entry);
    }

    /** Compares an entry with what is there; makes folders. Returns null if there is nothing to send. */
    private Frame.@Nullable Wanted look(int index, FolderEntry entry) throws IOException, ShipException {
        Names.checkHere(entry.name());
        if (!folders.contains(Names.parent(entry.name()))) {
            throw new ShipException(ShipErrorCode.IN_THE_WAY, "its folder is none");
        }
        if (receiverFolder.caseless()) {
            Integer former = folded.putIfAbsent(Names.folded(entry.name()), index);
            if (former != null && former != index) {
                throw new ShipException(ShipErrorCode.NAME_COLLISION, "another name differs only in case");
            }
        }
        if (entry.folder()) {
            receiverFolder.makeFolder(entry.name(), settings.delete());
            folders.add(entry.name());
            return null;
        }
        if (entry.size() > settings.fileBytesMax()) {
            throw new ShipException(
                    ShipErrorCode.TOO_LARGE, "the file is larger than " + settings.fileBytesMax() + " octets");
        }
        Path path = receiverFolder.path(entry.name());
        BasicFileAttributes there = ReceiverFolder.look(path);
        if (there != null && there.isDirectory() && !settings.delete()) {
            throw new ShipException(ShipErrorCode.IN_THE_WAY, "there is a folder where a file is to be");
        }
        boolean regular = there != null && there.isRegularFile();
        long base = regular && there != null ? there.size() : -1;
        FileTimeStamp modified = there == null ? new FileTimeStamp(0, 0) : FileTimeStamp.of(there.lastModifiedTime());
        boolean same = regular && base == entry.size() && modified.equals(entry.modified()) && !entry.verify();
        if (same || whole.get(index)) {
            return null;
        }
        boolean proven = regular && entry.append() && memory.running(path, base, modified, kind) != null;
        return new Frame.Wanted(index, base, modified, receiverFolder.partBytes(entry.name()), proven ? base : 0);
    }

    private interface Step {
        Frame.@Nullable Answer run(Download file) throws IOException, ShipException;
    }

    private Frame.@Nullable Answer onFile(int index, Step step) throws ShipException {
        if (!wanted.get(index)) {
            throw new ShipException(ShipErrorCode.MALFORMED, "a file that is not wanted");
        }
        if (whole.get(index)) {
            return new Frame.Done(index);
        }
        Download file = downloads.get(index);
        if (file == null) {
            if (downloads.size() >= settings.openFilesMax()) {
                // Those that have failed are closed, and nothing more is to come of them.
                downloads.values().removeIf(failed -> !failed.open());
            }
            if (downloads.size() >= settings.openFilesMax()) {
                return failed(index, ShipErrorCode.TOO_MANY_FILES, "too many files at a time");
            }
            file = new Download(
                    entries.get(index),
                    receiverFolder,
                    kind,
                    blockHash,
                    settings.fileBytesMax(),
                    direct,
                    octets,
                    earlyForce);
            downloads.put(index, file);
        }
        try {
            return step.run(file);
        } catch (ShipException e) {
            if (e.reason() == ShipErrorCode.MALFORMED) {
                throw e;
            }
            abandon(index, file, e.reason() == ShipErrorCode.VERIFY_FAILED);
            return failed(index, e.reason(), e.text());
        } catch (IOException e) {
            abandon(index, file, false);
            return failed(index, cause(e), FileErrors.say(e));
        }
    }

    private Frame.Failed failed(int index, ShipErrorCode cause, String text) {
        refused(index, cause, text);
        return new Frame.Failed(index, cause, text);
    }

    private void refused(int index, ShipErrorCode cause, String reason) {
        String name = Names.shown(entries.get(index).name());
        events.refused(cause, name + ": " + Names.shownReason(reason));
    }

    private void abandon(int index, Download file, boolean useless) throws ShipException {
        try {
            file.drop(useless);
        } catch (IOException e) {
            throw new ShipException(cause(e), "a part cannot be put aside: " + FileErrors.say(e));
        }
        if (useless) {
            downloads.remove(index);
        }
    }

    /** What an error of the disk means to a sender. */
    private static ShipErrorCode cause(IOException e) {
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return ShipErrorCode.BASE_CHANGED;
        }
        String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        boolean full = text.contains("no space left") || text.contains("quota") || text.contains("not enough space");
        return full ? ShipErrorCode.NO_SPACE : ShipErrorCode.IO_ERROR;
    }

    private Frame.@Nullable Answer patch(Frame.Patch patch) throws ShipException {
        Frame.Answer answer =
                onFile(patch.index(), file -> file.patch(patch, memory, settings.sync(), settings.delete()));
        Download file = downloads.get(patch.index());
        if (file != null && file.installed()) {
            downloads.remove(patch.index());
            whole.set(patch.index());
            touched.add(Names.parent(file.entry().name()));
            events.received(file.entry().name());
        }
        return answer;
    }

    private Frame.Answer drop(Frame.Drop drop) throws ShipException {
        Download file = downloads.remove(drop.index());
        if (file != null) {
            abandon(drop.index(), file, false);
        }
        return new Frame.Patched(drop.index(), 0);
    }

    /** Deletes what is not listed, gives folders their times, and forces them. */
    private Frame.@Nullable Answer close(Frame.Close close) throws ShipException {
        Frame.Closed before = closed;
        if (before != null) {
            return before;
        }
        if (!listComplete || close.entries() != entries.size()) {
            return null;
        }
        try {
            release();
            long deleted = 0;
            if (close.delete() && settings.delete()) {
                deleted = receiverFolder.deleteOthers(names, this::listedAs, folders, touched);
                Set<Path> kept = new HashSet<>();
                wanted.stream()
                        .filter(index -> !whole.get(index))
                        .forEach(index ->
                                kept.add(receiverFolder.part(entries.get(index).name())));
                receiverFolder.deleteParts(kept);
            }
            for (int i = entries.size() - 1; i >= 0; i--) {
                FolderEntry entry = entries.get(i);
                if (entry.folder() && folders.contains(entry.name())) {
                    settle(entry);
                }
            }
            if (settings.sync() && touched.contains("")) {
                receiverFolder.disk().forceFolder(receiverFolder.root());
            }
            Frame.Closed answer = new Frame.Closed(deleted);
            closed = answer;
            forgetList();
            return answer;
        } catch (IOException e) {
            throw new ShipException(cause(e), "the round cannot be ended: " + FileErrors.say(e));
        }
    }

    /** Of a round that has ended only the answer is still asked for, and lists may be long. */
    private void forgetList() {
        entries = List.of();
        names = Set.of();
        folded = Map.of();
        folders = Set.of();
        touched.clear();
    }

    /** How a name of this file system is listed if it is there in another case; null if it is not. */
    private @Nullable String listedAs(String name) {
        Integer index = folded.isEmpty() ? null : folded.get(Names.folded(name));
        return index == null ? null : entries.get(index).name();
    }

    private void settle(FolderEntry folder) throws IOException, ShipException {
        Path path = receiverFolder.path(folder.name());
        BasicFileAttributes there = ReceiverFolder.look(path);
        if (there == null || !there.isDirectory() || !receiverFolder.isConfined(folder.name())) {
            return;
        }
        if (settings.sync() && touched.contains(folder.name()) && Files.isReadable(path)) {
            receiverFolder.disk().forceFolder(path);
        }
        if (!FileTimeStamp.of(there.lastModifiedTime()).equals(folder.modified())) {
            ReceiverFolder.setModified(path, folder.modified());
        }
    }

    private void release() throws IOException {
        for (Download file : downloads.values()) {
            file.drop(false);
        }
        downloads.clear();
    }

    /** Ends the session; what has come of files that are not whole is kept as parts. */
    @Override
    public void close() throws IOException {
        release();
    }
}
