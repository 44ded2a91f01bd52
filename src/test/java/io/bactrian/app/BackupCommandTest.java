package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalImage;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.testing.OnTerminal;
import io.bactrian.testing.Ports;
import io.bactrian.testing.SmallDisk;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a person gives them: to a hub that runs, to one that does not, and to a folder. */
@Tag("slow")
class BackupCommandTest {
    @TempDir
    Path folder;

    private final int publishPort = Ports.free();
    private final Map<String, String> settings = Map.of(
            "bactrian.hub.publish", "tcp://127.0.0.1:" + publishPort,
            "bactrian.hub.subscribe", "tcp://127.0.0.1:" + Ports.free(),
            "bactrian.hub.plain.in", "tcp://127.0.0.1:" + Ports.free(),
            "bactrian.hub.plain.out", "tcp://127.0.0.1:" + Ports.free(),
            "bactrian.management.port", String.valueOf(Ports.free()),
            "bactrian.backup.intervalMs", "86400000");

    private String out = "";
    private String err = "";

    private int run(String data, String... arguments) {
        StringWriter outWriter = new StringWriter();
        StringWriter errWriter = new StringWriter();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", folder.resolve(data).toString()));
        settings.forEach((key, value) -> all.addAll(List.of("--set", key + "=" + value)));
        int code = BactrianCommand.commandLine()
                .setOut(new PrintWriter(outWriter))
                .setErr(new PrintWriter(errWriter))
                .execute(all.toArray(String[]::new));
        out = outWriter.toString();
        err = errWriter.toString();
        return code;
    }

    private Configuration hubWithBackups(Map<String, String> more) {
        Map<String, String> overrides = new HashMap<>(settings);
        overrides.put("bactrian.data", folder.resolve("data").toString());
        overrides.putAll(more);
        return Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("hub", "backup"),
                overrides,
                Map.of(),
                new Properties());
    }

    /** The last position of which a command has told. */
    private String end() {
        Matcher end = Pattern.compile("log up to position (\\d+)").matcher(out);
        assertThat(end.find()).as(out).isTrue();
        return end.group(1);
    }

    @Test
    void backupsAreMadeListedCheckedAndRestored() throws Exception {
        String backups = folder.resolve("data/backup").toString();
        String ofTen;
        String ofTwenty;
        try (Application hub = Application.start(hubWithBackups(Map.of()));
                Bactrian publisher = Bactrian.open(ClientSettings.builder("p")
                        .publishPort(publishPort)
                        .data(folder.resolve("p"))
                        .build())) {
            assertThat(hub.context().getRoute("back-up-hub")).isNotNull();
            put(publisher, 10);
            assertThat(run("data", "backup", "now")).as(err).isZero();
            assertThat(out).startsWith("backup 2");
            ofTen = end();
            assertThat(Files.getPosixFilePermissions(Path.of(backups)))
                    .as("closed to other users")
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            put(publisher, 10);
            assertThat(run("data", "backup", "now", "--json")).as(err).isZero();
            ofTwenty = end();
            assertThat(Long.parseLong(ofTwenty)).isGreaterThanOrEqualTo(Long.parseLong(ofTen) + 10);
            assertThat(run("data", "restore", backups)).isEqualTo(ExitCode.FAILED);
            assertThat(err).contains("a hub runs on the log").contains("stop it first");
        }
        assertThat(run("data", "backup", "now"))
                .as("the hub does not run: " + err)
                .isZero();
        // With what a hub logs at its start.
        String newest = end();
        assertThat(Long.parseLong(newest)).isGreaterThanOrEqualTo(Long.parseLong(ofTwenty));

        assertThat(run("data", "backup", "list")).as(err).isZero();
        List<String> lines = out.lines().toList();
        assertThat(lines.get(0)).contains("backup", "first", "last", "epoch", "octets");
        assertThat(lines.size()).isGreaterThanOrEqualTo(3);
        assertThat(run("data", "backup", "list", backups, "--json")).isZero();
        assertThat(out)
                .contains("\"end\":" + ofTen)
                .contains("\"end\":" + ofTwenty)
                .contains("\"problem\":\"\"");
        assertThat(run("data", "backup", "verify", "--all")).isZero();
        assertThat(out.lines()).allSatisfy(line -> assertThat(line).startsWith("good: backup "));

        String first = lines.stream()
                .filter(line -> line.matches("\\S+\\s+1\\s+" + ofTen + "\\s.*"))
                .findFirst()
                .orElseThrow()
                .split(" ", 2)[0];
        assertThat(run("new", "restore", backups, "--at", first, "--json"))
                .as(err)
                .isZero();
        assertThat(out).contains("\"backup\":\"" + first + "\"").contains("\"end\":" + ofTen);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("new"))))
                .isEqualTo("rwx------");
        assertThat(run("new", "restore", backups)).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("not restored: there is a log in").contains("--force");
        assertThat(run("new", "restore", backups, "--force")).as(err).isZero();
        assertThat(out).startsWith("restored backup 2").contains("log positions 1 to " + newest);
        // By this the restore cannot be noted there.
        Path noted = Files.createDirectories(folder.resolve("data/backup/.restores.aside/x"));
        String seen = onTerminal(
                "restore", backups, "--force", "--data", folder.resolve("new").toString());
        assertThat(seen).as("a progress bar").containsPattern("restore +100% \\[=+\\]");
        assertThat(seen.indexOf("restored backup 2")).isGreaterThan(seen.indexOf("100%"));
        assertThat(seen.indexOf("give it --log-epoch")).isGreaterThan(seen.lastIndexOf("100%"));
        Files.delete(noted);
        seen = onTerminal("backup", "verify", backups);
        assertThat(seen.indexOf("good: backup 2"))
                .as("not where the progress bar is written over it: " + seen)
                .isGreaterThan(seen.lastIndexOf("verify 100%"));

        Path state = newestState(folder.resolve("data/backup/state"));
        Files.writeString(state, "damaged");
        assertThat(run("data", "backup", "list")).isEqualTo(ExitCode.FAILED);
        assertThat(run("data", "backup", "verify")).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("damaged backup ").contains(state.toString());
        assertThat(run("other", "restore", backups)).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("not restored: damaged backup ").contains(state.toString());
        assertThat(run("other", "restore", backups, "--last-whole")).as(err).isZero();
        assertThat(err).contains("passed over backup ");
    }

    @Test
    void whatAHubDeletesMeanwhileIsNotDamaged() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        try (Application hub = Application.start(hubWithBackups(Map.of("bactrian.backup.keep.count", "2")));
                ProducerTemplate template = hub.context().createProducerTemplate();
                Bactrian publisher = Bactrian.open(ClientSettings.builder("p")
                        .publishPort(publishPort)
                        .data(folder.resolve("p"))
                        .build())) {
            put(publisher, 1);
            template.requestBody("direct:back-up", (Object) null);
            CompletableFuture<Void> backups = CompletableFuture.runAsync(() -> {
                while (!ended.get()) {
                    publisher.put("t", new byte[1]).join();
                    template.requestBody("direct:back-up", (Object) null);
                }
            });
            try {
                for (int i = 0; i < 20; i++) {
                    boolean good = run("data", "backup", "verify", "--all") == ExitCode.OK;
                    assertThat(good || err.contains("verify again")).as(err).isTrue();
                    boolean listed = run("data", "backup", "list") == ExitCode.OK;
                    assertThat(listed).as(err).isTrue();
                }
            } finally {
                ended.set(true);
                backups.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private String onTerminal(String... arguments) throws Exception {
        return OnTerminal.run(folder, Main.class, List.of(arguments));
    }

    @Test
    void whereThereIsNoHubThereIsNothingToBackUp() throws Exception {
        assertThat(run("data", "backup", "now")).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("nothing answers at", "there is no log in", "--data");
        assertThat(folder.resolve("data")).as("no empty hub is made").doesNotExist();
        Path log = folder.resolve("data/journal/hub");
        try (Journal journal = Journal.open(log, JournalSettings.defaults())) {
            assertThat(run("data", "backup", "now")).isEqualTo(ExitCode.FAILED);
            assertThat(err).contains("a hub runs on the log", "bactrian.management.port");
            assertThat(journal.end()).isZero();
        }
        try (Closeable backups = JournalImage.lock(folder.resolve("data/backup"))) {
            assertThat(backups).isNotNull();
            assertThat(run("data", "backup", "now")).isEqualTo(ExitCode.FAILED);
            assertThat(err)
                    .contains("the folder of the backups is in use", folder.resolve("data/backup") + " is")
                    .doesNotContain("a hub runs on the log");
        }
    }

    @Test
    void aDatabaseThatCannotBeOpenedIsSaidInALine() throws Exception {
        Path backups = folder.resolve("data/backup");
        Journal.open(folder.resolve("data/journal/hub"), JournalSettings.defaults())
                .close();
        assertThat(run("data", "backup", "now")).as(err).isZero();
        assertThat(run(
                        "new",
                        "restore",
                        backups.toString(),
                        "--set",
                        "bactrian.hub.database.url=jdbc:h2:file:/dev/null/x"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err.strip())
                .startsWith("not restored: Cannot open the database")
                .doesNotContain("\tat ");
        assertThat(run("new", "restore", backups.toString(), "--set", "bactrian.hub.database.url=mine"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err.strip()).isEqualTo("not restored: A database URL begins with jdbc:, this one does not: mine");
        String never = "+999999999-12-31T23:59:59Z";
        assertThat(run("new", "restore", backups.toString(), "--at", never))
                .as(err)
                .isZero();
    }

    @Test
    void aFullDiskIsSaidWithItsFolder() throws Exception {
        Journal.open(folder.resolve("data/journal/hub"), JournalSettings.defaults())
                .close();
        assertThat(run("data", "backup", "now")).as(err).isZero();
        String backups = folder.resolve("data/backup").toString();
        Path small = folder.resolve("small");
        try (SmallDisk disk = SmallDisk.mount(small, 1)) {
            disk.fill();
            assertThat(run("new", "restore", backups, "--set", "bactrian.hub.journal=" + small))
                    .isEqualTo(ExitCode.FAILED);
            assertThat(err).startsWith("not restored into " + small + ": ").contains("No space left");
        }
    }

    @Test
    void aFileInThePlaceOfTheFolderIsSaid() throws Exception {
        Journal.open(folder.resolve("data/journal/hub"), JournalSettings.defaults())
                .close();
        Path file = Files.writeString(folder.resolve("data/backup"), "in the way");
        assertThat(run("data", "backup", "now")).isEqualTo(ExitCode.FAILED);
        assertThat(err.strip()).isEqualTo("no backup: the folder of the backups is a file and no folder: " + file);
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThat(run("data", "backup", "list", folder.resolve("none").toString()))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("there is no folder");
        assertThat(run("data", "backup", "verify", folder.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(err).contains("holds no finished backup");
        assertThat(run("data", "restore", folder.toString(), "--at", "noon")).isEqualTo(ExitCode.USAGE);
        assertThat(err).contains("'noon' is no time");
    }

    private static void put(Bactrian publisher, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            publisher.put("t", "m".getBytes(StandardCharsets.UTF_8)).get(60, TimeUnit.SECONDS);
        }
    }

    private static Path newestState(Path state) throws IOException {
        try (Stream<Path> files = Files.list(state)) {
            return files.filter(file -> file.toString().contains("bactrian_checkpoint"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }
}
