package io.bactrian.speed.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.testing.Ports;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** A server alone, as {@code run speed-server --role primary} starts it, against clients that do what they should not. */
@Tag("system")
class SpeedServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SILENCE_MS = 300;
    private static final String VOTE = "77,0,Speed,80,1";
    private static final int ANSWER_MS = 60_000;
    private static final long AVERAGES_MAX = 20;

    @TempDir
    Path folder;

    private final int port = Ports.free();
    private final ZContext sockets = new ZContext();
    private @Nullable Application server;

    @BeforeEach
    void start() {
        Map<String, String> keys = new HashMap<>(Map.of(
                "bactrian.data",
                folder.toString(),
                "bactrian.pair.heartbeatMs",
                "100",
                "bactrian.speed.primary.port",
                "" + port,
                "bactrian.speed.averages.max",
                "" + AVERAGES_MAX,
                "bactrian.speed.sensors.idleS",
                "10",
                "camel.management.enabled",
                "false",
                "camel.main.name",
                "speed-server-alone"));
        for (String key : List.of("primary.beats", "backup.beats", "primary.copies", "backup.copies")) {
            keys.put("bactrian.pair." + key, "" + Ports.free());
        }
        server = Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("speed-server"),
                keys,
                Map.of(),
                new Properties()));
        // The vote, by a Speed that is too old to count.
        Client vote = new Client();
        await().atMost(PATIENCE).until(() -> {
            vote.send(VOTE);
            return vote.receive(SILENCE_MS).equals(VOTE);
        });
        vote.close();
    }

    @AfterEach
    void stop() throws Exception {
        sockets.close();
        if (server != null) {
            server.close();
        }
    }

    private final class Client {
        private final ZMQ.Socket socket = sockets.createSocket(SocketType.DEALER);

        Client() {
            socket.setLinger(0);
            // JeroMQ's first handshake may hang.
            socket.setHandshakeIvl(300);
            socket.connect("tcp://127.0.0.1:" + port);
        }

        void send(String frame) {
            socket.send(frame.getBytes(StandardCharsets.UTF_8));
        }

        /** The next frame; empty if none comes in time. */
        String receive(int timeoutMs) {
            socket.setReceiveTimeOut(timeoutMs);
            byte[] frame = socket.recv();
            return frame == null ? "" : new String(frame, StandardCharsets.UTF_8);
        }

        String receive() {
            return receive(ANSWER_MS);
        }

        /** Everything until nothing comes for a while. */
        List<String> rest() {
            List<String> all = new ArrayList<>();
            for (String next = receive(SILENCE_MS); !next.isEmpty(); next = receive(SILENCE_MS)) {
                all.add(next);
            }
            return all;
        }

        /** Sends a Speed, and returns the value of the Average that it makes. */
        long average(String speed) {
            send(speed);
            assertThat(receive()).isEqualTo(speed);
            String[] fields = receive().split(",", -1);
            assertThat(fields).hasSize(4).contains("Average");
            send(speed.substring(0, speed.indexOf(',') + 1) + String.join(",", fields));
            return Long.parseLong(fields[2]);
        }

        void close() {
            socket.close();
        }
    }

    private static long nowS() {
        return Instant.now().getEpochSecond();
    }

    private CamelContext context() {
        return Objects.requireNonNull(server).context();
    }

    private SpeedServer bean() {
        return context().getRegistry().lookupByNameAndType("bactrianSpeed", SpeedServer.class);
    }

    private long figure(String name) {
        return ((Number) bean().figures().get(name)).longValue();
    }

    private long count(String name) {
        return bean().figures().get("counts") instanceof Map<?, ?> counts && counts.get(name) instanceof Long count
                ? count
                : 0;
    }

    @Test
    void framesThatNobodyUnderstandsHarmNobodyAndAreNotAnswered() {
        Client hostile = new Client();
        List<String> poison = List.of(
                "",
                "nonsense",
                "1,2,Speed,80",
                "1,2,Speed,80,1,2",
                "1,2,Speed,eighty,1",
                "1,2,Speed,80,now",
                "-1,2,Speed,80,1",
                "999999999999999999999999,2,Speed,80,1",
                "\u0000\u0001\u00ff,,,,",
                ",".repeat(800));
        for (int i = 0; i < 3; i++) { // as one that resends
            poison.forEach(hostile::send);
        }
        hostile.socket.send(new byte[900]);
        for (int i = 0; i < 5; i++) {
            hostile.socket.sendMore("part");
        }
        hostile.socket.send("last");
        Client good = new Client();
        assertThat(good.average("1,0,Speed,80," + nowS())).isEqualTo(80);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                count("bad.fields") + count("bad.number") + count("bad.value") + count("bad.long"))
                        .isGreaterThanOrEqualTo(3L * poison.size() + 1));
        assertThat(hostile.rest()).isEmpty();
        assertThat(good.average("1,1,Speed,90," + nowS())).isEqualTo(85);
    }

    @Test
    void anUnknownTypeIsCountedAndNotAcknowledged() {
        Client client = new Client();
        client.send("1,0,Weight,80," + nowS());
        assertThat(client.average("1,0,Speed,80," + nowS())).isEqualTo(80);
        assertThat(count("bad.type")).isEqualTo(1);
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void acknowledgementsOfUnknownClientsAndOfFutureAveragesAreCounted() {
        Client client = new Client();
        client.send("55,0,Average,80," + nowS());
        assertThat(client.average("1,0,Speed,80," + nowS())).isEqualTo(80);
        client.send("1,99999,Average,80," + nowS());
        assertThat(client.average("1,1,Speed,80," + nowS())).isEqualTo(80);
        assertThat(count("bad.acknowledgement")).isEqualTo(2);
    }

    @Test
    void anOldTimestampIsAcknowledgedAndDoesNotCount() {
        Client client = new Client();
        assertThat(client.average("1,0,Speed,80," + nowS())).isEqualTo(80);
        assertThat(client.average("1,1,Speed,10," + (nowS() - 3_600))).isEqualTo(80);
        Client other = new Client();
        assertThat(other.average("2,0,Speed,10,0")).as("of 1970").isEqualTo(80);
    }

    @Test
    void decimalsAreNumbersAndTheAnswerIsRoundedDown() {
        Client client = new Client();
        assertThat(client.average("1,0,Speed,80.5," + nowS())).isEqualTo(80);
        assertThat(client.average("1,1,Speed,81.49," + nowS())).as("80.995").isEqualTo(80);
        assertThat(client.average("1,2,Speed,81.01," + nowS())).as("81.0").isEqualTo(81);
    }

    @Test
    void whatComesAgainIsAcknowledgedAgainAndCountsOnce() {
        Client client = new Client();
        String speed = "1,0,Speed,80," + nowS();
        assertThat(client.average(speed)).isEqualTo(80);
        Client after = new Client(); // as a client that has opened a new socket
        for (int i = 0; i < 5; i++) {
            after.send(speed);
            assertThat(after.receive()).isEqualTo(speed);
        }
        assertThat(after.average("1,1,Speed,90," + nowS())).as("of 80 and 90").isEqualTo(85);
        assertThat(count("duplicates")).isEqualTo(5);
    }

    @Test
    void theFirstAverageForANewClientIsTheOneThatItsFirstSpeedMakes() {
        Client one = new Client();
        for (int i = 0; i < 4; i++) {
            one.average("1," + i + ",Speed,80," + nowS());
        }
        long newest = figure("newestAverage");
        Client other = new Client();
        String speed = "2,0,Speed,80," + nowS();
        other.send(speed);
        assertThat(other.receive()).isEqualTo(speed);
        assertThat(other.receive()).startsWith(newest + 1 + ",Average,80,");
    }

    @Test
    void aClientThatNeverAcknowledgesGetsNotAllWithEverySpeedAndItsAveragesAreBounded() {
        Client silent = new Client();
        int speeds = 200;
        for (int i = 0; i < speeds; i++) {
            silent.send("1," + i + ",Speed,80," + nowS());
        }
        List<String> heard = new ArrayList<>();
        while (heard.stream().filter(frame -> frame.contains("Speed")).count() < speeds) {
            String frame = silent.receive();
            assertThat(frame).as("after %d frames", heard.size()).isNotEmpty();
            heard.add(frame);
        }
        heard.addAll(silent.rest());
        assertThat(heard)
                .filteredOn(frame -> frame.contains("Average"))
                .hasSizeBetween((int) AVERAGES_MAX, speeds + 5 * (int) AVERAGES_MAX);
        assertThat(figure("keptAverages")).isLessThanOrEqualTo(AVERAGES_MAX);
        Client good = new Client();
        assertThat(good.average("2,0,Speed,80," + nowS()))
                .as("others are served")
                .isEqualTo(80);
    }

    @Test
    @Tag("slow")
    void clientsThatAreGoneAreForgottenWithAllThatWasKeptForThem() {
        for (int id = 100; id < 120; id++) {
            Client gone = new Client();
            gone.send(id + ",0,Speed,80," + nowS());
            assertThat(gone.receive()).isNotEmpty();
            gone.close();
        }
        assertThat(figure("sensors")).isEqualTo(21);
        assertThat(figure("answered")).isEqualTo(21);
        Client stays = new Client();
        long[] sequence = {0};
        await().atMost(PATIENCE).until(() -> {
            stays.average("1," + sequence[0]++ + ",Speed,80," + nowS());
            return figure("sensors") == 1;
        });
        assertThat(figure("answered")).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> {
            stays.average("1," + sequence[0]++ + ",Speed,80," + nowS());
            return figure("keptAverages") <= 2;
        });
    }
}
