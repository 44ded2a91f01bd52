package io.bactrian.ship.core;

import io.bactrian.wire.FrameReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way into a receiver: proofs and signatures of what is there, and the part that grows beside it. One
 * thread. Nothing of it is seen under the file's name before the hash of the whole has matched; only a file that grows
 * by its end is written in its place.
 */
final class Download implements AutoCloseable {
    static final int COPY_BYTES = 256 << 10;
    private static final long SIGN_BYTES_MAX = 64 << 20;
    private static final int SIGNED_BYTES_MAX = 512 << 10;
    private static final byte[] ZEROS = new byte[COPY_BYTES];

    /** So much that was written is given to the disk while more comes. */
    private static final long EARLY_FORCE_BYTES = 32 << 20;

    private final FolderEntry entry;
    private final ReceiverFolder receiverFolder;
    private final FileHash.Kind kind;
    private final BlockHash blockHash;
    private final long fileBytesMax;
    private final byte[] octets;
    private final EarlyForce earlyForce;
    private final ByteBuffer direct;

    private @Nullable FileChannel base;
    private long baseBytes;
    private FileTimeStamp baseModified = new FileTimeStamp(0, 0);
    private @Nullable RollingCrc rolling;
    private int proving;
    private long provenTo;
    private byte[] lastProof = new byte[0];
    private @Nullable FileHash proof;
    private @Nullable FileChannel out;
    private int onto;
    private @Nullable FileHash hash;
    private long have;
    private int attempt = -1;
    private boolean installed;
    private long forcedTo;
    private EarlyForce.Forcing forcing = EarlyForce.Forcing.ENDED;

    /** After that what is read of the file may not be what is on the disk, and no later force would tell. */
    private boolean forceFailed;

    /**
     * Nothing is opened yet.
     *
     * @param direct {@link #COPY_BYTES} outside of the heap to work with, shared by all downloads of a thread
     * @param octets as much on the heap
     */
    Download(
            FolderEntry entry,
            ReceiverFolder receiverFolder,
            FileHash.Kind kind,
            BlockHash blockHash,
            long fileBytesMax,
            ByteBuffer direct,
            byte[] octets,
            EarlyForce earlyForce) {
        this.entry = entry;
        this.receiverFolder = receiverFolder;
        this.kind = kind;
        this.blockHash = blockHash;
        this.fileBytesMax = fileBytesMax;
        this.octets = octets;
        this.earlyForce = earlyForce;
        this.direct = direct;
    }

    boolean installed() {
        return installed;
    }

    FolderEntry entry() {
        return entry;
    }

    /** Whether it holds files open. */
    boolean open() {
        return out != null || base != null;
    }

    /** Opens what is there by this name, if it is a regular file, and notes what it is. */
    private FileChannel base() throws IOException, ShipException {
        FileChannel opened = base;
        if (opened == null) {
            Path path = receiverFolder.confined(entry.name());
            BasicFileAttributes there = ReceiverFolder.look(path);
            if (there == null || !there.isRegularFile()) {
                throw new ShipException(ShipErrorCode.BASE_CHANGED, "the file is no longer there");
            }
            opened = receiverFolder.openBase(path);
            base = opened;
            baseBytes = there.size();
            baseModified = FileTimeStamp.of(there.lastModifiedTime());
        }
        return opened;
    }

    /** The hash of the first octets of what is there; each proof goes on where the last one ended. */
    Frame.Answer prove(int index, Frame.Prove ask) throws IOException, ShipException {
        if (ask.which() != proving) {
            proving = ask.which();
            provenTo = 0;
            proof = FileHash.of(kind);
        }
        FileHash running = proof;
        if (running == null || ask.upTo() < provenTo || ask.upTo() - provenTo > Upload.PROOF_BYTES_MAX) {
            throw new ShipException(
                    ShipErrorCode.MALFORMED, "a proof goes on where the last one ended, and not too far");
        }
        if (ask.upTo() > provenTo) {
            FileChannel file = ask.which() == Frame.BASE ? base() : part();
            hash(file, running, provenTo, ask.upTo());
            provenTo = ask.upTo();
            lastProof = running.digest();
        }
        return new Frame.Proven(index, ask.which(), provenTo, lastProof);
    }

    private FileChannel part() throws IOException {
        FileChannel opened = out;
        if (opened == null) {
            opened = receiverFolder.disk().openForWriting(receiverFolder.part(entry.name()));
            out = opened;
            onto = Frame.PARTIAL;
        }
        return opened;
    }

    private void hash(FileChannel file, FileHash into, long from, long to) throws IOException, ShipException {
        long place = from;
        while (place < to) {
            int length = (int) Math.min(COPY_BYTES, to - place);
            read(file, place, length);
            into.update(octets, 0, length);
            place += length;
        }
    }

    private void read(FileChannel file, long from, int length) throws IOException, ShipException {
        direct.clear().limit(length);
        while (direct.hasRemaining()) {
            if (file.read(direct, from + direct.position()) < 0) {
                throw new ShipException(ShipErrorCode.BASE_CHANGED, "the file that is there is shorter than it was");
            }
        }
        direct.flip().get(octets, 0, length).flip();
    }

    /** The checks of blocks of what is there. */
    Frame.Answer sign(int index, Frame.Sign ask) throws IOException, ShipException {
        int block = ask.blockBytes();
        int each = 4 + ask.strongBytes();
        FileChannel file = base();
        boolean fits = Integer.bitCount(block) == 1
                && block >= Blocks.BYTES_MIN
                && ask.strongBytes() >= 2
                && ask.strongBytes() <= BlockHash.BYTES_MAX
                && ask.count() > 0
                && (long) ask.count() * block <= SIGN_BYTES_MAX
                && (long) ask.count() * each <= SIGNED_BYTES_MAX
                && (long) ask.first() + ask.count() <= Blocks.count(baseBytes, block);
        if (!fits) {
            throw new ShipException(ShipErrorCode.MALFORMED, "no such blocks can be signed");
        }
        RollingCrc crc = rolling;
        if (crc == null || crc.blockBytes() != block) {
            crc = new RollingCrc(block);
            rolling = crc;
        }
        byte[] checks = new byte[ask.count() * each];
        byte[] blocks = new byte[Math.max(block, COPY_BYTES)];
        ByteBuffer buffer = ByteBuffer.wrap(blocks);
        int number = 0;
        while (number < ask.count()) {
            long from = (long) (ask.first() + number) * block;
            int length =
                    (int) Math.min(Math.min(blocks.length, (long) (ask.count() - number) * block), baseBytes - from);
            buffer.clear().limit(length);
            while (buffer.hasRemaining()) {
                if (file.read(buffer, from + buffer.position()) < 0) {
                    throw new ShipException(
                            ShipErrorCode.BASE_CHANGED, "the file that is there is shorter than it was");
                }
            }
            for (int at = 0; at < length; at += block) {
                int size = Math.min(block, length - at);
                int check = crc.of(blocks, at, size);
                int place = number * each;
                checks[place] = (byte) (check >>> 24);
                checks[place + 1] = (byte) (check >>> 16);
                checks[place + 2] = (byte) (check >>> 8);
                checks[place + 3] = (byte) check;
                blockHash.write(blocks, at, size, checks, place + 4, ask.strongBytes());
                number++;
            }
        }
        return new Frame.Signed(index, ask.first(), checks);
    }

    /**
     * Takes in a part of the file.
     *
     * @return the answer, or null if an earlier part is missing: the sender sends both again
     */
    Frame.@Nullable Answer patch(Frame.Patch patch, ReceiverMemory memory, boolean sync, boolean clear)
            throws IOException, ShipException {
        if (installed) {
            return new Frame.Done(patch.index());
        }
        if (patch.attempt() < attempt) {
            return null;
        }
        if ((hash == null || patch.attempt() > attempt) && !begin(patch, memory)) {
            return null;
        }
        if (patch.at() < have) {
            return new Frame.Patched(patch.index(), have);
        }
        if (patch.at() > have || patch.onto() != onto) {
            return null;
        }
        apply(patch);
        if (sync) {
            forceEarly();
        }
        if (!patch.finish()) {
            return new Frame.Patched(patch.index(), have);
        }
        finish(patch.end(), memory, sync, clear);
        return new Frame.Done(patch.index());
    }

    /** Lets the disk work while more comes; one at a time. */
    private void forceEarly() throws IOException {
        if (have - forcedTo >= EARLY_FORCE_BYTES && forcing.ended()) {
            awaitForced();
            forcing = earlyForce.begin(Objects.requireNonNull(out));
            forcedTo = have;
        }
    }

    /** What was begun has ended well; if not, the reason is of no use to anybody by now. */
    private boolean isForced() {
        try {
            awaitForced();
        } catch (IOException e) {
            return false;
        }
        return true;
    }

    private void awaitForced() throws IOException {
        EarlyForce.Forcing before = forcing;
        forcing = EarlyForce.Forcing.ENDED;
        forceFailed = true;
        before.await();
        forceFailed = false;
    }

    /** Makes ready for the first part; false if this is not the first. */
    private boolean begin(Frame.Patch patch, ReceiverMemory memory) throws IOException, ShipException {
        if (patch.onto() == Frame.NEW) {
            if (patch.at() != 0) {
                return false;
            }
            if (onto == Frame.BASE) {
                close(out);
                out = null;
            }
            FileChannel part = part();
            onto = Frame.NEW;
            part.truncate(0);
            hash = FileHash.of(kind);
        } else if (patch.onto() == Frame.PARTIAL) {
            FileChannel part = part();
            if (proving != Frame.PARTIAL || provenTo != patch.at()) {
                return false;
            }
            onto = Frame.PARTIAL;
            part.truncate(patch.at());
            hash = Objects.requireNonNull(proof).copy();
        } else {
            base();
            if (patch.at() != baseBytes) {
                throw new ShipException(
                        ShipErrorCode.BASE_CHANGED, "the file that is there has another size than it had");
            }
            FileHash running = proving == Frame.BASE && provenTo == baseBytes
                    ? proof
                    : memory.running(receiverFolder.path(entry.name()), baseBytes, baseModified, kind);
            if (running == null) {
                throw new ShipException(ShipErrorCode.BASE_CHANGED, "what is there is not proven");
            }
            close(out);
            out = receiverFolder.disk().openForWriting(receiverFolder.confined(entry.name()));
            onto = Frame.BASE;
            hash = running.copy();
        }
        have = patch.at();
        forcedTo = have;
        attempt = patch.attempt();
        return true;
    }

    private void apply(Frame.Patch patch) throws IOException, ShipException {
        byte[] raw = patch.raw();
        FrameReader<ShipException> in =
                new FrameReader<>(raw, patch.from(), patch.from() + patch.length(), ShipException::malformed);
        long copyEnd = 0;
        while (in.remaining() > 0) {
            long op = in.num();
            long length = op >>> 2;
            if (length == 0 || length > fileBytesMax - have) {
                throw new ShipException(ShipErrorCode.TOO_LARGE, "the file is larger than " + fileBytesMax + " octets");
            }
            switch ((int) (op & 3)) {
                case Ops.LITERAL -> {
                    int size = (int) Math.min(length, Integer.MAX_VALUE);
                    write(raw, in.skip(size), size);
                }
                case Ops.COPY -> {
                    long from = copyEnd + in.signed();
                    copy(from, length);
                    copyEnd = from + length;
                }
                case Ops.ZEROS -> {
                    running().zeros(length);
                    have += length;
                }
                default -> throw new ShipException(ShipErrorCode.MALFORMED, "no such operation");
            }
        }
    }

    private FileHash running() {
        return Objects.requireNonNull(hash);
    }

    private void write(byte[] from, int at, int length) throws IOException {
        for (int done = 0; done < length; done += COPY_BYTES) {
            int size = Math.min(COPY_BYTES, length - done);
            // First what brings it into this processor's cache at the least cost.
            direct.clear().put(from, at + done, size).flip();
            running().update(from, at + done, size);
            receiverFolder.disk().write(Objects.requireNonNull(out), direct, have);
            have += size;
        }
    }

    private void copy(long from, long length) throws IOException, ShipException {
        FileChannel file = base();
        if (onto == Frame.BASE || from < 0 || length > baseBytes - from || length > Upload.PROOF_BYTES_MAX) {
            throw new ShipException(ShipErrorCode.MALFORMED, "a copy from outside of the file that is there");
        }
        long place = from;
        while (place < from + length) {
            int size = (int) Math.min(COPY_BYTES, from + length - place);
            read(file, place, size);
            // What was a hole stays one.
            if (Arrays.equals(octets, 0, size, ZEROS, 0, size)) {
                running().zeros(size);
                have += size;
            } else {
                // From where it was read to, which spares a copy.
                running().update(octets, 0, size);
                receiverFolder.disk().write(Objects.requireNonNull(out), direct, have);
                have += size;
            }
            place += size;
        }
    }

    private void finish(Frame.Finish end, ReceiverMemory memory, boolean sync, boolean clear)
            throws IOException, ShipException {
        FileChannel file = Objects.requireNonNull(out);
        if (have != end.size() || !Arrays.equals(running().digest(), end.digest())) {
            if (onto == Frame.BASE) {
                file.truncate(baseBytes);
            }
            throw new ShipException(ShipErrorCode.VERIFY_FAILED, "the whole has another hash than it should have");
        }
        if (file.size() < have) {
            // It ends in a hole: one octet at the end gives it its size.
            receiverFolder.disk().write(file, ByteBuffer.wrap(new byte[1]), have - 1);
        } else if (file.size() > have) {
            file.truncate(have);
        }
        Path path = receiverFolder.confined(entry.name());
        ReceiverFolder.setModified(onto == Frame.BASE ? path : receiverFolder.part(entry.name()), end.modified());
        awaitForced();
        if (sync) {
            forceFailed = true;
            receiverFolder.disk().force(file);
            forceFailed = false;
        }
        close(file);
        out = null;
        if (onto != Frame.BASE) {
            receiverFolder.install(entry.name(), clear);
        }
        if (entry.append()) {
            memory.put(
                    path,
                    new ReceiverMemory.Known(
                            end.size(), end.modified(), kind, running().copy()));
        }
        installed = true;
        hash = null;
        proof = null;
        close();
    }

    /** Forgets what was received; the part stays, to be proven and gone on with, unless it is of no use. */
    void drop(boolean useless) throws IOException {
        boolean lost = forceFailed || !isForced();
        forceFailed = false;
        FileChannel written = out;
        if (onto == Frame.BASE && written != null) {
            written.truncate(baseBytes);
            onto = Frame.NEW;
        }
        close();
        hash = null;
        proof = null;
        proving = 0;
        have = 0;
        if (useless || lost) {
            receiverFolder.disk().delete(receiverFolder.part(entry.name()));
        }
    }

    private static void close(@Nullable FileChannel channel) throws IOException {
        if (channel != null) {
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        FileChannel written = out;
        FileChannel read = base;
        out = null;
        base = null;
        try {
            close(written);
        } finally {
            close(read);
        }
    }
}
