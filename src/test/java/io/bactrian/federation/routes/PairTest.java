package io.bactrian.federation.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree whose root is a pair, in one process; the scenarios with processes of their own are in the ordinary build. */
@Tag("campaign")
class PairTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PRIMARY = "nodes.root[primary]";
    private static final String BACKUP = "nodes.root[backup]";
    private static final String A = "nodes.root.a";

    @TempDir
    Path folder;

    private TestFederation federation;

    @BeforeEach
    void prepare() throws Exception {
        federation = new TestFederation(folder, """
                nodes:
                  root:
                    owns: [site]
                    primary:
                      ports: primary
                    backup:
                      ports: backup
                    children:
                      a:
                        owns: [tunnel.a]
                        ports: a
                """);
    }

    @AfterEach
    void stop() {
        federation.close();
    }

    private void awaitValue(String node, String key, String value) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(federation.value(node, key))
                        .as(() -> key + " at " + node + federation.figures())
                        .isEqualTo(value));
    }

    @Test
    void theBackupTakesOverWithAClientAndTheAlarmSaysSo() throws Exception {
        federation.start(PRIMARY, BACKUP, A);
        awaitValue(A, "nodes.root.active", "primary");
        federation.put(PRIMARY, "site.mode", "day");
        federation.put(A, "tunnel.a.fan", "1");
        awaitValue(BACKUP, "site.mode", "day");
        awaitValue(BACKUP, "tunnel.a.fan", "1");

        federation.stop(PRIMARY);
        awaitValue(A, "nodes.root.active", "backup");
        await().atMost(PATIENCE)
                .until(() -> federation.value(A, "nodes.root.alarms.failover").startsWith("open"));
        federation.put(BACKUP, "site.mode", "night");
        awaitValue(A, "site.mode", "night");
        federation.node(A).command("alarms@nodes.root", "operator", "failover".getBytes(UTF_8));
        await().atMost(PATIENCE)
                .until(() -> federation.value(A, "nodes.root.alarms.failover").startsWith("closed"));

        federation.start(PRIMARY);
        awaitValue(PRIMARY, "site.mode", "night");
        assertThat(federation.value(PRIMARY, "nodes.root.active"))
                .as("no automatic failback")
                .isEqualTo("backup");
    }

    @Test
    void aBackupThatHasNotMetItsPrimaryDoesNotTakeOver() {
        federation.start(BACKUP, A);
        await().atMost(PATIENCE)
                .until(() -> federation
                        .value(A, "nodes.root.a.alarms.inactive-nodes_root")
                        .startsWith("open"));
        assertThat(federation.node(BACKUP).counted("unhealthy-start")).isEqualTo(1);
        assertThat(federation.value(A, "nodes.root.active")).isEqualTo("null");
        federation.start(PRIMARY);
        awaitValue(A, "nodes.root.active", "primary");
        await().atMost(PATIENCE)
                .until(() -> federation
                        .value(A, "nodes.root.a.alarms.inactive-nodes_root")
                        .startsWith("closed"));
    }

    @Test
    void aPassiveThatDiesInterruptsNothingAndIsAnAlarm() {
        federation.start(PRIMARY, BACKUP, A);
        awaitValue(A, "nodes.root.active", "primary");
        await().atMost(PATIENCE)
                .until(() -> federation
                        .node(PRIMARY)
                        .figures()
                        .get("neighbours")
                        .toString()
                        .matches(".*nodes.root\\[backup]=\\d.*"));
        federation.stop(BACKUP);
        await().atMost(PATIENCE)
                .until(() -> federation
                        .value(A, "nodes.root.alarms.silent-nodes_root_backup_")
                        .startsWith("open"));
        federation.put(PRIMARY, "site.mode", "day");
        awaitValue(A, "site.mode", "day");
    }
}
