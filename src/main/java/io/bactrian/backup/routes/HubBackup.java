package io.bactrian.backup.routes;

import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFiles;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.backup.core.BackupReport;
import io.bactrian.backup.core.BackupSettings;
import io.bactrian.backup.core.Manifest;
import io.bactrian.journal.log.JournalCapture;
import io.bactrian.journal.log.JournalImage;
import io.bactrian.journal.log.JournalLockedException;
import io.bactrian.pubsub.routes.Hub;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.database.PrivateFolder;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.text.FileErrors;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.camel.ExchangeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean of the route that backs up the hub of a context. A run is {@link #begin}, which says what is to be written;
 * {@link #seal}, when that is written, which gives the manifest; {@link #finish}, when that is written too; and in any case
 * {@link #release}, all on one thread. One run at a time: another waits.
 */
public final class HubBackup extends ContextLife {
    private static final Logger LOG = LoggerFactory.getLogger(HubBackup.class);

    /** The hub deletes of its log by a timer, so the next look nearly always succeeds. */
    private static final int CAPTURES_MAX = 10;

    private final BackupSettings settings;
    private final Supplier<@Nullable Hub> hub;
    private final BackupRequests requests;
    private final Clock clock;
    private final BackupAges ages;
    private final ReentrantLock one = new ReentrantLock();
    private final SegmentCopies segments;
    private final StateCopies tables;
    private final Path folder;
    private final BackupFigures figures = new BackupFigures();
    private @Nullable BackupCatalog kept;
    /** The last backup that this process has made: by it is known what need not be written again. */
    private @Nullable Manifest made;

    private boolean warnedOfLinks;
    private @Nullable Closeable folderLock;
    private @Nullable Run run;

    /** The state of a run. */
    private static final class Run {
        private final long startedNs = System.nanoTime();
        private SegmentCopies.@Nullable Plan log;
        private StateCopies.@Nullable Plan state;
        private @Nullable Manifest manifest;
        private final List<BackupContent> contents = new ArrayList<>();
        private long writtenBytes;

        List<BackupFile> writes(List<BackupFile> files) {
            for (BackupFile file : files) {
                contents.add(file.content());
                writtenBytes += file.content().length();
            }
            return files;
        }
    }

    HubBackup(BackupSettings settings, Supplier<@Nullable Hub> hub, BackupRequests requests, Clock clock) {
        this.requests = requests;
        this.settings = settings;
        this.hub = hub;
        this.clock = clock;
        ages = new BackupAges(clock, System::nanoTime);
        folder = settings.folder();
        segments = new SegmentCopies(folder, settings.links());
        tables = new StateCopies(folder);
    }

    /**
     * Looks at the hub, and links what can be linked.
     *
     * @return what is to be written, in this order; nothing if nothing has changed
     * @throws BackupException if no hub runs here, or another process backs up to the folder
     */
    public List<BackupFile> begin() throws IOException, InterruptedException {
        one.lockInterruptibly();
        Run begun = new Run();
        run = begun;
        Hub running = hub.get();
        if (running == null) {
            throw new BackupException("no hub runs in this process: run the role backup together with the hub");
        }
        BackupCatalog before = open();
        String id = Manifest.idOf(Math.max(clock.millis(), before.newestMs() + 1));
        StateFile.Maker maker = new StateFile.Maker();
        Optional<JournalCapture> captured = running.capture(maker);
        for (int i = 1; captured.isEmpty() && i < CAPTURES_MAX; i++) {
            maker = new StateFile.Maker();
            captured = running.capture(maker);
        }
        JournalCapture log = captured.orElseThrow(
                () -> new BackupException("the log was purged " + CAPTURES_MAX + " times while it was looked at"));
        SegmentCopies.Plan logPlan = segments.plan(log);
        StateCopies.Plan statePlan = tables.plan(id, maker.files());
        begun.log = logPlan;
        begun.state = statePlan;
        Manifest manifest = new Manifest(
                id,
                settings.version(),
                log.id(),
                log.first(),
                log.end(),
                log.epochStarts(),
                logPlan.segments(),
                statePlan.tables());
        Manifest newest = before.newest();
        if (newest != null && !statePlan.changed() && newest.sameLogAs(manifest)) {
            return List.of();
        }
        begun.manifest = manifest;
        List<BackupFile> files = new ArrayList<>(logPlan.files());
        files.addAll(statePlan.files());
        return begun.writes(files);
    }

    private BackupCatalog open() throws IOException {
        Manifest last = made;
        if (last != null) {
            Optional<BackupFolder.Problem> lacking = BackupFolder.lacking(folder, last);
            if (lacking.isPresent()) {
                LOG.warn("what is not there any more is written anew: {}", lacking.get());
                forget();
            }
        }
        BackupCatalog open = kept;
        if (open == null) {
            if (folderLock == null) {
                folderLock = lock();
            }
            deleteAsides();
            open = BackupCatalog.read(folder, settings);
            kept = open;
        }
        return open;
    }

    private Closeable lock() throws IOException {
        try {
            PrivateFolder.create(folder);
            return JournalImage.lock(folder);
        } catch (FileAlreadyExistsException e) {
            throw new BackupException("the folder of the backups is a file and no folder: " + e.getFile());
        } catch (JournalLockedException e) {
            throw new BackupException(
                    "the folder of the backups is in use, give each hub one of its own: " + e.getMessage());
        }
    }

    /** As if nothing were known of the folder: it may be another one. */
    private void forget() throws IOException {
        Closeable held = folderLock;
        folderLock = null;
        kept = null;
        made = null;
        segments.forget();
        tables.forget();
        if (held != null) {
            held.close();
        }
    }

    private void deleteAsides() throws IOException {
        List<Path> folders = new ArrayList<>(BackupFiles.list(folder.resolve("log")));
        folders.add(folder.resolve(StateCopies.FOLDER));
        folders.add(folder);
        for (Path each : folders) {
            for (Path file : BackupFiles.list(each)) {
                if (file.toString().endsWith(DurableFiles.ASIDE) && BackupCatalog.isOurs(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    /**
     * Makes sure that what was to be written is on the disk.
     *
     * @return the manifest, to be written now; null if nothing has changed
     */
    public @Nullable BackupFile seal() throws IOException {
        Run sealed = running();
        Manifest manifest = sealed.manifest;
        SegmentCopies.Plan log = sealed.log;
        if (manifest == null || log == null) {
            return null;
        }
        checkForced(sealed);
        Set<String> folders = log.folders();
        for (String name : folders) {
            DurableFiles.forceFolder(folder.resolve(name));
        }
        if (!folders.isEmpty()) {
            DurableFiles.forceFolder(folder.resolve("log"));
        }
        DurableFiles.forceFolder(folder.resolve(StateCopies.FOLDER));
        DurableFiles.forceFolder(folder);
        String name = manifest.id() + Manifest.SUFFIX;
        BackupContent content = BackupContent.of(manifest.encode(), folder.resolve(name + DurableFiles.ASIDE));
        sealed.contents.clear();
        return sealed.writes(List.of(new BackupFile(name, false, content))).get(0);
    }

    private static void checkForced(Run run) throws IOException {
        for (BackupContent content : run.contents) {
            content.checkForced();
        }
    }

    /** Makes sure that the backup is on the disk, and deletes those that are to go. */
    public BackupReport finish() throws IOException {
        Run finished = running();
        BackupCatalog all = kept;
        Manifest manifest = finished.manifest;
        SegmentCopies.Plan log = finished.log;
        StateCopies.Plan state = finished.state;
        if (all == null || log == null || state == null) {
            throw new IllegalStateException("no run was begun");
        }
        if (manifest != null) {
            checkForced(finished);
            DurableFiles.forceFolder(folder);
            segments.done(log);
            tables.done(state);
            all.add(manifest);
            made = manifest;
        }
        all.retire(ages.millis());
        Manifest newest = all.newest();
        if (newest == null) {
            throw new IllegalStateException("no backup is there after a run");
        }
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - finished.startedNs);
        BackupReport report = new BackupReport(
                newest.id(),
                manifest != null,
                newest.end(),
                finished.writtenBytes,
                log.linkedBytes(),
                log.shared(),
                tookMs,
                all.size());
        if (log.shared() > 0 && !warnedOfLinks) {
            warnedOfLinks = true;
            LOG.warn(
                    "of segments={} the backups in folder={} hold no copy, but links to the log's own files: what the disk"
                            + " damages in the log it damages there too; set bactrian.backup.links=false, and a new folder",
                    log.shared(),
                    folder);
        }
        if (figures.succeeded(report, clock.millis())) {
            LOG.info("backups work again folder={}", folder);
        }
        LOG.debug("{}", report.text());
        return report;
    }

    /**
     * Counts a run that failed, and fails.
     *
     * @throws Exception the one that is given
     */
    public void failed(@ExchangeException Exception cause) throws Exception {
        if (figures.failed(cause)) {
            LOG.warn(
                    "no backup to folder={}, tried again at each interval; the former ones are good: {}",
                    folder,
                    why(cause));
        } else {
            LOG.debug("no backup to folder={}", folder, cause);
        }
        throw cause;
    }

    /** The innermost reason, as Camel's own exceptions only say where. */
    static String why(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return FileErrors.say(last);
    }

    /** Lets the next run begin, however this one went. */
    public void release() throws IOException {
        // A run that waited in vain for its turn must not end the one before it.
        if (one.isHeldByCurrentThread() && run != null) {
            boolean failed = figures.failing();
            run = null;
            try {
                if (failed && folderLock != null) {
                    deleteAsides();
                }
            } finally {
                one.unlock();
            }
        }
    }

    private Run running() {
        Run there = run;
        if (there == null) {
            throw new IllegalStateException("no run was begun");
        }
        return there;
    }

    /** Returns the figures for an operator. Any thread. */
    public BackupFigures figures() {
        return figures;
    }

    /** Returns the requests of others. Any thread. */
    BackupRequests requests() {
        return requests;
    }

    /** Where the backups are. */
    public Path folder() {
        return folder;
    }

    @Override
    protected void lifeEnds() throws Exception {
        one.lockInterruptibly();
        try {
            forget();
        } finally {
            one.unlock();
        }
    }
}
