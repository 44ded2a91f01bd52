package io.bactrian.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The curve of {@code bench pubsub --curve} with that of NATS JetStream beside it, in turns. JetStream stores in files and
 * does not sync them; ours syncs. {@code -Dbactrian.bench.chart=F} writes the chart, {@code -Dbactrian.bench.seconds=10} has
 * each rate measured for so long.
 */
@Tag("campaign")
class NatsCurveTest {
    private static final Path SERVER = Path.of("/usr/sbin/nats-server");
    private static final int SIZE = 1024;

    @TempDir
    private Path folder;

    @Test
    @Timeout(1_800)
    void bothCurves() throws Exception {
        assumeTrue(Files.isExecutable(SERVER), "the Debian package nats-server is not installed");
        int port = BenchHub.freePort();
        String url = "nats://127.0.0.1:" + port;
        Path configuration = folder.resolve("nats.conf");
        Files.writeString(
                configuration,
                "listen: 127.0.0.1:" + port + "\njetstream { store_dir: \"" + folder + "\", max_file_store: 20G }\n");
        Process server = new ProcessBuilder(SERVER.toString(), "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nats.log").toFile())
                .start();
        RateBench.Options options = new RateBench.Options(
                SIZE, 1, 1, Duration.ofSeconds(Integer.getInteger("bactrian.bench.seconds", 1)), 4, null);
        try (Fleet nats = new Fleet("NATS JetStream", SIZE, () -> cpuSeconds(server), System.out::println)) {
            addStream(url);
            BenchProcess subscriber = worker("subscribe", url);
            subscriber.await("ready");
            BenchProcess publisher = worker("publish", url);
            publisher.await("ready");
            nats.add(publisher, List.of(subscriber));

            List<RateResult> results = new RateBench(options, System.out::println).curveBeside(nats);

            assertThat(results).hasSize(20).allSatisfy(result -> {
                assertThat(result.delivered()).isPositive();
                assertThat(result.p50Micros()).isLessThanOrEqualTo(result.p99Micros());
            });
            System.out.println(RateResult.table(results));
            String chart = System.getProperty("bactrian.bench.chart");
            if (chart != null) {
                RateChart.write(results, Path.of(chart));
            }
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private static double cpuSeconds(Process process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L) / 1e9;
    }

    @SuppressWarnings("try") // an interrupt ends the test
    private static void addStream(String url) throws Exception {
        Options patient = Options.builder()
                .server(url)
                .maxReconnects(-1)
                .connectionTimeout(Duration.ofSeconds(5))
                .build();
        try (Connection connection = Nats.connectReconnectOnConnect(patient)) {
            connection
                    .jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name("RATE")
                            .subjects("rate")
                            .storageType(StorageType.File)
                            .maxBytes(4L << 30)
                            .build());
        }
    }

    private static BenchProcess worker(String role, String url) throws IOException {
        return new BenchProcess(
                role,
                List.of("-Xmx256m"),
                NatsWorker.class.getName(),
                role,
                "nats-" + role,
                url,
                "rate",
                String.valueOf(SIZE));
    }
}
