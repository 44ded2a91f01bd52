package io.bactrian.backup.routes;

import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFiles;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.backup.core.BackupSettings;
import io.bactrian.backup.core.Manifest;
import io.bactrian.journal.log.JournalCapture;
import io.bactrian.support.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backups of a folder, and which of its files they need. One thread. */
final class BackupCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(BackupCatalog.class);

    private record CatalogEntry(String id, List<String> files) {}

    /** The names of what backups put into their folder; whatever else is there is somebody else's. */
    private static final Pattern OURS = Pattern.compile(
            "(\\d{8}T\\d{6}\\.\\d{3}Z\\.(manifest(\\.done)?|\\w+\\.jsonl\\.gz)|\\d{19}\\.segment)(\\.aside)?"
                    + "|\\.?restores\\.aside");

    private final Path folder;
    private final BackupSettings settings;
    private final ArrayDeque<CatalogEntry> entries = new ArrayDeque<>();
    private final Map<String, Integer> users = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();
    private @Nullable Manifest newest;
    private long newestMs;

    private BackupCatalog(Path folder, BackupSettings settings) {
        this.folder = folder;
        this.settings = settings;
    }

    /** Reads all manifests of a folder; what a run that was cut has left is deleted. */
    static BackupCatalog read(Path folder, BackupSettings settings) throws IOException {
        BackupCatalog kept = new BackupCatalog(folder, settings);
        BackupFolder there = BackupFolder.of(folder);
        List<String> ids = there.ids();
        for (String id : ids) {
            kept.newestMs = Manifest.timeOf(id);
            try {
                kept.add(there.read(id));
            } catch (BackupFolder.DamagedManifestException e) {
                if (e.getCause() instanceof IOException) {
                    // It may be read again one day: nothing of it may be deleted.
                    throw new BackupException(String.valueOf(e.getMessage()));
                }
                LOG.warn("{}", e.getMessage());
                kept.entries.add(new CatalogEntry(id, List.of()));
            }
        }
        Set<String> finished = new HashSet<>(ids);
        for (Path file : BackupFiles.list(folder)) {
            String name = String.valueOf(file.getFileName());
            int at = name.indexOf(Manifest.SUFFIX);
            if (at > 0 && isOurs(file) && !finished.contains(name.substring(0, at))) {
                Files.delete(file);
            }
        }
        kept.deleteUnused();
        return kept;
    }

    /** Whether a file has a name that backups give. */
    static boolean isOurs(Path file) {
        return OURS.matcher(String.valueOf(file.getFileName())).matches();
    }

    /** The newest that can be read, null if there is none. */
    @Nullable Manifest newest() {
        return newest;
    }

    /** When the newest was made, readable or not; 0 if there is none. */
    long newestMs() {
        return newestMs;
    }

    int size() {
        return entries.size();
    }

    void add(Manifest manifest) {
        List<String> files = new ArrayList<>();
        for (String file : manifest.files()) {
            String name = names.computeIfAbsent(file, key -> key);
            files.add(name);
            users.merge(name, 1, Integer::sum);
        }
        entries.add(new CatalogEntry(manifest.id(), files));
        newest = manifest;
        newestMs = manifest.atMs();
    }

    /** Deletes the backups that are too many or too old, and then what none needs any more. */
    void retire(long nowMs) throws IOException {
        Set<String> unused = new HashSet<>();
        while (entries.size() > 1 && (entries.size() > settings.keepCount() || tooOld(entries.element(), nowMs))) {
            CatalogEntry gone = entries.remove();
            // First what makes it count: whoever looks finds it whole or not at all.
            Files.deleteIfExists(folder.resolve(gone.id() + Manifest.SUFFIX + Manifest.DONE));
            Files.deleteIfExists(folder.resolve(gone.id() + Manifest.SUFFIX));
            for (String file : gone.files()) {
                if (users.merge(file, -1, Integer::sum) == 0) {
                    users.remove(file);
                    names.remove(file);
                    unused.add(file);
                }
            }
        }
        if (!unused.isEmpty()) {
            DurableFiles.forceFolder(folder);
            for (String file : unused) {
                Files.deleteIfExists(folder.resolve(file));
            }
        }
    }

    private boolean tooOld(CatalogEntry entry, long nowMs) {
        return Manifest.timeOf(entry.id()) < nowMs - settings.keepAge().toMillis();
    }

    /** What no backup needs: left by a run that was cut. Segments that the log still has are of use to the next. */
    private void deleteUnused() throws IOException {
        Manifest last = newest;
        if (last != null) {
            String oldest = JournalCapture.fileOf(last.first());
            for (Path log : BackupFiles.list(folder.resolve("log"))) {
                for (Path file : BackupFiles.list(log)) {
                    String name = String.valueOf(file.getFileName());
                    boolean used = users.containsKey("log/" + log.getFileName() + "/" + name);
                    if (!used && isOurs(file) && name.compareTo(oldest) < 0) {
                        Files.delete(file);
                    }
                }
            }
        }
        for (Path file : BackupFiles.list(folder.resolve(StateCopies.FOLDER))) {
            if (isOurs(file) && !users.containsKey(StateCopies.FOLDER + "/" + file.getFileName())) {
                Files.delete(file);
            }
        }
    }
}
