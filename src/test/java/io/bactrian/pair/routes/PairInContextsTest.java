package io.bactrian.pair.routes;

import static io.bactrian.pair.routes.PairContexts.PATIENCE;
import static io.bactrian.pair.routes.PairContexts.pair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.testing.Ports;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.ServiceStatus;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.cluster.ClusteredRoutePolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two contexts with the shipped routes of the pair copy a journal of a user, and run a user's route on the active only. */
@Tag("system")
class PairInContextsTest {
    @TempDir
    Path folder;

    private final Map<String, Long> led = new ConcurrentHashMap<>();
    private PairContexts contexts;

    @BeforeEach
    void open() {
        contexts = new PairContexts(folder);
    }

    @AfterEach
    void stop() {
        contexts.close();
    }

    private DefaultCamelContext start(String side) throws Exception {
        return start(side, Map.of());
    }

    private DefaultCamelContext start(String side, Map<String, String> more) throws Exception {
        return contexts.start(side, more, context -> {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:of-the-active").routeId("of-the-active").to("log:orders");
                    from("master:orders:timer:of-the-leader?period=20")
                            .routeId("of-the-leader")
                            .process(exchange -> led.merge(side, 1L, Long::sum));
                }
            });
            pair(context);
            context.getRouteDefinition("of-the-active").routePolicy(ClusteredRoutePolicy.forNamespace("any"));
        });
    }

    private static boolean runs(DefaultCamelContext context) {
        return context.getRouteController().getRouteStatus("of-the-active") == ServiceStatus.Started;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aJournalOfAUserIsCopiedByNameAndItsRouteRunsOnTheActive() throws Exception {
        DefaultCamelContext primary = start("primary");
        DefaultCamelContext backup = start("backup");
        contexts.awaitInStep("primary");
        Journal source = pair(primary).journal();
        Journal copy = pair(backup).journal();
        for (int i = 0; i < 100; i++) {
            source.append(bytes("order " + i));
        }
        await().atMost(PATIENCE).until(() -> copy.end() == 100 && pair(primary).committed() == 100);
        assertThat(copy.read(100, 100).get(0).payload()).isEqualTo(bytes("order 99"));
        assertThat(copy.read(100, 100).get(0).timestampMs())
                .isEqualTo(source.read(100, 100).get(0).timestampMs());
        assertThatThrownBy(() -> copy.append(bytes("no")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("only the active node");
        await().atMost(PATIENCE).until(() -> runs(primary) && !runs(backup));
        await().atMost(PATIENCE).until(() -> led.containsKey("primary"));
        assertThat(led).doesNotContainKey("backup");

        pair(primary).switchOver();
        await().atMost(PATIENCE)
                .until(() -> pair(backup).active() && !pair(primary).active());
        await().atMost(PATIENCE).until(() -> runs(backup) && !runs(primary));
        await().atMost(PATIENCE).until(() -> led.containsKey("backup"));
        await().atMost(PATIENCE).until(() -> "IN".equals(pair(backup).figures().get("peerStanding")));
        assertThat(copy.append(bytes("after the switch"))).isEqualTo(101);
        await().atMost(PATIENCE).until(() -> source.end() == 101 && source.epochOf(101) == 4);
    }

    @Test
    void anOperatorPromotesTheCopyWhenTheActiveIsGone() throws Exception {
        DefaultCamelContext primary = start("primary");
        DefaultCamelContext backup = start("backup");
        await().atMost(PATIENCE).until(() -> "IN".equals(pair(primary).figures().get("peerStanding")));
        pair(primary).journal().append(bytes("kept"));
        await().atMost(PATIENCE).until(() -> pair(backup).journal().end() == 1);
        assertThatThrownBy(() -> pair(backup).promote(false)).hasMessageContaining("the peer is alive");
        contexts.stop("primary");
        await().atMost(PATIENCE)
                .until(() -> Boolean.FALSE.equals(pair(backup).figures().get("peerAlive")));
        assertThat(pair(backup).active())
                .as("nobody asked, so nobody takes over")
                .isFalse();
        pair(backup).promote(false);
        assertThat(pair(backup).active()).isTrue();
        assertThat(pair(backup).journal().append(bytes("goes on"))).isEqualTo(2);
    }

    /** Both nodes, the copy held up, and so many entries that only the active has. The peer stays in step for a minute. */
    private void aheadOfItsCopy(int entries) throws Exception {
        Map<String, String> async = Map.of("bactrian.pair.replication", "async", "bactrian.pair.outAfterMs", "60000");
        DefaultCamelContext primary = start("primary", async);
        DefaultCamelContext backup = start("backup", async);
        await().atMost(PATIENCE).until(() -> "IN".equals(pair(primary).figures().get("peerStanding")));
        backup.getRouteController().stopRoute("keep-copy");
        for (int i = 0; i < entries; i++) {
            pair(primary).journal().append(bytes("order " + i));
        }
    }

    @Test
    void withAsyncReplicationNobodyWaitsForACopyAndTheLagIsTold() throws Exception {
        aheadOfItsCopy(50);
        DefaultCamelContext primary = contexts.get("primary");
        DefaultCamelContext backup = contexts.get("backup");

        await().atMost(PATIENCE).until(() -> pair(primary).committed() == 50);
        assertThat(pair(primary).figures()).containsEntry("peerStanding", "IN");
        assertThat(pair(backup).journal().end()).isZero();
        CopyLag lag = CopyLag.of(pair(primary));
        assertThat(lag.messages()).isEqualTo(50);
        assertThat(lag.bytes()).isEqualTo(10 * "order 0".length() + 40 * "order 10".length());
        await().atMost(PATIENCE).until(() -> CopyLag.of(pair(primary)).ms() > 0);

        backup.getRouteController().startRoute("keep-copy");
        await().atMost(PATIENCE).until(() -> pair(backup).journal().end() == 50);
        await().atMost(PATIENCE).until(() -> CopyLag.of(pair(primary)).equals(new CopyLag(0, 0, 0)));
    }

    @Test
    void aPromotionByForceLeavesAsideWhatOnlyTheFormerActiveHad() throws Exception {
        aheadOfItsCopy(5);
        Pair former = pair(contexts.get("primary"));
        Pair promoted = pair(contexts.get("backup"));
        await().atMost(PATIENCE).until(() -> former.committed() == 5);

        promoted.promote(true);
        await().atMost(PATIENCE).until(() -> promoted.active() && !former.active());
        promoted.journal().append(bytes("after it"));
        await().atMost(PATIENCE).until(() -> former.journal().end() == 1);
        assertThat(former.journal().read(1, 100).get(0).payload()).isEqualTo(bytes("after it"));
        assertThat(String.valueOf(former.figures().get("events")))
                .contains("MOVED_ASIDE positions 1 to 5 were accepted here alone");
        assertThat(folder.resolve("primary/journal")).isDirectoryContaining("glob:**/orders.aside-*");
    }

    @Test
    void aNodeThatReturnsLeavesItsPeerActive() throws Exception {
        start("primary");
        start("backup");
        contexts.awaitInStep("primary");
        Pair backup = contexts.pair("backup");
        // A node that has not been told yet how far the log goes would wait.
        contexts.pair("primary").journal().append(bytes("before"));
        await().atMost(PATIENCE).until(() -> backup.committed() == 1);
        contexts.stop("primary");
        await().atMost(PATIENCE).until(() -> {
            backup.vote();
            return backup.active();
        });
        int epoch = backup.epoch();
        start("primary");
        contexts.awaitInStep("backup");
        for (int i = 0; i < 20; i++) {
            backup.journal().append(bytes("order " + i));
        }
        Pair returned = contexts.pair("primary");
        await().atMost(PATIENCE).until(() -> returned.journal().end() == 21 && backup.committed() == 21);
        returned.vote();
        assertThat(returned.active()).isFalse();
        assertThat(returned.figures()).containsEntry("takeovers", 0L);
        assertThat(backup.active()).isTrue();
        assertThat(backup.epoch()).isEqualTo(epoch);
    }

    @Test
    void itIsToldOnceThatNeitherNodeIsActive() throws Exception {
        Map<String, String> noWitness = Map.of(
                "bactrian.pair.heartbeatMs", "100",
                "bactrian.pair.witness.use", "true",
                "bactrian.pair.witness", "tcp://127.0.0.1:" + Ports.free());
        start("primary", noWitness);
        start("backup", noWitness);
        for (String side : List.of("primary", "backup")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    String.valueOf(contexts.pair(side).figures().get("events")))
                            .contains("TWO_PASSIVES", "neither has been active for 800 ms", "; next: "));
        }
        contexts.pair("primary").promote(true);
        await().atMost(PATIENCE).until(() -> contexts.pair("primary").active());
    }

    /** The links are whole and the process lives: what the node says of its log must not make up for missing heartbeats. */
    @ParameterizedTest
    @ValueSource(strings = {"500", "100"})
    void aNodeThatIsNotWellIsDeadToItsPeerWhichTakesOver(String heartbeatMs) throws Exception {
        AtomicBoolean well = new AtomicBoolean(true);
        Map<String, String> quick = Map.of("bactrian.pair.heartbeatMs", heartbeatMs);
        pair(start("primary", quick)).addHealthCheck(well::get);
        start("backup", quick);
        contexts.awaitInStep("primary");
        Pair ill = contexts.pair("primary");
        Pair other = contexts.pair("backup");
        ill.journal().append(bytes("before"));
        await().atMost(PATIENCE).until(() -> other.committed() == 1);

        well.set(false);
        await().atMost(PATIENCE)
                .until(() -> Boolean.FALSE.equals(other.figures().get("peerAlive")));
        await().atMost(PATIENCE).until(() -> {
            other.vote();
            return other.active() && !ill.active();
        });
        other.journal().append(bytes("after"));

        well.set(true);
        contexts.awaitInStep("backup");
        await().atMost(PATIENCE).until(() -> ill.journal().end() == 2);
    }

    /** As if the disk hung: whoever asks whether the node is well waits. */
    @Test
    void aNodeThatCannotTellWhetherItIsWellIsDeadToItsPeer() throws Exception {
        CountDownLatch goesOn = new CountDownLatch(1);
        AtomicBoolean hangs = new AtomicBoolean();
        Map<String, String> quick = Map.of("bactrian.pair.heartbeatMs", "500");
        pair(start("primary", quick)).addHealthCheck(() -> {
            if (hangs.get()) {
                awaitUninterruptibly(goesOn);
            }
            return true;
        });
        start("backup", quick);
        contexts.awaitInStep("primary");
        Pair other = contexts.pair("backup");
        try {
            hangs.set(true);
            await().atMost(PATIENCE)
                    .until(() -> Boolean.FALSE.equals(other.figures().get("peerAlive")));
        } finally {
            hangs.set(false);
            goesOn.countDown();
        }
        await().atMost(PATIENCE).until(() -> Boolean.TRUE.equals(other.figures().get("peerAlive")));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void everyMeterHasAHelpTextAndANameAsPrometheusWantsThem() throws Exception {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        contexts.start(
                "primary", Map.of(), context -> context.getRegistry().bind("meters", MeterRegistry.class, registry));
        List<String> helps = registry.scrape()
                .lines()
                .filter(line -> line.startsWith("# HELP bactrian_pair_"))
                .toList();
        assertThat(helps)
                .hasSize(14)
                .allMatch(help -> help.matches("# HELP bactrian_pair(_[a-z]+)+ .+"))
                .anyMatch(help -> help.startsWith("# HELP bactrian_pair_takeovers_total "))
                .anyMatch(help -> help.startsWith("# HELP bactrian_pair_lag_seconds "));
    }
}
