package io.bactrian.ship.core;

import io.bactrian.wire.FrameWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of one file from a sender: what the receiver has is proven or signed, then the difference is told. Each call
 * does a bounded piece of work. One thread.
 */
final class Upload implements AutoCloseable {
    /** Where it stands. */
    enum Stage {
        /** The receiver has it, as this sender knows by itself. */
        EQUAL,
        PROVE,
        SIGN,
        SEND,
        SENT
    }

    static final int ATTEMPTS_MAX = 3;

    /** From this size on it is worth a question whether the file only grew. */
    private static final long PROVE_MIN = 64 << 10;

    private static final long FIRST_PROOF_BYTES = 1 << 20;
    static final long PROOF_BYTES_MAX = 32 << 20;
    private static final long SIGN_BYTES_MAX = 64 << 20;
    private static final int SIGNED_BYTES_MAX = 256 << 10;
    private static final int COPY_BYTES = 256 << 10;

    private final Frame.Wanted wanted;
    private final FolderEntry entry;
    private final Path path;
    private final ShipSettings settings;
    private final FileHash.Kind hashKind;
    private final BlockHash blockHash;
    private final SenderMemory memory;
    private final int attempt;
    private final FileChannel in;
    private final long size;
    private final FileTimeStamp modified;
    private final long blocks;
    private final @Nullable Object key;
    private final SenderMemory.@Nullable Known known;

    private Stage stage = Stage.SEND;
    private FileHash hash;
    private int which;
    private long provenTo;
    private long proofStep = FIRST_PROOF_BYTES;
    private int onto = Frame.NEW;
    private long at;
    private long copyPrefix;
    private @Nullable BlockTable table;
    private boolean nothingToSend;
    private int signAsked;
    private @Nullable Delta delta;
    private @Nullable OwnBlocks own;

    /**
     * Opens a file.
     *
     * @param attempt from 0; later ones trust less
     * @throws IOException if it is gone, or cannot be read
     */
    Upload(
            Frame.Wanted wanted,
            FolderEntry entry,
            Path path,
            ShipSettings settings,
            BlockHash blockHash,
            SenderMemory memory,
            Disk disk,
            int attempt)
            throws IOException {
        this.wanted = wanted;
        this.entry = entry;
        this.path = path;
        this.settings = settings;
        this.blockHash = blockHash;
        this.memory = memory;
        this.attempt = attempt;
        hashKind = FileHash.Kind.named(settings.hash());
        hash = FileHash.of(hashKind);
        BasicFileAttributes attributes =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw new IOException("it is no longer a file");
        }
        in = disk.openForReading(path);
        size = attributes.size();
        modified = FileTimeStamp.of(attributes.lastModifiedTime());
        blocks = baseBlocks() + Math.min(Blocks.COUNT_MAX, Blocks.count(size, settings.blockBytesFor(size)));
        key = attributes.fileKey();
        SenderMemory.Known remembered = attempt == 0 ? memory.get(entry.name()) : null;
        known = remembered != null
                        && remembered.size() == wanted.baseBytes()
                        && remembered.modified().equals(wanted.baseModified())
                ? remembered
                : null;
        try {
            choose();
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    int index() {
        return wanted.index();
    }

    Frame.Wanted wanted() {
        return wanted;
    }

    FolderEntry entry() {
        return entry;
    }

    int attempt() {
        return attempt;
    }

    Stage stage() {
        return stage;
    }

    long size() {
        return size;
    }

    int onto() {
        return onto;
    }

    /** How many blocks its tables take or may take: of what is there, and of what it is to become. */
    long blocks() {
        return blocks;
    }

    private long baseBlocks() {
        return wanted.baseBytes() <= 0
                ? 0
                : Blocks.count(wanted.baseBytes(), settings.blockBytesFor(wanted.baseBytes()));
    }

    /** The cheapest way that what is known allows. */
    private void choose() throws IOException {
        if (wanted.partialBytes() > 0 && wanted.partialBytes() <= size && attempt == 0) {
            prove(Frame.PARTIAL);
        } else {
            chooseBase();
        }
    }

    private void chooseBase() throws IOException {
        long base = wanted.baseBytes();
        FileHash running = known == null ? null : known.running();
        boolean sameFile = known != null && Objects.equals(known.key(), key);
        if (running != null && sameFile && entry.append() && base <= size && wanted.provenBytes() == base) {
            hash = running.copy();
            goOnAt(Frame.BASE, base);
        } else if (known != null && known.size() == size && known.modified().equals(modified) && sameContent(known)) {
            stage = Stage.EQUAL;
        } else if (known != null && known.blocks() != null) {
            table = known.blocks();
            stage = Stage.SEND;
        } else if (base >= PROVE_MIN && base <= size && attempt == 0) {
            prove(Frame.BASE);
        } else {
            chooseSignature();
        }
    }

    private void prove(int what) {
        which = what;
        provenTo = 0;
        proofStep = FIRST_PROOF_BYTES;
        hash = FileHash.of(hashKind);
        stage = Stage.PROVE;
    }

    private void chooseSignature() {
        long base = wanted.baseBytes();
        boolean worth = base >= Blocks.BASE_MIN && at < size && baseBlocks() <= Blocks.COUNT_MAX;
        stage = worth ? Stage.SIGN : Stage.SEND;
        if (worth) {
            int block = settings.blockBytesFor(base);
            int strong = attempt == 0 ? Blocks.strongBytes(base, block) : BlockHash.BYTES_MAX;
            table = new BlockTable(new RollingCrc(block), blockHash, strong, base);
        }
    }

    private void goOnAt(int what, long from) {
        onto = what;
        at = from;
        stage = Stage.SEND;
    }

    private boolean sameContent(SenderMemory.Known former) throws IOException {
        FileHash whole = FileHash.of(hashKind);
        hash(whole, 0, size);
        return Arrays.equals(whole.digest(), former.digest());
    }

    private void hash(FileHash into, long from, long to) throws IOException {
        byte[] octets = new byte[(int) Math.max(1, Math.min(COPY_BYTES, to - from))];
        ByteBuffer buffer = ByteBuffer.wrap(octets);
        long place = from;
        while (place < to) {
            buffer.clear().limit((int) Math.min(octets.length, to - place));
            int read = in.read(buffer, place);
            if (read < 0) {
                throw new IOException("it became shorter while it was read");
            }
            into.update(octets, 0, read);
            place += read;
        }
    }

    /** The next question to the receiver; null if it is to be answered first, or there is none. */
    Frame.@Nullable Request ask() {
        if (stage == Stage.PROVE && proofStep > 0) {
            long all = which == Frame.PARTIAL ? wanted.partialBytes() : wanted.baseBytes();
            long upTo = Math.min(all, provenTo + proofStep);
            proofStep = -proofStep;
            return new Frame.Prove(index(), which, upTo);
        }
        BlockTable wantedTable = table;
        if (stage == Stage.SIGN && wantedTable != null && signAsked < wantedTable.count()) {
            int each = (int) Math.max(
                    1,
                    Math.min(
                            SIGN_BYTES_MAX / wantedTable.blockBytes(),
                            SIGNED_BYTES_MAX / (4 + wantedTable.strongBytes())));
            int count = Math.min(each, wantedTable.count() - signAsked);
            int first = signAsked;
            signAsked += count;
            return new Frame.Sign(index(), wantedTable.blockBytes(), wantedTable.strongBytes(), first, count);
        }
        return null;
    }

    /** Compares a proof with what is here, and goes on with the next piece or another way. */
    void proven(Frame.Proven proof) throws IOException {
        if (stage != Stage.PROVE || proof.which() != which || proof.upTo() <= provenTo || proof.upTo() > size) {
            return;
        }
        hash(hash, provenTo, proof.upTo());
        provenTo = proof.upTo();
        long all = which == Frame.PARTIAL ? wanted.partialBytes() : wanted.baseBytes();
        if (!Arrays.equals(hash.digest(), proof.digest())) {
            hash = FileHash.of(hashKind);
            if (which == Frame.PARTIAL) {
                chooseBase();
            } else {
                chooseSignature();
            }
        } else if (provenTo < all) {
            proofStep = Math.min(PROOF_BYTES_MAX, -proofStep * 2);
        } else if (which == Frame.PARTIAL) {
            onto = Frame.PARTIAL;
            at = all;
            chooseSignature();
        } else if (entry.append() || all == size) {
            goOnAt(Frame.BASE, all);
            nothingToSend = all == size;
        } else {
            copyPrefix = all;
            stage = Stage.SEND;
        }
    }

    /**
     * Takes in checks of blocks, in their order.
     *
     * @throws ShipException {@link ShipErrorCode#MALFORMED} if they are not those that were asked for
     */
    void signed(Frame.Signed checks) throws ShipException {
        BlockTable wantedTable = table;
        if (stage != Stage.SIGN || wantedTable == null || checks.first() != wantedTable.known()) {
            return;
        }
        int each = 4 + wantedTable.strongBytes();
        int count = checks.checks().length / each;
        if (count == 0 || count * each != checks.checks().length || count > signAsked - wantedTable.known()) {
            throw new ShipException(ShipErrorCode.MALFORMED, "the receiver signed other blocks than it was asked for");
        }
        byte[] octets = checks.checks();
        for (int i = 0; i < count; i++) {
            int place = i * each;
            int check = (octets[place] & 0xFF) << 24
                    | (octets[place + 1] & 0xFF) << 16
                    | (octets[place + 2] & 0xFF) << 8
                    | (octets[place + 3] & 0xFF);
            wantedTable.add(check, octets, place + 4);
        }
        if (wantedTable.complete()) {
            stage = Stage.SEND;
        }
    }

    /**
     * The next part of the file.
     *
     * @param ops is written anew, and holds the content of the part until the next call
     * @throws ShipException {@link ShipErrorCode#BASE_CHANGED} if it has changed since it was opened
     */
    Frame.Patch next(Ops ops, RoundCounters tally) throws IOException, ShipException {
        ops.clear();
        boolean last = nothingToSend || reading().fill(ops);
        Frame.Finish end = Frame.Finish.NONE;
        if (last) {
            checkUnchanged();
            end = new Frame.Finish(size, modified, hash.digest());
            stage = Stage.SENT;
        }
        tally.literalBytes += ops.literalBytes();
        tally.matchedBytes += ops.copiedBytes();
        tally.doneBytes += ops.made();
        FrameWriter raw = ops.done();
        Frame.Patch patch = new Frame.Patch(index(), attempt, onto, at, last, end, raw.array(), 0, raw.size());
        at += ops.made();
        return patch;
    }

    /**
     * The next part of the file as a whole frame, not compressed, which is cheaper.
     *
     * @param spare an array for it, which may be of another length than it needs
     * @return null if {@link #next} has to make it
     * @throws ShipException as there
     */
    byte @Nullable [] nextLiteral(long session, int request, RoundCounters tally, byte @Nullable [] spare)
            throws IOException, ShipException {
        if (nothingToSend || !reading().nextIsLiteral()) {
            return null;
        }
        byte[] frame = ShipFrames.literal(session, request, index(), attempt, onto, at, Delta.OPS_BYTES, spare);
        if (!reading().literal(frame)) {
            return null;
        }
        at += Delta.OPS_BYTES;
        tally.literalBytes += Delta.OPS_BYTES;
        tally.doneBytes += Delta.OPS_BYTES;
        return frame;
    }

    private Delta reading() throws IOException {
        Delta reading = delta;
        if (reading == null) {
            reading = begin();
            delta = reading;
        }
        return reading;
    }

    private Delta begin() throws IOException {
        if (at == 0 && copyPrefix == 0 && size >= PROVE_MIN) {
            int block = settings.blockBytesFor(size);
            long count = Blocks.count(size, block);
            // A signature that could not be remembered is not made.
            if (count <= Blocks.COUNT_MAX && memory.holds(BlockTable.memoryBytes((int) count, BlockHash.BYTES_MAX))) {
                own = new OwnBlocks(new BlockTable(new RollingCrc(block), blockHash, BlockHash.BYTES_MAX, size));
            }
        }
        return new Delta(in, at, copyPrefix, size, hash, table, own);
    }

    private void checkUnchanged() throws IOException, ShipException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        boolean same = now.size() == size
                && FileTimeStamp.of(now.lastModifiedTime()).equals(modified)
                && Objects.equals(now.fileKey(), key);
        boolean grewAsSaid = now.size() >= size
                && Objects.equals(now.fileKey(), key)
                && (entry.append() || attempt + 1 == ATTEMPTS_MAX);
        if (!same && !grewAsSaid) {
            throw new ShipException(ShipErrorCode.BASE_CHANGED, "it changed while it was read");
        }
    }

    /**
     * What is to be remembered once the receiver has it all.
     *
     * @param youngFrom files of this time or a later one may change without another time
     */
    SenderMemory.Known remember(Instant youngFrom) {
        OwnBlocks blocks = own;
        boolean whole = blocks != null && blocks.table().complete();
        BlockTable signature = whole ? Objects.requireNonNull(blocks).table() : null;
        return new SenderMemory.Known(
                size,
                modified,
                key,
                hash.digest(),
                signature,
                entry.append() ? hash.copy() : null,
                modified.notBefore(youngFrom));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
