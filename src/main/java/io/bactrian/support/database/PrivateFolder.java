package io.bactrian.support.database;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders with what only the user of the process may read: messages, heartbeats, keys. Who can read the folder of an H2 file
 * that processes share can also open that file. Any thread.
 */
public final class PrivateFolder {
    private static final Logger LOG = LoggerFactory.getLogger(PrivateFolder.class);
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<Path> TOLD = ConcurrentHashMap.newKeySet();

    private PrivateFolder() {}

    /**
     * Creates a folder, and those above it that are missing, closed to other users. One that is there stays as it is, because somebody may
     * share it on purpose. If other users can read it, the log says so once.
     *
     * @throws IOException if it cannot be created
     */
    public static void create(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath();
        if (!Files.isDirectory(absolute)) {
            Files.createDirectories(absolute, onlyTheOwner());
        } else if (POSIX && isOpen(absolute.toRealPath()) && TOLD.add(absolute)) {
            LOG.warn(
                    "other users of this machine can read the data; close the folder to them: chmod o-rwx {}",
                    absolute);
        }
    }

    private static FileAttribute<?>[] onlyTheOwner() {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    /** Whether others can enter a folder and all those above it. */
    private static boolean isOpen(Path folder) throws IOException {
        for (Path each = folder; each != null; each = each.getParent()) {
            if (!Files.getPosixFilePermissions(each).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return true;
    }
}
