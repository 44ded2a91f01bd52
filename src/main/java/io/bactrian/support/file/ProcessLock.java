package io.bactrian.support.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A lock that one part of one process has until it closes it, or until the process ends, however it ends. Any thread. */
public final class ProcessLock implements Closeable {
    // On Unix a process loses a file's lock when it closes any handle of that file. So who has it in this process is
    // known before
    // the file is opened; the exception is for a second copy of this class, in another class loader.
    private static final Set<Path> HERE = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private ProcessLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock of a file, which is made if it is not there; the folder must be there.
     *
     * @throws LockedException if somebody has it
     */
    public static ProcessLock take(Path file) throws IOException {
        Path real = realPath(file);
        if (!HERE.add(real)) {
            throw new LockedException(file, true);
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    real, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            if (channel.tryLock() == null) {
                throw new LockedException(file, false);
            }
            return new ProcessLock(real, channel);
        } catch (OverlappingFileLockException e) {
            close(channel, real);
            throw new LockedException(file, true);
        } catch (IOException | RuntimeException e) {
            close(channel, real);
            throw e;
        }
    }

    private static void close(@Nullable FileChannel channel, Path real) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            HERE.remove(real);
        }
    }

    private static Path realPath(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        return folder == null ? absolute : folder.toRealPath().resolve(absolute.getFileName());
    }

    /** Lets it go; a second time does nothing. */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            close(channel, file);
        }
    }

    /** Somebody else has the lock. */
    public static final class LockedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final boolean byThisProcess;

        LockedException(Path file, boolean byThisProcess) {
            super("file=" + file + " is locked by " + (byThisProcess ? "this process" : "another process"));
            this.byThisProcess = byThisProcess;
        }

        /** Whether another part of this process has it. */
        public boolean isByThisProcess() {
            return byThisProcess;
        }
    }
}
