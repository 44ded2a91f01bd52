package io.bactrian.backup.routes;

import io.bactrian.support.context.FiguresDevConsole;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.annotations.DevConsole;

/**
 * The figures of the backups of this context: {@code /q/dev/bactrian-backup}. With {@code request=NUMBER} it tells what has
 * become of a backup that was asked for by {@link #ask}. It reads, and never acts.
 */
@DevConsole(name = "bactrian-backup", description = "Backups of the hub: figures, and what became of a request")
public final class BackupDevConsole extends FiguresDevConsole {
    /** The id of the console. */
    public static final String ID = "bactrian-backup";

    /** The number under which that can be asked after; as an option it asks. */
    public static final String REQUEST = "request";

    /** The key of the report of a request. */
    public static final String REPORT = "report";

    /** Why nothing was made for a request. */
    public static final String FAILED = "failed";

    /** The route that makes one. */
    public static final String ROUTE = "direct:back-up";

    private static final String NONE = "no backup runs in this process";

    public BackupDevConsole() {
        super(ID, "Bactrian backups", "Backups of the hub: figures, and what became of a request");
    }

    /**
     * Asks for a backup now.
     *
     * @return the number under which the console tells what has become of it
     * @throws IllegalStateException if no backup runs in this process
     */
    public static long ask(CamelContext context) {
        if (context.hasEndpoint(ROUTE) == null) {
            throw new IllegalStateException(NONE);
        }
        return context.getRegistry()
                .lookupByNameAndType("bactrianBackup", HubBackup.class)
                .requests()
                .ask();
    }

    @Override
    protected Map<String, Object> describe(Map<String, Object> options) {
        Map<String, Object> all = new LinkedHashMap<>();
        if (getCamelContext().hasEndpoint(ROUTE) == null) {
            all.put("backup", NONE);
            return all;
        }
        HubBackup backup = getCamelContext().getRegistry().lookupByNameAndType("bactrianBackup", HubBackup.class);
        all.put("folder", backup.folder().toAbsolutePath().normalize().toString());
        if (options.get(REQUEST) != null) {
            outcome(backup, String.valueOf(options.get(REQUEST)), all);
        }
        all.putAll(backup.figures().all());
        return all;
    }

    private static void outcome(HubBackup backup, String number, Map<String, Object> all) {
        all.put(REQUEST, number);
        BackupRequests.Outcome outcome =
                backup.requests().outcome(number.matches("[0-9]{1,18}") ? Long.parseLong(number) : 0);
        if (outcome != null && outcome.report() != null) {
            all.put(REPORT, outcome.report());
        } else if (outcome != null) {
            all.put(FAILED, outcome.failure());
        }
    }
}
