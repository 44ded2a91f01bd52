package io.bactrian.backup;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonObject;

/** What the backups of this context count: {@code /q/dev/bactrian-backup}. With {@code now=true} a backup is made first. */
@DevConsole(name = "bactrian-backup", description = "Backups of the hub: figures, and a backup now")
public final class BackupDevConsole extends AbstractDevConsole {
    /** The id of the console. */
    public static final String ID = "bactrian-backup";

    /** The option that makes a backup. */
    public static final String NOW = "now";

    /** The route that makes one. */
    public static final String ROUTE = "direct:back-up";

    public BackupDevConsole() {
        super("bactrian", ID, "Bactrian backups", "Backups of the hub: figures, and a backup now");
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        StringBuilder text = new StringBuilder();
        describe(options)
                .forEach((key, value) ->
                        text.append(key).append(": ").append(value).append('\n'));
        return text.toString();
    }

    @Override
    protected JsonObject doCallJson(Map<String, Object> options) {
        return new JsonObject(describe(options));
    }

    private Map<String, Object> describe(Map<String, Object> options) {
        Map<String, Object> all = new LinkedHashMap<>();
        if (getCamelContext().hasEndpoint(ROUTE) == null) {
            all.put("backup", "no backup runs in this process");
            return all;
        }
        HubBackup backup = getCamelContext().getRegistry().lookupByNameAndType("bactrianBackup", HubBackup.class);
        all.put("folder", backup.folder().toAbsolutePath().normalize().toString());
        if (Boolean.parseBoolean(String.valueOf(options.get(NOW)))) {
            try (ProducerTemplate template = getCamelContext().createProducerTemplate()) {
                BackupReport report = template.requestBody(ROUTE, null, BackupReport.class);
                all.put("report", report.text());
            } catch (CamelExecutionException e) {
                all.put("failed", HubBackup.why(e));
            } catch (java.io.IOException e) {
                all.put("failed", String.valueOf(e.getMessage()));
            }
        }
        all.putAll(backup.figures().all());
        return all;
    }
}
