package io.bactrian.backup.routes;

import io.bactrian.backup.core.BackupReport;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;

/**
 * Backups that somebody asks for: made one after the other on a thread of their own, as the server that is asked has one
 * thread for everybody. Thread-safe.
 */
final class BackupRequests {
    private static final int WAITING_MAX = 10;
    private static final int OUTCOMES_MAX = 100;

    /** The outcome of a request; one of the two is there. */
    record Outcome(@Nullable String report, @Nullable String failure) {}

    private final CamelContext context;
    private final Map<Long, Outcome> outcomes = new LinkedHashMap<>();
    private @Nullable ExecutorService executor;
    private long asked;
    private int waiting;

    BackupRequests(CamelContext context) {
        this.context = context;
    }

    /** Asks for a backup; the number is asked after by {@link #outcome}. */
    synchronized long ask() {
        asked++;
        long number = asked;
        if (waiting >= WAITING_MAX) {
            put(number, new Outcome(null, WAITING_MAX + " backups are waiting to be made already"));
            return number;
        }
        waiting++;
        ExecutorService runs = executor;
        if (runs == null) {
            runs = context.getExecutorServiceManager().newSingleThreadExecutor(this, "bactrian-backup-now");
            executor = runs;
        }
        runs.execute(() -> {
            Outcome outcome = make();
            synchronized (this) {
                waiting--;
                put(number, outcome);
            }
        });
        return number;
    }

    private Outcome make() {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            BackupReport report = template.requestBody(BackupDevConsole.ROUTE, null, BackupReport.class);
            return new Outcome(report.text(), null);
        } catch (CamelExecutionException e) {
            return new Outcome(null, HubBackup.why(e));
        } catch (IOException | RuntimeException e) {
            return new Outcome(null, FileErrors.say(e));
        }
    }

    private void put(long number, Outcome outcome) {
        outcomes.put(number, outcome);
        if (outcomes.size() > OUTCOMES_MAX) {
            outcomes.remove(outcomes.keySet().iterator().next());
        }
    }

    /** Returns the outcome of a request, null if it is under way. */
    synchronized @Nullable Outcome outcome(long number) {
        return number < 1 || number > asked ? new Outcome(null, "there is no request " + number) : outcomes.get(number);
    }
}
