package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Ports;
import io.bactrian.testing.Tools;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bursts of plain peers through the hub, which logs them, and through a bare proxy of libzmq, which does not. */
@Tag("campaign")
class PlainBurstTest {
    private static final int MESSAGES = 5_000;
    private static final int ROUNDS = 8;

    /** What came of all rounds, and the best of their rates. */
    private record Outcome(long lost, long disorder, double rate) {}

    @TempDir
    Path folder;

    @Test
    void theHubLosesNoMoreThanABareProxyKeepsTheOrderAndHasHalfItsRate() throws Exception {
        List<Outcome> proxy = new ArrayList<>();
        List<Outcome> through = new ArrayList<>();
        try (TestHub hub = new TestHub(folder, TestHub.Dsl.YAML).start()) {
            for (int i = 0; i < 3; i++) {
                // Java compiles what runs hot.
                run(hub.plainInPort(), hub.plainOutPort());
            }
            // In turn, as others have the machine, too.
            for (int i = 0; i < 3; i++) {
                int port = Ports.free(2);
                proxy.add(run(port, port + 1, "--proxy"));
                long dropped = hub.figure("plainDropped");
                Outcome outcome = run(hub.plainInPort(), hub.plainOutPort());
                through.add(outcome);
                assertThat(hub.figure("plainDropped") - dropped)
                        .as("what is lost in the hub is counted")
                        .isEqualTo(outcome.lost());
            }
        }
        System.out.println("proxy " + proxy + "\nhub   " + through);
        assertThat(through).allMatch(outcome -> outcome.disorder() == 0);
        assertThat(lost(through)).isLessThanOrEqualTo(lost(proxy) + MESSAGES * ROUNDS * 3 / 100);
        assertThat(rate(through)).isGreaterThanOrEqualTo(rate(proxy) / 2);
    }

    private static long lost(List<Outcome> outcomes) {
        return outcomes.stream().mapToLong(Outcome::lost).sum();
    }

    /** The best, as what others do on the machine makes each of them slower. */
    private static double rate(List<Outcome> outcomes) {
        return outcomes.stream().mapToDouble(Outcome::rate).max().orElseThrow();
    }

    private static Outcome run(int pub, int sub, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(Tools.pythonWithZmq(), "src/test/python/plain_burst.py"));
        command.addAll(List.of("--pub", "tcp://127.0.0.1:" + pub, "--sub", "tcp://127.0.0.1:" + sub));
        command.addAll(List.of("--messages", String.valueOf(MESSAGES), "--rounds", String.valueOf(ROUNDS)));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        List<JsonObject> rounds = ((JsonArray) Jsoner.deserialize(out))
                .stream().map(JsonObject.class::cast).toList();
        return new Outcome(
                rounds.stream()
                        .mapToLong(round -> MESSAGES - round.getLong("got"))
                        .sum(),
                rounds.stream().mapToLong(round -> round.getLong("disorder")).sum(),
                rounds.stream()
                        .mapToDouble(round -> round.getDoubleOrDefault("rate", 0))
                        .max()
                        .orElseThrow());
    }
}
