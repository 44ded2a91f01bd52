package io.bactrian.backup.routes;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFiles;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.backup.core.Manifest;
import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalId;
import io.bactrian.journal.log.JournalImage;
import io.bactrian.pubsub.core.HubEvent;
import io.bactrian.pubsub.core.LogLife;
import io.bactrian.pubsub.routes.RestoreMark;
import io.bactrian.pubsub.store.HubStore;
import io.bactrian.pubsub.store.StateRows;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.PrivateFolder;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.text.FileErrors;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the log and the database of a hub from a backup. Everything is copied beside the target and checked there first; a
 * target that was not empty stays as it was until then. One thread.
 */
public final class HubRestore {
    /**
     * By how much the log epoch rises above all of which the backups tell: the hub may have begun some that no backup has
     * seen.
     */
    private static final int EPOCH_MARGIN = 16;

    /** Dead letters are numbered by the log epoch too, which leaves room for so many. */
    private static final int EPOCH_MAX = (1 << 14) + (1 << 18) - 1 - EPOCH_MARGIN;

    private static final int COPY_BYTES = 1 << 20;

    private final BackupFolder backups;
    private final List<BackupFolder> also;
    private final Path log;
    private final DatabaseSettings database;
    private final Clock clock;
    private final Consumer<String> notes;

    /**
     * A restore.
     *
     * @param log the folder of the hub's log
     * @param notes is told what a person should know and what does not end it
     */
    public HubRestore(BackupFolder backups, Path log, DatabaseSettings database, Clock clock, Consumer<String> notes) {
        this(backups, List.of(), log, database, clock, notes);
    }

    /**
     * A restore that takes what is damaged in its folder from others.
     *
     * @param also other folders of backups of the same log, such as shipped ones
     */
    public HubRestore(
            BackupFolder backups,
            List<BackupFolder> also,
            Path log,
            DatabaseSettings database,
            Clock clock,
            Consumer<String> notes) {
        this.backups = backups;
        this.also = List.copyOf(also);
        this.log = log;
        this.database = database;
        this.clock = clock;
        this.notes = notes;
    }

    /**
     * The outcome of a restore.
     *
     * @param id the backup
     * @param first the oldest position of the log
     * @param end the last position of the log
     * @param epoch the log epoch that begins after it, as clients are told
     */
    public record Restored(String id, long first, long end, int epoch) {}

    /** How many octets {@link #restore} tells its progress of. */
    public long work(String id) throws IOException {
        return 2 * backups.bytes(id);
    }

    /**
     * Restores a backup.
     *
     * @param force whether what is in the target is deleted
     * @param epochMin the least log epoch to begin; 0 to let the backups decide
     * @param progress is told now and then how many octets more were done
     * @throws BackupException if the backup is damaged, which names the file, or the target is not empty; the target is as
     *     it was
     * @throws io.bactrian.journal.log.JournalLockedException if a hub runs on the log
     * @throws io.bactrian.support.database.StoreException if the database cannot be used
     */
    public Restored restore(String id, boolean force, int epochMin, LongConsumer progress) throws IOException {
        Manifest manifest = manifest(id);
        boolean made = !Files.exists(log);
        PrivateFolder.create(log);
        Closeable lock = JournalImage.lock(log);
        try {
            return restore(manifest, force, epochMin, progress);
        } catch (BackupException e) {
            deleteIfMade(made);
            throw e;
        } finally {
            lock.close();
        }
    }

    private Restored restore(Manifest manifest, boolean force, int epochMin, LongConsumer progress) throws IOException {
        RestoreMark mark = RestoreMark.in(log);
        // Where there was nothing no hub may start on nothing either, should this be cut. One that was there may go on
        // until all is copied, unless another restore was cut.
        boolean marked = !JournalImage.isThere(log) && !mark.isSet();
        if (marked) {
            mark.set();
        }
        Path aside = log.resolve("restoring");
        boolean copied = false;
        try (HikariDataSource dataSource = Databases.open(database)) {
            HubStore store = HubStore.open(dataSource);
            checkEmpty(store, force);
            int epoch = epoch(manifest, epochMin);
            deleteAside(aside);
            List<StateRows> tables = copy(manifest, aside, progress);
            copied = true;
            noteRestore(manifest.id(), epoch);
            mark.set();
            JournalImage.delete(log);
            Files.deleteIfExists(log.resolve("hub.unsynced"));
            Files.deleteIfExists(log.resolve("hub.open"));
            Files.deleteIfExists(log.resolve("hub.rebuilt"));
            for (Manifest.SegmentCopy segment : manifest.segments()) {
                String name = segment.part().file();
                DurableFiles.move(aside.resolve(name), log.resolve(name));
            }
            JournalImage.finish(log, manifest.capture(log), epoch, clock.millis());
            DurableFiles.forceFolder(log);
            int life = store.restore(tables, epoch, event(manifest, epoch));
            mark.clear();
            return new Restored(manifest.id(), manifest.first(), manifest.end(), told(manifest, epoch, life));
        } finally {
            if (marked && !copied) {
                mark.clear();
            }
            deleteAside(aside);
        }
    }

    /** The epoch as clients are told. */
    private int told(Manifest manifest, int epoch, int life) {
        long identity = Long.parseUnsignedLong(manifest.capture(log).id(), 16);
        return epoch + Math.max(life, LogLife.of(identity, JournalId.madeMs(identity)));
    }

    private Manifest manifest(String id) throws IOException {
        try {
            return backups.read(id);
        } catch (BackupFolder.DamagedManifestException e) {
            throw new BackupException("damaged " + e.getMessage(), e);
        }
    }

    private void checkEmpty(HubStore store, boolean force) {
        if (force) {
            return;
        }
        // What a restore that was cut has left is nobody's.
        if (JournalImage.isThere(log) && !RestoreMark.in(log).isSet()) {
            throw new BackupException(
                    "there is a log in " + log + "; with --force it is deleted, and the database emptied");
        }
        if (!store.isEmpty()) {
            throw new BackupException("the database " + database.shown()
                    + " is not empty; with --force it is emptied, and the log in " + log + " deleted");
        }
    }

    private int epoch(Manifest manifest, int epochMin) throws IOException {
        int known = Math.max(Math.max(manifest.epoch(), backups.epochMax()), JournalImage.epoch(log));
        int epoch = Math.max(known + EPOCH_MARGIN, epochMin);
        if (epoch > EPOCH_MAX) {
            throw new BackupException("the log epoch would be " + epoch + ", and the highest is " + EPOCH_MAX);
        }
        return epoch;
    }

    /** Copies the segments and reads the tables, and checks all of it. */
    private List<StateRows> copy(Manifest manifest, Path aside, LongConsumer progress) throws IOException {
        Files.createDirectories(aside);
        for (Manifest.SegmentCopy segment : manifest.segments()) {
            Path source = backups.folder().resolve(segment.file());
            Path target = aside.resolve(segment.part().file());
            try {
                checked(manifest, source, () -> {
                    copy(source, target, segment.bytes(), progress);
                    BackupFolder.check(manifest, segment, target, progress);
                });
            } catch (BackupException e) {
                Path other = copyOther(manifest, segment, target);
                if (other == null) {
                    throw e;
                }
                notes.accept(e.getMessage() + "; the undamaged copy " + other + " is taken instead");
            }
        }
        DurableFiles.forceFolder(aside);
        List<StateRows> tables = new ArrayList<>();
        for (Manifest.Table table : manifest.tables()) {
            Path source = backups.folder().resolve(table.file());
            checked(manifest, source, () -> {
                tables.add(StateFile.read(table.name(), backups.table(table)));
                progress.accept(2 * table.bytes());
            });
        }
        if (!HubStore.exported()
                .containsAll(tables.stream().map(StateRows::table).toList())) {
            throw new BackupException("backup " + manifest.id() + " was made by the later version " + manifest.version()
                    + ": restore it with that version");
        }
        return tables;
    }

    /** Takes a segment from where else it may be, also from the log that is to be replaced; null if it is whole nowhere. */
    private @Nullable Path copyOther(Manifest manifest, Manifest.SegmentCopy segment, Path target) throws IOException {
        List<Path> others = new ArrayList<>(backups.others(segment));
        for (BackupFolder folder : also) {
            others.add(folder.folder().resolve(segment.file()));
            others.addAll(folder.others(segment));
        }
        others.add(log.resolve(segment.part().file()));
        for (Path other : others) {
            try {
                if (Files.isRegularFile(other)) {
                    copy(other, target, segment.bytes(), octets -> {});
                    BackupFolder.check(manifest, segment, target, octets -> {});
                    return other;
                }
            } catch (JournalException | IllegalArgumentException damaged) {
                notes.accept("no help: " + damaged.getMessage());
            }
        }
        return null;
    }

    private interface Step {
        void run() throws IOException;
    }

    private void checked(Manifest manifest, Path source, Step step) throws IOException {
        String damaged = "damaged backup " + manifest.id() + ": file " + source + ": ";
        try {
            step.run();
        } catch (NoSuchFileException e) {
            if (Files.exists(source)) {
                throw e;
            }
            throw new BackupException(damaged + "it is missing", e);
        } catch (JournalDamagedException | IllegalArgumentException e) {
            throw new BackupException(damaged + e.getMessage(), e);
        }
    }

    private static void copy(Path source, Path target, long bytes, LongConsumer progress) throws IOException {
        try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ);
                InputStream in = Channels.newInputStream(from);
                FileChannel to = FileChannel.open(
                        target,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            byte[] buffer = new byte[COPY_BYTES];
            long left = bytes;
            while (left > 0) {
                int got = read(in, buffer, (int) Math.min(buffer.length, left));
                if (got < 0) {
                    throw new IllegalArgumentException("it has " + (bytes - left) + " of " + bytes + " octets");
                }
                ByteBuffer part = ByteBuffer.wrap(buffer, 0, got);
                while (part.hasRemaining()) {
                    to.write(part);
                }
                left -= got;
                progress.accept(got);
            }
            DurableFiles.force(to);
        }
    }

    private static int read(InputStream in, byte[] buffer, int count) {
        try {
            return in.read(buffer, 0, count);
        } catch (IOException e) {
            throw new IllegalArgumentException(BackupFolder.CANNOT_READ + FileErrors.say(e), e);
        }
    }

    private void noteRestore(String id, int epoch) {
        try {
            backups.noteRestore(clock.instant() + " backup=" + id + " epoch=" + epoch);
        } catch (IOException e) {
            notes.accept("the backup folder cannot be written (" + FileErrors.say(e)
                    + "), so the next restore from it does not know of this one: give it --log-epoch "
                    + (epoch + EPOCH_MARGIN));
        }
    }

    private HubEvent event(Manifest manifest, int epoch) {
        return new HubEvent(
                clock.millis(),
                "restored",
                null,
                null,
                null,
                manifest.first(),
                manifest.end(),
                "from backup " + manifest.id() + "; log epoch " + epoch + " begins after it");
    }

    private static void deleteAside(Path aside) throws IOException {
        for (Path file : BackupFiles.list(aside)) {
            Files.delete(file);
        }
        Files.deleteIfExists(aside);
    }

    /** A refused restore leaves no folder that was not there. */
    private void deleteIfMade(boolean made) throws IOException {
        if (made) {
            for (Path file : BackupFiles.list(log)) {
                Files.delete(file);
            }
            Files.deleteIfExists(log);
        }
    }
}
