package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.LogPosition;
import io.bactrian.pubsub.store.PostgresServer;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file stands in for a database that does not answer, and gives it back what it holds. */
@Tag("slow")
class HubDatabaseTest {
    private static final long LOG = 42;

    private static PostgresServer server;

    @TempDir
    Path folder;

    private DatabaseSettings settings;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.stop();
    }

    @BeforeEach
    void create() throws Exception {
        settings = server.newSettings();
    }

    private HubDatabase open() {
        return new HubDatabase(settings, folder, Duration.ZERO);
    }

    private static ControlRecord granted(String publisher) {
        return new ControlRecord.Granted(publisher, 1, 1, 0);
    }

    private static void checkpoint(LifeStore life, long position) {
        life.checkpoint(
                new Checkpoint(1, 1, position, 1, List.of(), List.of(), List.of(), new LogPosition(1, position)));
    }

    @Test
    void aLifeBeginsWithoutADatabaseThatDoesNotAnswerAndGoesOnWithItLater() throws Exception {
        server.refuse(settings, true);
        try (HubDatabase database = open()) {
            LifeStore life = database.forLife();
            assertThat(life.standsIn()).isTrue();
            life.apply(List.of(new ControlRecord.LogNamed(LOG), granted("p")));
            database.look(LOG);
            checkpoint(life, 7);
            assertThat(database.isStandIn()).as("it does not answer yet").isTrue();

            server.refuse(settings, false);
            database.look(LOG);
            checkpoint(life, 8);
            assertThat(database.isStandIn()).isFalse();
            assertThat(database.forLife()).isSameAs(life);
        }
        try (HubDatabase database = open()) {
            assertThat(database.forLife().load().publishers()).hasSize(1);
            assertThat(database.tables().position()).isEqualTo(8);
        }
    }

    @Test
    void aLifeThatBeginsAfterTheDatabaseWentAwayDoesNotWaitForIt() throws Exception {
        try (HubDatabase database = open()) {
            LifeStore former = database.forLife();
            former.apply(List.of(new ControlRecord.LogNamed(LOG), granted("p")));
            server.refuse(settings, true);
            assertThatThrownBy(() -> checkpoint(former, 1)).isInstanceOf(StoreException.class);
            LifeStore life = database.forLife();
            assertThat(life.load().isEmpty()).as("made anew from the log").isTrue();
            assertThatThrownBy(() -> checkpoint(former, 1))
                    .as("a former life writes nothing to what stands in")
                    .isInstanceOf(StoreException.class);
            life.apply(List.of(new ControlRecord.LogNamed(LOG), granted("q")));

            server.refuse(settings, false);
            database.look(LOG);
            checkpoint(life, 9);
            assertThat(database.tables().load().publishers())
                    .extracting(publisher -> publisher.id())
                    .containsExactly("q");
        }
    }

    @Test
    void theDatabaseOfAnotherLogStaysAsItIs() throws Exception {
        try (HubDatabase database = open()) {
            database.forLife().apply(List.of(new ControlRecord.LogNamed(LOG + 1), granted("others")));
        }
        server.refuse(settings, true);
        try (HubDatabase database = open()) {
            LifeStore life = database.forLife();
            life.apply(List.of(new ControlRecord.LogNamed(LOG)));
            server.refuse(settings, false);
            database.look(LOG);
            checkpoint(life, 1);
            assertThat(database.isStandIn()).isTrue();
        }
        try (HubDatabase database = open()) {
            assertThat(database.forLife().load().publishers()).hasSize(1);
        }
    }

    @Test
    void whatASecondStartFindsOfAFileThatStoodInIsNotRead() throws Exception {
        server.refuse(settings, true);
        try (HubDatabase database = open()) {
            database.forLife().apply(List.of(new ControlRecord.LogNamed(LOG), granted("p")));
        }
        try (HubDatabase database = open()) {
            assertThat(database.forLife().load().isEmpty()).isTrue();
        }
    }

    @Test
    void nothingStandsInForWhatWaitingDoesNotMend() {
        DatabaseSettings wrong =
                new DatabaseSettings(settings.url().replaceFirst("/test\\d+", "/nowhere"), settings.user(), "", 4);
        assertThatThrownBy(() -> new HubDatabase(wrong, folder, Duration.ZERO))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no such database");
        DatabaseSettings noDriver = new DatabaseSettings("jdbc:nothing:x", "u", "", 4);
        assertThatThrownBy(() -> new HubDatabase(noDriver, folder, Duration.ZERO))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("nothing");
    }
}
