package io.bactrian.ship.core;

import io.bactrian.support.file.ProcessLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a receiver. Nothing leaves it: names are checked, every folder on the way is a real one and no link, and
 * only regular files are opened. Parts of files lie in {@link Names#PRIVATE} until they are whole. One thread.
 */
final class ReceiverFolder implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final String SESSION = "session";

    private static final int NAME_BYTES = 16;
    private static final String ENDING = ".part";

    private final Path root;
    private final Path own;
    private final Disk disk;
    private final Closeable lock;
    private final @Nullable Object lockKey;
    private final boolean caseless;

    private ReceiverFolder(Path root, Path own, Disk disk, Closeable lock, @Nullable Object lockKey, boolean caseless) {
        this.lockKey = lockKey;
        this.root = root;
        this.own = own;
        this.disk = disk;
        this.lock = lock;
        this.caseless = caseless;
    }

    /**
     * Opens a folder, and makes it if it is not there.
     *
     * @throws ShipException {@link ShipErrorCode#BUSY} if another process has it
     */
    static ReceiverFolder open(Path folder, Disk disk) throws IOException, ShipException {
        Files.createDirectories(folder);
        Path root = folder.toRealPath();
        Path own = root.resolve(Names.PRIVATE);
        if (!Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(own);
        }
        Closeable lock;
        try {
            lock = disk.lock(own.resolve(LOCK));
        } catch (ProcessLock.LockedException e) {
            throw new ShipException(
                    ShipErrorCode.BUSY,
                    e.isByThisProcess()
                            ? "another receiver of this process has this folder"
                            : "another process receives into this folder");
        }
        boolean caseless = Files.exists(own.resolve("LOCK"), LinkOption.NOFOLLOW_LINKS);
        return new ReceiverFolder(root, own, disk, lock, lockKey(own), caseless);
    }

    /** Whether a folder is the private one of a receiver, which has a lock in it: not one that only has its name. */
    static boolean isPrivate(Path folder) {
        return Names.octets(folder).equals(Names.PRIVATE)
                && Files.isRegularFile(folder.resolve(LOCK), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Notes who ships into this folder, so that a sender on the same machine can see whether this folder lies in the one that it
     * ships. A mark that cannot be written is only not seen.
     *
     * @return whether it was written
     */
    boolean mark(long session) {
        try {
            Files.writeString(own.resolve(SESSION), HexFormat.of().toHexDigits(session));
            return true;
        } catch (IOException e) {
            // A disk that takes no more is told by the first file.
            return false;
        }
    }

    /** Whether a receiver has noted for a folder that this session ships into it. */
    static boolean isMarked(Path folder, long session) {
        Path mark = folder.resolve(Names.PRIVATE).resolve(SESSION);
        try {
            return Files.isRegularFile(mark, LinkOption.NOFOLLOW_LINKS)
                    && Files.size(mark) == Long.BYTES * 2
                    && Files.readString(mark, StandardCharsets.ISO_8859_1)
                            .equals(HexFormat.of().toHexDigits(session));
        } catch (IOException e) {
            // Gone or closed to us: then it is not the mark that the receiver has just made for us to read.
            return false;
        }
    }

    /** What the file system knows the lock by; null if it does not tell, or there is none. */
    private static @Nullable Object lockKey(Path own) throws IOException {
        BasicFileAttributes lock = look(own.resolve("lock"));
        return lock == null ? null : lock.fileKey();
    }

    /** Whether the folder is still the one that was opened: somebody may have deleted it, or mounted another there. */
    boolean isThere() throws IOException {
        return look(own.resolve("lock")) != null && Objects.equals(lockKey(own), lockKey);
    }

    Path root() {
        return root;
    }

    /** Whether names that differ only in case are one file here. */
    boolean caseless() {
        return caseless;
    }

    Disk disk() {
        return disk;
    }

    Path path(String name) throws ShipException {
        return name.isEmpty() ? root : Names.below(root, name);
    }

    /** Whether every folder on the way to a name is one at this moment: a link may have come since it was listed. */
    boolean isConfined(String name) throws IOException, ShipException {
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
            BasicFileAttributes above = look(path(name.substring(0, slash)));
            if (above == null || !above.isDirectory()) {
                return false;
            }
        }
        return true;
    }

    /**
     * The path of a name.
     *
     * @throws ShipException {@link ShipErrorCode#IN_THE_WAY} if it is not {@link #isConfined}
     */
    Path confined(String name) throws IOException, ShipException {
        if (!isConfined(name)) {
            throw new ShipException(ShipErrorCode.IN_THE_WAY, "its folder is no longer a folder");
        }
        return path(name);
    }

    /** What is there by a name, without following a link; null if nothing is. */
    static @Nullable BasicFileAttributes look(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Where the part of a file is kept: a name that does not depend on what the file's name is. */
    Path part(String name) {
        FileHash hash = FileHash.of(FileHash.Kind.SHA256);
        byte[] octets = name.getBytes(StandardCharsets.ISO_8859_1);
        hash.update(octets, 0, octets.length);
        return own.resolve(HexFormat.of().formatHex(hash.digest(), 0, NAME_BYTES) + ENDING);
    }

    /** How much there is of a part; 0 if nothing. */
    long partBytes(String name) throws IOException {
        BasicFileAttributes part = look(part(name));
        return part != null && part.isRegularFile() ? part.size() : 0;
    }

    /**
     * Makes a folder, if its parent is one.
     *
     * @param clear whether what is in the way may be deleted
     * @throws ShipException {@link ShipErrorCode#IN_THE_WAY} if something is and may not
     */
    void makeFolder(String name, boolean clear) throws IOException, ShipException {
        Path path = confined(name);
        BasicFileAttributes there = look(path);
        if (there != null && there.isDirectory()) {
            return;
        }
        if (there != null) {
            if (!clear) {
                throw new ShipException(ShipErrorCode.IN_THE_WAY, "there is a file where a folder is to be");
            }
            disk.delete(path);
        }
        Files.createDirectory(path);
    }

    /** Opens what is received for reading. */
    FileChannel openBase(Path path) throws IOException {
        return disk.openForReading(path);
    }

    /**
     * Puts a whole part in its place.
     *
     * @param clear whether a folder that is in the way may be deleted with all that is in it
     */
    void install(String name, boolean clear) throws IOException, ShipException {
        Path path = confined(name);
        BasicFileAttributes there = look(path);
        if (there != null && there.isDirectory()) {
            if (!clear) {
                throw new ShipException(ShipErrorCode.IN_THE_WAY, "there is a folder where a file is to be");
            }
            deleteTree(path);
        }
        disk.rename(part(name), path);
    }

    static void setModified(Path path, FileTimeStamp modified) throws IOException {
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(modified.toFileTime(), null, null);
    }

    /** Deletes a folder and all below it; links are deleted, not followed. Returns how many files and folders. */
    long deleteTree(Path folder) throws IOException {
        long[] count = new long[1];
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                disk.delete(file);
                count[0]++;
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                disk.delete(dir);
                count[0]++;
                return FileVisitResult.CONTINUE;
            }
        });
        return count[0];
    }

    /** How a name is listed that the file system knows in another case; null if it is not listed. */
    interface OtherCase {
        @Nullable String listedAs(String name);
    }

    /**
     * Deletes what is not listed.
     *
     * @param listed names that stay
     * @param otherCase finds names that stay too, and are given the case in which they are listed
     * @param folders those of them that are folders; a file that is listed is not looked at again
     * @param touched takes the folders in which something was deleted
     * @return how many files and folders were deleted
     */
    long deleteOthers(Set<String> listed, OtherCase otherCase, Set<String> folders, Set<String> touched)
            throws IOException, ShipException {
        return new Others(listed, otherCase, folders, touched).deleteIn(root, "");
    }

    private final class Others {
        private final Set<String> listed;
        private final OtherCase otherCase;
        private final Set<String> folders;
        private final Set<String> touched;

        Others(Set<String> listed, OtherCase otherCase, Set<String> folders, Set<String> touched) {
            this.listed = listed;
            this.otherCase = otherCase;
            this.folders = folders;
            this.touched = touched;
        }

        long deleteIn(Path folder, String prefix) throws IOException, ShipException {
            long count = 0;
            try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
                for (Path child : children) {
                    String name = prefix + Names.octets(child);
                    if (!name.equals(Names.PRIVATE) && !isPrivate(child)) {
                        count += delete(child, name, prefix);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
            return count;
        }

        private long delete(Path child, String name, String prefix) throws IOException, ShipException {
            String known = listed.contains(name) ? name : otherCase.listedAs(name);
            if (known != null && !known.equals(name) && Files.isSameFile(child, path(known))) {
                disk.rename(child, path(known));
                touch(prefix);
            }
            if (known != null && !folders.contains(known)) {
                return 0;
            }
            boolean isFolder = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
            if (known != null) {
                return isFolder ? deleteIn(path(known), known + '/') : 0;
            }
            touch(prefix);
            return isFolder ? deleteTree(child) : disk.delete(child) ? 1 : 0;
        }

        private void touch(String prefix) {
            touched.add(prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1));
        }
    }

    /** Deletes the parts of files, but not those that are kept: nobody will ask for the others again. */
    void deleteParts(Set<Path> kept) throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(own, "*" + ENDING)) {
            for (Path part : parts) {
                if (!kept.contains(part)) {
                    disk.delete(part);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
