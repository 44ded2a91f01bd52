package io.bactrian.pair.routes;

import static io.bactrian.pair.routes.PairContexts.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.JournalRepair;
import io.bactrian.journal.log.OnDamage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the disk of one node of a pair damages is found and fetched from the other's copy, while both go on. */
@Tag("system")
class PairRepairTest {
    private static final int ENTRIES = 200;
    private static final int HEADER_BYTES = 64;
    private static final Map<String, String> QUICK =
            Map.of("bactrian.pair.heartbeatMs", "300", "bactrian.pair.scrub.intervalMs", "20");

    @TempDir
    Path folder;

    private PairContexts contexts;

    @BeforeEach
    void open() {
        contexts = new PairContexts(folder);
    }

    @AfterEach
    void stop() {
        contexts.close();
    }

    private void startBoth() throws Exception {
        startBoth(OnDamage.STOP);
    }

    private void startBoth(OnDamage onDamage) throws Exception {
        for (String side : List.of("primary", "backup")) {
            contexts.start(
                    side,
                    QUICK,
                    context -> context.getEndpoint("journal:orders?onDamage=" + onDamage + "&folder=RAW("
                            + folder.resolve(side + "/journal/orders") + ")"));
        }
        contexts.awaitInStep("primary");
    }

    private Journal journal(String side) {
        return contexts.pair(side).journal();
    }

    private List<String> fill() {
        List<String> written = new ArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            written.add(i + "-" + "x".repeat(300));
            journal("primary").append(written.get(i).getBytes(StandardCharsets.UTF_8));
        }
        await().atMost(PATIENCE)
                .until(() -> journal("backup").end() == ENTRIES
                        && contexts.pair("backup").committed() == ENTRIES);
        return written;
    }

    /** What stands on the disk; damage is thrown. */
    private static List<String> onDisk(Journal journal) {
        List<String> texts = new ArrayList<>();
        for (long next = journal.first(); next <= journal.syncedEnd(); ) {
            for (Entry entry : journal.readFromDisk(next, 10_000)) {
                texts.add(new String(entry.payload(), StandardCharsets.UTF_8));
                next = entry.last() + 1;
            }
        }
        return texts;
    }

    private static Path segment(Journal journal) {
        return journal.folder().resolve(journal.segments().get(0).file());
    }

    /** The disk turns a bit, also under those who have the file open. */
    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int old = open.read();
            open.seek(at);
            open.write(old ^ 1 << (int) (at % 8));
        }
    }

    private void awaitRepaired(String side, long segments) {
        await().atMost(PATIENCE)
                .until(() -> Long.valueOf(segments)
                        .equals(contexts.pair(side).figures().get("repaired")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"primary", "backup"})
    void whatTheDiskOfOneNodeDamagesComesFromTheOther(String side) throws Exception {
        startBoth();
        List<String> written = fill();
        Journal journal = journal(side);
        flip(segment(journal), HEADER_BYTES + 5_000);
        flip(segment(journal), HEADER_BYTES + 20_000);
        awaitRepaired(side, 1);
        assertThat(onDisk(journal)).isEqualTo(written);
        assertThat(journal.problem()).isNull();
        assertThat(String.valueOf(contexts.pair(side).figures().get("events")))
                .contains("REPAIRED positions 1 to 200 of the log were damaged here, and are whole again");
        assertThat(contexts.pair("primary").active()).isTrue();
        journal("primary").append("goes on".getBytes(StandardCharsets.UTF_8));
        await().atMost(PATIENCE).until(() -> journal("backup").end() == ENTRIES + 1);
    }

    @Test
    void bothAreMendedIfTheirDisksDamageDifferentPlaces() throws Exception {
        startBoth();
        List<String> written = fill();
        flip(segment(journal("primary")), HEADER_BYTES + 5_000);
        flip(segment(journal("backup")), HEADER_BYTES + 20_000);
        awaitRepaired("primary", 1);
        awaitRepaired("backup", 1);
        assertThat(onDisk(journal("primary"))).isEqualTo(written);
        assertThat(onDisk(journal("backup"))).isEqualTo(written);
    }

    @ParameterizedTest
    @EnumSource(OnDamage.class)
    void whatBothHaveLostIsToldAndTheRestGoesOn(OnDamage onDamage) throws Exception {
        startBoth(onDamage);
        fill();
        contexts.stop("backup");
        contexts.stop("primary");
        startBoth(onDamage); // so that neither has it in memory
        // Entries of the first positions are of equal length, and stand at the same place in both.
        flip(segment(journal("primary")), HEADER_BYTES + 5_000);
        flip(segment(journal("backup")), HEADER_BYTES + 5_000);
        for (String side : List.of("primary", "backup")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    String.valueOf(contexts.pair(side).figures().get("events")))
                            .contains("REPAIR_FAILED the segment of positions 1 to 200")
                            .containsAnyOf("the peer cannot read position", "which are lost there too"));
        }
        if (onDamage == OnDamage.SKIP) {
            await().atMost(PATIENCE).until(() -> onDisk(journal("primary")).contains(""));
        } else {
            assertThatThrownBy(() -> onDisk(journal("primary"))).isInstanceOf(JournalDamagedException.class);
        }
        contexts.awaitInStep("primary");
        journal("primary").append("goes on".getBytes(StandardCharsets.UTF_8));
        await().atMost(PATIENCE).until(() -> journal("backup").end() == ENTRIES + 1);
    }

    @Test
    void whatARepairWithoutThePeerHasCutOutComesBackFromIt() throws Exception {
        startBoth();
        List<String> written = fill();
        Path journal = journal("backup").folder();
        Path segment = segment(journal("backup"));
        contexts.stop("backup");
        flip(segment, HEADER_BYTES + 5_000);
        assertThat(JournalRepair.repair(journal).lost()).hasSize(1);
        contexts.start("backup", QUICK);
        contexts.awaitInStep("primary");
        awaitRepaired("backup", 1);
        assertThat(onDisk(journal("backup"))).isEqualTo(written);
    }
}
