package io.bactrian.ship.core;

import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The content of a folder, sorted by name.
 *
 * @param entries files and sub-folders, each folder before what is in it
 * @param skipped how many links, devices and other things there are that are neither; they are not shipped
 * @param problems what could not be read, for people
 * @param complete false if something may be missing, so that nothing may be deleted for not being here
 */
record FolderScan(List<FolderEntry> entries, long skipped, List<String> problems, boolean complete) {
    private static final int PROBLEMS_MAX = 100;

    /**
     * The folder that a path leads to: it may be named by a link, only below it links are not followed.
     *
     * @throws ShipException {@link ShipErrorCode#IO_ERROR} if there is none
     */
    static Path real(Path folder) throws ShipException {
        try {
            return folder.toRealPath();
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private static ShipException unreadable(Path folder, IOException e) {
        return new ShipException(
                ShipErrorCode.IO_ERROR, "the folder " + folder + " cannot be read: " + FileErrors.say(e));
    }

    /**
     * Reads a folder and all below it.
     *
     * @param folder a real path
     * @param appendOnly says by name which files only ever grow
     * @param entriesMax more than that are an error
     * @throws ShipException {@link ShipErrorCode#IO_ERROR} or {@link ShipErrorCode#TOO_MANY_ENTRIES}
     */
    static FolderScan of(Path folder, Predicate<String> appendOnly, int entriesMax) throws ShipException {
        Visitor visitor = new Visitor(folder, appendOnly, entriesMax);
        try {
            Files.walkFileTree(folder, visitor);
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
        if (visitor.tooMany) {
            throw new ShipException(
                    ShipErrorCode.TOO_MANY_ENTRIES,
                    "the folder " + folder + " holds more than " + entriesMax + " entries");
        }
        visitor.entries.sort(null);
        return new FolderScan(visitor.entries, visitor.skipped, visitor.problems, visitor.complete);
    }

    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final Path folder;
        private final Predicate<String> appendOnly;
        private final int entriesMax;
        private final List<FolderEntry> entries = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private final Deque<String> above = new ArrayDeque<>();
        private long skipped;
        private boolean complete = true;
        private boolean tooMany;

        Visitor(Path folder, Predicate<String> appendOnly, int entriesMax) {
            this.folder = folder;
            this.appendOnly = appendOnly;
            this.entriesMax = entriesMax;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            if (dir.equals(folder)) {
                above.push("");
                return FileVisitResult.CONTINUE;
            }
            String name = nameOf(dir);
            if (ReceiverFolder.isPrivate(dir)) {
                // Parts of files that another receiver has here on their way to it: they are nobody else's.
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (!nameFits(name)) {
                complete = false;
                return FileVisitResult.SKIP_SUBTREE;
            }
            if (!nameIsFree(name)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            above.push(name + '/');
            return add(new FolderEntry(name, FolderEntry.FOLDER, 0, FileTimeStamp.of(attributes.lastModifiedTime())));
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws NotDirectoryException {
            if (file.equals(folder)) {
                // Not an empty folder: by that the receiver would delete all it has.
                throw new NotDirectoryException(file.toString());
            }
            if (!attributes.isRegularFile()) {
                skipped++;
                return FileVisitResult.CONTINUE;
            }
            String name = nameOf(file);
            if (!nameFits(name) || !nameIsFree(name)) {
                return FileVisitResult.CONTINUE;
            }
            int flags = appendOnly.test(name) ? FolderEntry.APPEND : 0;
            return add(
                    new FolderEntry(name, flags, attributes.size(), FileTimeStamp.of(attributes.lastModifiedTime())));
        }

        private String nameOf(Path path) {
            return above.getFirst() + Names.octets(path);
        }

        private boolean nameFits(String name) {
            boolean fits = name.length() <= Names.PATH_BYTES_MAX && above.size() <= Names.PARTS_MAX;
            if (!fits) {
                problem(Names.shown(name) + ": it is more than " + Names.PARTS_MAX + " folders deep, or has more than "
                        + Names.PATH_BYTES_MAX + " octets");
            }
            return fits;
        }

        /** A name that every receiver refuses keeps only itself from being shipped. */
        private boolean nameIsFree(String name) {
            try {
                Names.check(name);
                return true;
            } catch (ShipException e) {
                problem(e.text());
                return false;
            }
        }

        private FileVisitResult add(FolderEntry entry) {
            entries.add(entry);
            tooMany = entries.size() > entriesMax;
            return tooMany ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
        }

        /** Takes a file that vanishes while it is read as not there; one that cannot be read might be there. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(folder)) {
                throw e;
            }
            if (!(e instanceof NoSuchFileException)) {
                complete = false;
                problem(Names.shown(nameOf(file)) + ": " + e);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) {
            String name = above.pop();
            if (e != null && !(e instanceof NoSuchFileException)) {
                complete = false;
                problem(Names.shown(name) + ": " + e);
            }
            return FileVisitResult.CONTINUE;
        }

        private void problem(String text) {
            if (problems.size() < PROBLEMS_MAX) {
                problems.add(text);
            }
        }
    }
}
