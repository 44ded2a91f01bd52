package io.bactrian.app;

import io.bactrian.app.cli.Progress;
import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.backup.routes.HubRestore;
import io.bactrian.backup.routes.HubRestore.Restored;
import io.bactrian.journal.log.JournalLockedException;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian restore FOLDER}: log and database of a hub from a backup. */
@Command(
        name = "restore",
        description = {
            "Makes the log and the database of a hub that does not run from a backup in FOLDER: the newest, or that of a"
                    + " time.",
            "They are those of the configuration: bactrian.data, bactrian.hub.journal, bactrian.hub.database.url. All of it"
                    + " is copied and checked before anything there is touched. A damaged backup is refused, and the file"
                    + " named; so is a target that is not empty.",
            "The hub then goes on in a new log epoch: who had more is told what is lost."
        })
final class RestoreCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "The folder of the backups.")
    private Path folder = Path.of("");

    @Option(
            names = "--at",
            paramLabel = "TIME",
            converter = BackupTimeConverter.class,
            description = "The newest backup of this time or before: " + BackupTimeConverter.FORMS)
    private @Nullable Instant at;

    @Option(
            names = "--last-whole",
            description = "Passes over backups whose files are not all there, as in a copy whose shipping was cut.")
    private boolean lastWhole;

    @Option(
            names = "--also",
            paramLabel = "FOLDER",
            description =
                    "Another folder of backups of the same log, such as a shipped one: a segment that is damaged in the"
                            + " first folder is taken from here if it is whole. May be given more than once.")
    private List<Path> also = List.of();

    @Option(names = "--force", description = "Deletes the log and empties the database that are there.")
    private boolean force;

    @Option(
            names = "--log-epoch",
            paramLabel = "N",
            defaultValue = "0",
            description = "Begins at least this log epoch; by default one above all of which FOLDER tells.")
    private int epochMin;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (epochMin < 0) {
            throw new ParameterException(spec.commandLine(), "--log-epoch must be at least 0");
        }
        Configuration configuration = options.load(List.of());
        Path log = Path.of(configuration.get("bactrian.hub.journal"));
        List<String> notes = new ArrayList<>();
        try {
            BackupFolder backups = BackupFolder.of(folder);
            String id = backups.choose(at);
            if (lastWhole) {
                id = backups.lastWhole(at, problem -> note("passed over " + problem));
            }
            List<BackupFolder> others = also.stream().map(BackupFolder::of).toList();
            HubRestore restore =
                    new HubRestore(backups, others, log, database(configuration), Clock.systemUTC(), notes::add);
            Restored restored;
            try (Progress progress = Progress.ofTask("restore", !json, restore.work(id))) {
                restored = restore.restore(id, force, epochMin, progress::done);
            } finally {
                // When the progress bar has ended: it would write over them.
                notes.forEach(this::note);
            }
            report(restored);
            return ExitCode.OK;
        } catch (JournalLockedException e) {
            throw new CommandFailedException("a hub runs on the log: " + e.getMessage() + "; stop it first", e);
        } catch (BackupException | StoreException e) {
            throw new CommandFailedException("not restored: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailedException("not restored into " + log + ": " + FileErrors.say(e), e);
        }
    }

    private static DatabaseSettings database(Configuration configuration) {
        String url = configuration.get("bactrian.hub.database.url");
        try {
            return url.isEmpty()
                    ? DatabaseSettings.file(Path.of(configuration.get("bactrian.data")), "hub")
                    : new DatabaseSettings(
                            url,
                            configuration.get("bactrian.hub.database.user"),
                            configuration.get("bactrian.hub.database.password"),
                            Math.toIntExact(configuration.number("bactrian.hub.database.connectionsMax")));
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException("not restored: " + e.getMessage(), e);
        }
    }

    private void note(String text) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(text);
        err.flush();
    }

    private void report(Restored restored) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonObject object = new JsonObject();
            object.put("backup", restored.id());
            object.put("first", restored.first());
            object.put("end", restored.end());
            object.put("logEpoch", restored.epoch());
            out.println(object.toJson());
        } else {
            out.println("restored backup " + restored.id() + ": log positions " + restored.first() + " to "
                    + restored.end() + "; log epoch " + restored.epoch() + " begins after it");
        }
        out.flush();
    }
}
