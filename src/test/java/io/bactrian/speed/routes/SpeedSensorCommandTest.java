package io.bactrian.speed.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.app.Main;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.JournalFolder;
import io.bactrian.speed.core.SpeedRecord;
import io.bactrian.testing.JavaCommand;
import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bactrian run speed-sensor --file}: the Speeds of a file, or of the standard input, come to the server's log. */
@Tag("slow")
class SpeedSensorCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int ID = 7;

    @TempDir
    Path folder;

    private final int port = Ports.free();
    private final int management = Ports.free();
    private Application server;
    private Process sensor;

    @BeforeEach
    void startServer() {
        startServer(Map.of());
    }

    private void startServer(Map<String, String> more) {
        Map<String, String> keys = new HashMap<>(Map.of(
                "bactrian.data",
                folder.resolve("server").toString(),
                "bactrian.pair.heartbeatMs",
                "100",
                "bactrian.speed.primary.port",
                "" + port,
                "camel.management.enabled",
                "false",
                "camel.main.name",
                "speed-server-of-a-command"));
        keys.putAll(more);
        for (String key : List.of("primary.beats", "backup.beats", "primary.copies", "backup.copies")) {
            keys.put("bactrian.pair." + key, "" + Ports.free());
        }
        server = Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("speed-server"),
                keys,
                Map.of(),
                new Properties()));
    }

    @AfterEach
    void stop() throws Exception {
        if (sensor != null) {
            sensor.destroyForcibly();
        }
        server.close();
    }

    private void startSensor(String file, String... more) throws IOException {
        List<String> command = new ArrayList<>(JavaCommand.of(
                List.of("-Xmx128m"),
                Main.class,
                "run",
                "speed-sensor",
                "--id",
                "" + ID,
                "--servers",
                "tcp://127.0.0.1:" + port + ",tcp://127.0.0.1:" + Ports.free(),
                "--file",
                file,
                "--interval",
                "20",
                "--data",
                folder.resolve("sensor").toString(),
                "--set",
                "bactrian.management.port=" + management));
        command.addAll(List.of(more));
        sensor = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
    }

    private Path log() {
        return folder.resolve("sensor.log");
    }

    /** What the dev console of the sensor says; empty while it does not answer. */
    private String console() throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/q/dev/speed"))
                    .header("Accept", "application/json")
                    .build();
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "";
        }
    }

    private void awaitAcknowledged(int speeds, boolean ended) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(console())
                        .contains("\"acknowledged\":" + speeds)
                        .contains("\"owed\":0")
                        .contains("\"ended\":" + ended));
    }

    /** Ends both, and returns the values that the log holds by their sequences. */
    private Map<Long, Long> logged() throws Exception {
        sensor.destroy();
        assertThat(sensor.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        server.close();
        Map<Long, Long> values = new TreeMap<>();
        JournalFolder.verify(folder.resolve("server/journal/speed")).read(1, (Entry entry) -> {
            for (SpeedRecord record : SpeedRecord.decode(entry.payload()).records()) {
                if (record instanceof SpeedRecord.Measured measured) {
                    assertThat(measured.sensor()).isEqualTo(ID);
                    assertThat(values.put(measured.sequence(), measured.value()))
                            .as("counts once")
                            .isNull();
                }
            }
            return true;
        });
        return values;
    }

    @Test
    void theSpeedsOfAFileAreAcknowledgedOnceEachInTheirOrder() throws Exception {
        Path file = Files.writeString(folder.resolve("speeds"), "80\nno speed\n 90.5 \n\n71\n");
        startSensor(file.toString());
        awaitAcknowledged(3, true);
        assertThat(Files.readString(log())).contains("all values of " + file + " are measured");
        assertThat(logged()).isEqualTo(values(80_000_000, 90_500_000, 71_000_000));
    }

    @Test
    void aFileWithMuchThatIsNoSpeedNorAnyTextDoesNotFillTheLog() throws Exception {
        Path file = Files.write(folder.resolve("speeds"), new byte[] {'8', '0', '\n', (byte) 0xFF, (byte) 0xFE, '\n'});
        Files.writeString(file, "no speed\n".repeat(500) + "71\n", StandardOpenOption.APPEND);
        startSensor(file.toString());
        awaitAcknowledged(2, true);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(log()))
                        .contains("all 2 values are acknowledged, 501 lines were skipped"));
        assertThat(Files.readAllLines(log())).hasSizeLessThan(40).noneMatch(line -> line.contains("ERROR"));
        assertThat(logged()).isEqualTo(values(80_000_000, 71_000_000));
    }

    @Test
    void theSpeedsOfTheStandardInputAreAcknowledgedAsTheyCome() throws Exception {
        startSensor("-");
        try (OutputStream input = sensor.getOutputStream()) {
            write(input, "80\n90.5\n");
            awaitAcknowledged(2, false);
            write(input, "71\n");
            awaitAcknowledged(3, false);
        }
        awaitAcknowledged(3, true);
        assertThat(logged()).isEqualTo(values(80_000_000, 90_500_000, 71_000_000));
    }

    @Test
    void sensorsAndServersWithKeysUnderstandEachOther() throws Exception {
        for (String name : List.of("server", "sensor")) {
            CurveKeys keys = CurveKeys.generate();
            Files.writeString(folder.resolve(name + ".secret"), CurveCertificate.secretText(keys, Map.of()));
            Path known = Files.createDirectories(folder.resolve("of-" + name));
            Files.writeString(known.resolve("key"), CurveCertificate.publicText(keys.publicKey(), Map.of()));
        }
        server.close();
        startServer(Map.of(
                "bactrian.speed.security", "curve",
                "bactrian.speed.security.curveKeyFile",
                        folder.resolve("server.secret").toString(),
                "bactrian.speed.security.curveClientKeys",
                        folder.resolve("of-sensor").toString()));
        String prefix = "bactrian.sensor.security";
        startSensor(
                Files.writeString(folder.resolve("speeds"), "80\n71\n").toString(),
                "--set",
                prefix + "=curve",
                "--set",
                prefix + ".curveKeyFile=" + folder.resolve("sensor.secret"),
                "--set",
                prefix + ".curveServerKeyFile=" + folder.resolve("of-server/key"));
        awaitAcknowledged(2, true);
        assertThat(logged()).isEqualTo(values(80_000_000, 71_000_000));
    }

    @Test
    void aFileThatIsNotThereIsRefusedAtTheStart() throws Exception {
        refusedAtTheStart(folder.resolve("nothing"));
    }

    @Test
    void aFolderIsRefusedAtTheStart() throws Exception {
        refusedAtTheStart(folder);
    }

    private void refusedAtTheStart(Path file) throws Exception {
        startSensor(file.toString());
        assertThat(sensor.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(sensor.exitValue()).isNotZero();
        assertThat(Files.readString(log())).contains("bactrian.sensor.file=" + file + " cannot be read: name a file");
    }

    private static void write(OutputStream input, String lines) throws IOException {
        input.write(lines.getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    private static Map<Long, Long> values(long... micros) {
        Map<Long, Long> values = new TreeMap<>();
        for (long one : micros) {
            values.put((long) values.size(), one);
        }
        return values;
    }
}
