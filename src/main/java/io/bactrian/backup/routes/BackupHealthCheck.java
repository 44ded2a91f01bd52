package io.bactrian.backup.routes;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** DOWN while the last run of the backup has failed. */
final class BackupHealthCheck extends AbstractHealthCheck {
    private final HubBackup backup;

    BackupHealthCheck(HubBackup backup) {
        super("bactrian", "bactrian-backup");
        this.backup = backup;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.detail("backup.folder", backup.folder().toString());
        backup.figures().all().forEach((key, value) -> builder.detail("backup." + key, value));
        Exception problem = backup.figures().problem();
        if (problem == null) {
            builder.up();
        } else {
            builder.down().message("no backup: " + HubBackup.why(problem)).error(problem);
        }
    }
}
