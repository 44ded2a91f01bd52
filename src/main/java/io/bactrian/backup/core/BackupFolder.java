package io.bactrian.backup.core;

import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalImage;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a folder of backups, also while a hub writes to it, and changes nothing. Any thread.
 *
 * <p>The folder holds {@code <id>.manifest} and, beside it, {@code <id>.manifest.done} for each backup; {@code log/} with
 * segments of the log, which the backups share, and {@code state/} with tables.
 */
public final class BackupFolder {

    /** Where a restore notes the log epoch that it has begun, so that the next one begins a higher one. */
    public static final String RESTORES = "restores";

    /** The beginning of a problem of a file, before the reason. */
    public static final String CANNOT_READ = "it cannot be read: ";

    private final Path folder;

    private BackupFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * A folder.
     *
     * @throws BackupException if there is none
     */
    public static BackupFolder of(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new BackupException("there is no folder " + folder);
        }
        return new BackupFolder(folder);
    }

    /**
     * A backup as a person looks at it.
     *
     * @param id when it was made, in UTC
     * @param atMs the same in ms since 1970
     * @param first the oldest position of its log
     * @param end the last position of its log
     * @param epoch the log epoch
     * @param bytes how much it holds, shared with others or not
     * @param problem what is missing or damaged as far as a quick look tells, empty if nothing
     */
    public record Backup(String id, long atMs, long first, long end, int epoch, long bytes, String problem) {}

    /** A file that is not what its backup needs, and why. */
    public record Problem(String backup, Path file, String what) {
        @Override
        public String toString() {
            return "backup " + backup + ": file " + file + ": " + what;
        }
    }

    /** All that were finished, the oldest first. It looks at names and sizes only. */
    public List<Backup> list() throws IOException {
        List<Backup> found = new ArrayList<>();
        for (String id : ids()) {
            try {
                Manifest manifest = read(id);
                Optional<Problem> problem = look(manifest);
                if (problem.isPresent() && !isThere(id)) {
                    continue; // A hub that goes on has deleted it meanwhile.
                }
                found.add(new Backup(
                        id,
                        manifest.atMs(),
                        manifest.first(),
                        manifest.end(),
                        manifest.epoch(),
                        manifest.bytes(),
                        problem.map(Problem::toString).orElse("")));
            } catch (DamagedManifestException e) {
                found.add(new Backup(id, Manifest.timeOf(id), 0, 0, 0, 0, e.problem.toString()));
            } catch (NoSuchFileException retired) {
                // A hub that goes on has deleted it since the folder was listed.
            }
        }
        return found;
    }

    /** The ids of the finished backups, the oldest first. */
    public List<String> ids() throws IOException {
        List<String> ids = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<Path> files = BackupFiles.list(folder);
        files.forEach(file -> names.add(String.valueOf(file.getFileName())));
        for (String name : names) {
            if (name.endsWith(Manifest.SUFFIX) && names.contains(name + Manifest.DONE)) {
                String id = name.substring(0, name.length() - Manifest.SUFFIX.length());
                if (isId(id)) {
                    ids.add(id);
                }
            }
        }
        ids.sort(null);
        return ids;
    }

    /** A manifest that cannot be read. */
    public static final class DamagedManifestException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Problem problem;

        DamagedManifestException(Problem problem, @Nullable Throwable cause) {
            super(problem.toString(), cause);
            this.problem = problem;
        }
    }

    public Manifest read(String id) throws IOException {
        Path file = folder.resolve(id + Manifest.SUFFIX);
        try {
            Manifest manifest = Manifest.parse(Files.readAllBytes(file));
            if (!manifest.id().equals(id)) {
                throw new IllegalArgumentException("it is the manifest of backup " + manifest.id());
            }
            return manifest;
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new DamagedManifestException(new Problem(id, file, CANNOT_READ + FileErrors.say(e)), e);
        } catch (IllegalArgumentException e) {
            throw new DamagedManifestException(new Problem(id, file, String.valueOf(e.getMessage())), e);
        }
    }

    /** The first file of a finished backup that is missing or too short, be it the folder itself. */
    public static Optional<Problem> lacking(Path folder, Manifest manifest) throws IOException {
        String name = manifest.id() + Manifest.SUFFIX;
        for (String file : List.of(name, name + Manifest.DONE)) {
            if (!Files.isRegularFile(folder.resolve(file))) {
                return Optional.of(new Problem(manifest.id(), folder.resolve(file), "it is missing"));
            }
        }
        return new BackupFolder(folder).look(manifest);
    }

    /** The first file of what a manifest names that is missing or too short. */
    private Optional<Problem> look(Manifest manifest) throws IOException {
        for (Manifest.SegmentCopy segment : manifest.segments()) {
            Path file = folder.resolve(segment.file());
            if (!Files.isRegularFile(file)) {
                return Optional.of(new Problem(manifest.id(), file, "it is missing"));
            }
            if (Files.size(file) < segment.bytes()) {
                return Optional.of(new Problem(
                        manifest.id(), file, "it has " + Files.size(file) + " of " + segment.bytes() + " octets"));
            }
        }
        for (Manifest.Table table : manifest.tables()) {
            Path file = folder.resolve(table.file());
            if (!Files.isRegularFile(file)) {
                return Optional.of(new Problem(manifest.id(), file, "it is missing"));
            }
            if (Files.size(file) != table.bytes()) {
                return Optional.of(new Problem(
                        manifest.id(), file, "it has " + Files.size(file) + " octets, not " + table.bytes()));
            }
        }
        return Optional.empty();
    }

    /**
     * The id of the newest backup, or of the newest that was made at a time or before.
     *
     * @throws BackupException if there is none
     */
    public String choose(@Nullable Instant at) throws IOException {
        List<String> ids = ids();
        for (int i = ids.size() - 1; i >= 0; i--) {
            if (at == null || !timeOf(ids.get(i)).isAfter(at)) {
                return ids.get(i);
            }
        }
        throw new BackupException(
                ids.isEmpty()
                        ? "the folder " + folder + " holds no finished backup"
                        : "the oldest backup in " + folder + " is " + ids.get(0) + ", after " + at);
    }

    /**
     * The id of the newest backup, made at a time or before, whose files are all there in full length.
     *
     * @param passedOver is told what is wrong with each newer one
     * @throws BackupException if there is none
     */
    public String lastWhole(@Nullable Instant at, Consumer<String> passedOver) throws IOException {
        List<Backup> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            Backup backup = all.get(i);
            if (at != null && timeOf(backup.id()).isAfter(at)) {
                continue;
            }
            if (backup.problem().isEmpty()) {
                return backup.id();
            }
            passedOver.accept(backup.problem());
        }
        throw new BackupException("the folder " + folder + " holds no whole backup");
    }

    /** Whether a text may be the id of a backup. */
    public static boolean isId(String text) {
        return text.matches("\\d{8}T\\d{6}\\.\\d{3}Z");
    }

    /** When the backup with an id was made; throws {@link java.time.DateTimeException} if that is no time. */
    public static Instant timeOf(String id) {
        return Instant.ofEpochMilli(Manifest.timeOf(id));
    }

    /** Whether a backup is there and finished: a hub that goes on deletes old ones. */
    public boolean isThere(String id) {
        return Files.exists(folder.resolve(id + Manifest.SUFFIX + Manifest.DONE));
    }

    /** The octets of a backup; 0 if its manifest cannot be read. */
    public long bytes(String id) throws IOException {
        try {
            return read(id).bytes();
        } catch (DamagedManifestException | NoSuchFileException e) {
            return 0;
        }
    }

    /**
     * Reads every octet of a backup.
     *
     * @param progress is told now and then how many octets more were read
     * @return everything that is missing or damaged
     */
    public List<Problem> verify(String id, LongConsumer progress) throws IOException {
        Manifest manifest;
        try {
            manifest = read(id);
        } catch (DamagedManifestException e) {
            return List.of(e.problem);
        } catch (NoSuchFileException e) {
            return List.of(new Problem(id, folder.resolve(id + Manifest.SUFFIX), "it is missing"));
        }
        List<Problem> problems = new ArrayList<>();
        for (Manifest.SegmentCopy segment : manifest.segments()) {
            problem(
                            id,
                            folder.resolve(segment.file()),
                            () -> check(manifest, segment, folder.resolve(segment.file()), progress))
                    .ifPresent(problems::add);
        }
        for (Manifest.Table table : manifest.tables()) {
            problem(id, folder.resolve(table.file()), () -> {
                        table(table);
                        progress.accept(table.bytes());
                    })
                    .ifPresent(problems::add);
        }
        return problems;
    }

    /** Other files of this folder that may hold a segment, undamaged: those of the same name. */
    public List<Path> others(Manifest.SegmentCopy segment) throws IOException {
        Path own = folder.resolve(segment.file());
        List<Path> others = new ArrayList<>();
        for (Path log : BackupFiles.list(folder.resolve("log"))) {
            Path other = log.resolve(segment.part().file());
            if (Files.isRegularFile(other) && !other.equals(own)) {
                others.add(other);
            }
        }
        return others;
    }

    private interface Check {
        void run() throws IOException;
    }

    private static Optional<Problem> problem(String id, Path file, Check check) {
        try {
            check.run();
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.of(new Problem(id, file, "it is missing"));
        } catch (JournalDamagedException e) {
            return Optional.of(new Problem(id, file, "damaged at offset " + e.offset() + ": " + e.getMessage()));
        } catch (IOException | IllegalArgumentException | JournalException e) {
            return Optional.of(new Problem(id, file, FileErrors.say(e)));
        }
    }

    /** Checks a copy of a segment, wherever it is. */
    public static void check(Manifest manifest, Manifest.SegmentCopy segment, Path file, LongConsumer progress)
            throws IOException {
        JournalImage.check(file, manifest.journalId(), segment.part(), progress);
        if (BackupFiles.check(file, segment.bytes()) != segment.check()) {
            throw new IllegalArgumentException("it is another segment of the same name");
        }
    }

    /** The content of a table, checked. */
    public byte[] table(Manifest.Table table) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(folder.resolve(table.file()));
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalArgumentException(CANNOT_READ + FileErrors.say(e), e);
        }
        if (!BackupFiles.sha256(bytes).equals(table.sha256())) {
            throw new IllegalArgumentException(
                    "wrong checksum: it has " + bytes.length + " octets of " + table.bytes());
        }
        return bytes;
    }

    public Path folder() {
        return folder;
    }

    /** The highest log epoch of which anything in this folder tells. */
    public int epochMax() throws IOException {
        int max = 0;
        for (String id : ids()) {
            try {
                max = Math.max(max, read(id).epoch());
            } catch (DamagedManifestException e) {
                // The others tell enough; who wants this one is refused elsewhere.
            } catch (NoSuchFileException retired) {
                // A hub that goes on has deleted it since the folder was listed.
            }
        }
        Path restores = folder.resolve(RESTORES);
        if (Files.exists(restores)) {
            for (String line : restores(restores)) {
                String epoch = line.replaceFirst("^.* epoch=", "");
                if (epoch.matches("\\d{1,9}")) {
                    max = Math.max(max, Integer.parseInt(epoch));
                }
            }
        }
        return max;
    }

    private static List<String> restores(Path restores) {
        try {
            return Files.readAllLines(restores, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BackupException(
                    "file " + restores + ", which tells what log epochs other restores have begun, cannot be read: "
                            + FileErrors.say(e) + "; move it away, and give a --log-epoch that is 16 above all of them",
                    e);
        }
    }

    /** Notes that a restore begins a log epoch; durable on return. */
    public void noteRestore(String line) throws IOException {
        Path restores = folder.resolve(RESTORES);
        String before = Files.exists(restores) ? Files.readString(restores, StandardCharsets.UTF_8) : "";
        DurableFiles.replace(restores, (before + line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
