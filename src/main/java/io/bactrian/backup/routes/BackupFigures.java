package io.bactrian.backup.routes;

import io.bactrian.backup.core.BackupReport;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The figures of backups. Thread-safe. */
public final class BackupFigures {
    private long made;
    private long unchanged;
    private long failures;
    private long writtenBytes;
    private long linkedBytes;
    private long lastSuccessMs;
    private @Nullable BackupReport last;
    private @Nullable Exception problem;

    /** Returns whether the run before had failed. */
    synchronized boolean succeeded(BackupReport report, long nowMs) {
        boolean again = problem != null;
        problem = null;
        last = report;
        lastSuccessMs = nowMs;
        made += report.changed() ? 1 : 0;
        unchanged += report.changed() ? 0 : 1;
        writtenBytes += report.writtenBytes();
        linkedBytes += report.linkedBytes();
        return again;
    }

    /** Returns whether the run before had not failed. */
    synchronized boolean failed(Exception cause) {
        boolean news = problem == null;
        problem = cause;
        failures++;
        return news;
    }

    synchronized boolean failing() {
        return problem != null;
    }

    /** Why the last run failed, null if it did not. */
    public synchronized @Nullable Exception problem() {
        return problem;
    }

    /** Returns the outcome of the last run that did not fail, null if there was none. */
    public synchronized @Nullable BackupReport last() {
        return last;
    }

    /** All of them, in the order in which they are shown. */
    public synchronized Map<String, Object> all() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("made", made);
        all.put("unchanged", unchanged);
        all.put("failures", failures);
        all.put("writtenBytes", writtenBytes);
        all.put("linkedBytes", linkedBytes);
        all.put("lastSuccessMs", lastSuccessMs);
        BackupReport report = last;
        if (report != null) {
            all.put("newest", report.id());
            all.put("newestEnd", report.end());
            all.put("backups", report.backups());
            all.put("lastTookMs", report.tookMs());
        }
        Exception cause = problem;
        if (cause != null) {
            all.put("problem", HubBackup.why(cause));
        }
        return all;
    }
}
