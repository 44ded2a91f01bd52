package io.bactrian.app;

import io.bactrian.app.cli.Progress;
import io.bactrian.app.cli.WaitingNotice;
import io.bactrian.backup.core.BackupException;
import io.bactrian.backup.core.BackupFolder;
import io.bactrian.backup.core.BackupReport;
import io.bactrian.backup.routes.BackupDevConsole;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalImage;
import io.bactrian.journal.log.JournalLockedException;
import io.bactrian.pubsub.routes.HubPlugin;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian backup now|list|verify}. */
@Command(
        name = "backup",
        description = "Makes a backup of the hub now, lists backups, or checks them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {BackupCommand.Now.class, BackupCommand.Backups.class, BackupCommand.Verify.class})
final class BackupCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw BactrianCommand.missing(spec);
    }

    /** {@code bactrian backup now}. */
    @Command(
            name = "now",
            description = {
                "Makes a backup now and says what was written.",
                "A hub that runs with the role backup is asked, over its management server, as status does. Where nothing"
                        + " answers, the log and the database are opened here, as the hub would, unless --hub names one."
            })
    static final class Now implements Callable<Integer> {
        private static final long PAUSE_MS = 100;

        @Option(names = "--json", description = "Prints one JSON object.")
        private boolean json;

        @Mixin
        private ManagedHubOptions management = new ManagedHubOptions();

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws InterruptedException {
            Configuration configuration = options.load(List.of());
            HubNodes nodes = management.nodes(configuration);
            ManagementClient client = nodes.inUse();
            boolean isHere = !management.isNamed() && client.health().reason().equals(JsonAnswer.NOBODY);
            String report =
                    isHere ? here(client, Path.of(configuration.get("bactrian.hub.journal"))) : ask(nodes, client);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                JsonObject object = new JsonObject();
                object.put("report", report);
                out.println(object.toJson());
            } else {
                out.println(report);
            }
            out.flush();
            return ExitCode.OK;
        }

        /** If the node of a pair ends meanwhile, the other one is asked. */
        private String ask(HubNodes nodes, ManagementClient client) throws InterruptedException {
            try {
                return ask(client);
            } catch (CommandFailedException e) {
                ManagementClient other = client.health().up() ? client : nodes.inUse();
                if (other == client) {
                    throw e;
                }
                spec.commandLine().getErr().println(e.getMessage() + "; " + other.address() + " is asked");
                return ask(other);
            }
        }

        @SuppressWarnings("try") // the notice is there until it is closed
        private String ask(ManagementClient client) throws InterruptedException {
            JsonObject asked = client.act("backup");
            Object number = asked.get(BackupDevConsole.REQUEST);
            if (number == null) {
                throw new CommandFailedException(
                        "no backup: " + asked.getString(BackupDevConsole.FAILED) + "; run the role backup there");
            }
            try (WaitingNotice notice =
                    WaitingNotice.of(spec.commandLine().getErr(), "the backup is under way at " + client.address())) {
                return report(client, number);
            }
        }

        private static String report(ManagementClient client, Object number) throws InterruptedException {
            while (true) {
                JsonObject answer = console(client, "?" + BackupDevConsole.REQUEST + "=" + number);
                if (answer.containsKey(BackupDevConsole.FAILED)) {
                    throw new CommandFailedException("no backup: " + answer.getString(BackupDevConsole.FAILED));
                }
                if (answer.containsKey(BackupDevConsole.REPORT)) {
                    return answer.getString(BackupDevConsole.REPORT);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            }
        }

        private static JsonObject console(ManagementClient client, String query) throws InterruptedException {
            return client.console(BackupDevConsole.ID, query)
                    .orElseThrow(() ->
                            new CommandFailedException("no backup: " + client.address() + " knows of no backups"));
        }

        /** The shipped route over the log and the database of a hub that does not run. */
        private String here(ManagementClient client, Path log) {
            if (!JournalImage.isThere(log)) {
                // A hub would begin an empty one, and the backup of that would be the newest.
                throw new CommandFailedException("no backup: nothing answers at " + client.address()
                        + ", and there is no log in " + log + "; say where the hub's data are by --data");
            }
            Map<String, String> alone =
                    Map.of("bactrian.routes", "backup/back-up", "camel.management.enabled", "false");
            try (Application application = Application.start(options.load(List.of(), alone));
                    ProducerTemplate template = application.context().createProducerTemplate()) {
                HubPlugin.hub(application.context());
                return template.requestBody(BackupDevConsole.ROUTE, null, BackupReport.class)
                        .text();
            } catch (RuntimeException e) {
                Throwable last = e;
                while (last.getCause() != null) {
                    last = last.getCause();
                }
                if (last instanceof JournalLockedException) {
                    throw new CommandFailedException(
                            "no backup: a hub runs on the log in " + log + ", but nothing answers at "
                                    + client.address() + "; give its bactrian.management.port by --set",
                            e);
                }
                boolean said = last instanceof BackupException
                        || last instanceof StoreException
                        || last instanceof JournalException;
                throw new CommandFailedException("no backup: " + (said ? last.getMessage() : last.toString()), e);
            } catch (IOException e) {
                throw new CommandFailedException("the command did not end well: " + FileErrors.say(e), e);
            }
        }
    }

    /** What the two that look at a folder have in common. */
    abstract static class OnFolder implements Callable<Integer> {
        @Parameters(
                arity = "0..1",
                paramLabel = "FOLDER",
                description = "The folder of the backups; bactrian.backup.folder if not given.")
        private @Nullable Path folder;

        @Option(names = "--json", description = "Prints JSON, an object on a line.")
        boolean json;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        @Spec
        CommandSpec spec;

        BackupFolder backups() {
            Path given = folder;
            return BackupFolder.of(
                    given != null ? given : Path.of(options.load(List.of()).get("bactrian.backup.folder")));
        }

        PrintWriter out() {
            return spec.commandLine().getOut();
        }

        PrintWriter err() {
            return spec.commandLine().getErr();
        }

        abstract int on(BackupFolder backups) throws IOException;

        @Override
        public Integer call() {
            try {
                return on(backups());
            } catch (IOException e) {
                throw new CommandFailedException("the backups cannot be read: " + FileErrors.say(e), e);
            } finally {
                out().flush();
                err().flush();
            }
        }
    }

    /** {@code bactrian backup list}. */
    @Command(
            name = "list",
            description = {
                "Lists the backups in a folder, the oldest first: when, positions of the log, log epoch, octets.",
                "It looks at names and sizes only; exit code 1 if a file is missing or too short, or there is no backup."
            })
    static final class Backups extends OnFolder {
        @Override
        int on(BackupFolder backups) throws IOException {
            List<BackupFolder.Backup> found = backups.list();
            if (found.isEmpty()) {
                throw new BackupException("the folder holds no finished backup");
            }
            if (!json) {
                out().printf("%-20s %14s %14s %6s %14s%n", "backup", "first", "last", "epoch", "octets");
            }
            boolean whole = true;
            for (BackupFolder.Backup backup : found) {
                whole &= backup.problem().isEmpty();
                if (json) {
                    JsonObject object = new JsonObject();
                    object.put("id", backup.id());
                    object.put("at", Instant.ofEpochMilli(backup.atMs()).toString());
                    object.put("first", backup.first());
                    object.put("end", backup.end());
                    object.put("logEpoch", backup.epoch());
                    object.put("octets", backup.bytes());
                    object.put("problem", backup.problem());
                    out().println(object.toJson());
                } else {
                    out().printf(
                                    "%-20s %14d %14d %6d %14d%n",
                                    backup.id(), backup.first(), backup.end(), backup.epoch(), backup.bytes());
                }
                if (!backup.problem().isEmpty()) {
                    err().println("damaged " + backup.problem());
                }
            }
            return whole ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    /** {@code bactrian backup verify}. */
    @Command(
            name = "verify",
            description = {
                "Reads every octet of a backup and checks it: the newest, that of a time, or all.",
                "Exit code 1 if anything is damaged or missing; standard error names the files."
            })
    static final class Verify extends OnFolder {
        @Option(
                names = "--at",
                paramLabel = "TIME",
                converter = BackupTimeConverter.class,
                description = "The newest backup of this time or before: " + BackupTimeConverter.FORMS)
        private @Nullable Instant at;

        @Option(names = "--all", description = "Every backup in the folder.")
        private boolean all;

        @Override
        int on(BackupFolder backups) throws IOException {
            List<String> ids = new ArrayList<>();
            if (all) {
                backups.list().forEach(backup -> ids.add(backup.id()));
            }
            if (ids.isEmpty()) {
                ids.add(backups.choose(at));
            }
            long octets = 0;
            for (String id : ids) {
                octets += backups.bytes(id);
            }
            // Told when the progress bar has ended: it would write over it.
            Map<String, List<BackupFolder.Problem>> found = new LinkedHashMap<>();
            try (Progress progress = Progress.ofTask("verify", !json, octets)) {
                for (String id : ids) {
                    List<BackupFolder.Problem> problems = backups.verify(id, progress::done);
                    if (problems.isEmpty() || backups.isThere(id)) {
                        found.put(id, problems);
                    }
                }
            }
            if (found.isEmpty()) {
                throw new BackupException("a hub has deleted backup " + ids.get(ids.size() - 1)
                        + " while it was read, as newer ones are there: verify again");
            }
            int damaged = 0;
            for (Map.Entry<String, List<BackupFolder.Problem>> backup : found.entrySet()) {
                damaged += report(backup.getKey(), backup.getValue());
            }
            return damaged == 0 ? ExitCode.OK : ExitCode.FAILED;
        }

        private int report(String id, List<BackupFolder.Problem> problems) {
            if (json) {
                JsonObject object = new JsonObject();
                object.put("id", id);
                object.put("good", problems.isEmpty());
                object.put(
                        "problems",
                        new JsonArray(problems.stream()
                                .map(BackupFolder.Problem::toString)
                                .toList()));
                out().println(object.toJson());
            } else if (problems.isEmpty()) {
                out().println("good: backup " + id);
            }
            problems.forEach(problem -> err().println("damaged " + problem));
            return problems.size();
        }
    }
}
