package io.bactrian.routes;

import static io.bactrian.routes.Numbers.get;
import static io.bactrian.routes.Numbers.numbers;
import static io.bactrian.routes.Numbers.putAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub that has lost log and database begins another log: no position of the former one means anything in it. */
@Tag("system")
class WipedHubTest {
    @TempDir
    Path folder;

    private final List<Lost> lost = new CopyOnWriteArrayList<>();
    /** Where the log ended before it was gone. */
    private long formerEnd;

    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = new TestHub(folder, TestHub.Dsl.YAML).start();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    @Tag("slow")
    void anOldCursorGetsAllOfAShorterLogAndIsToldOnceWhatIsGone() throws Exception {
        subscriberGets(100);
        wipe();
        try (Bactrian other = hub.client("other")) {
            putAll(other, "t", 100, 150);
        }
        comesBackAndGets(100, 150);
    }

    @Test
    void anOldCursorGetsAllOfALongerLogAndIsToldOnceWhatIsGone() throws Exception {
        subscriberGets(100);
        wipe();
        try (Bactrian other = hub.client("other")) {
            putAll(other, "t", 100, 350);
        }
        comesBackAndGets(100, 350);
    }

    @Test
    void whoIsAttachedGetsAllOfTheNewLogFromARunningPublisher() throws Exception {
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber =
                        Bactrian.open(hub.settings("s").lostListener(lost::add).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 100);
            assertThat(get(subscriber, 100)).isEqualTo(numbers(0, 100));
            wipe();
            putAll(publisher, "t", 100, 130);
            assertThat(get(subscriber, 30)).isEqualTo(numbers(100, 130));
            hub.restart();
            putAll(publisher, "t", 130, 140);
            assertThat(get(subscriber, 10)).isEqualTo(numbers(130, 140));
            assertThat(hub.figures().toJson().split("\"what\":\"range-lost\"", -1))
                    .as("operators see once what the former log had accepted")
                    .hasSize(2);
            assertThat(hub.figures().toJson()).contains("\"from\":1,\"to\":100");
        }
        toldOnce();
    }

    @Test
    void aPublisherThatBeginsAnewIsNotTakenForARepeat() throws Exception {
        subscriberGets(100);
        wipe();
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, "t", 100, 160);
        }
        comesBackAndGets(100, 160);
    }

    @Test
    @Tag("slow")
    void aSecondWipeIsToldAsTheFirst() throws Exception {
        subscriberGets(100);
        wipe();
        try (Bactrian other = hub.client("other")) {
            putAll(other, "t", 100, 110);
        }
        comesBackAndGets(100, 110);
        lost.clear();
        wipe();
        try (Bactrian other = hub.client("other")) {
            putAll(other, "t", 111, 140);
        }
        try (Bactrian subscriber =
                Bactrian.open(hub.settings("s").lostListener(lost::add).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            assertThat(get(subscriber, 29)).isEqualTo(numbers(111, 140));
        }
        assertToldOnce(1, 11);
    }

    @Test
    void ifOnlyTheLogIsGoneEachSubscriberIsToldWhatItHadNotGot() throws Exception {
        try (Bactrian publisher = hub.client("p");
                Bactrian behind = Bactrian.open(
                        hub.settings("behind").lostListener(lost::add).build())) {
            behind.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 60);
            assertThat(get(behind, 60)).isEqualTo(numbers(0, 60));
        }
        long got = hub.figure("end");
        subscriberGets("other", 60, 100);
        formerEnd = hub.figure("end");
        hub.stop();
        delete(folder.resolve("hub/journal"));
        hub.start();
        try (Bactrian publisher = hub.client("p");
                Bactrian behind = Bactrian.open(
                        hub.settings("behind").lostListener(lost::add).build())) {
            behind.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 100, 120);
            assertThat(get(behind, 20)).isEqualTo(numbers(100, 120));
        }
        assertToldOnce(got + 1, 100);
    }

    @Test
    @Tag("slow")
    void theEpochsOfANewLogAreAboveThoseOfTheFormer() throws Exception {
        subscriberGets(10);
        int former = hub.figures().getInteger("logEpoch");
        wipe();
        int now = hub.figures().getInteger("logEpoch");
        assertThat(now).isGreaterThan(former);
        hub.restart();
        assertThat(hub.figures().getInteger("logEpoch"))
                .as("a stop in order begins no log epoch")
                .isEqualTo(now);
    }

    @Test
    void anOlderDiskThatIsPutBackGoesOnWhereItsSubscriberWasKnownToStand() throws Exception {
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber =
                        Bactrian.open(hub.settings("s").lostListener(lost::add).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, 100);
            assertThat(get(subscriber, 100)).isEqualTo(numbers(0, 100));
            subscriber.subscribe("none", Start.NOW); // all is acknowledged by then
            formerEnd = hub.figure("end");
            hub.stop();
            Files.move(folder.resolve("hub"), folder.resolve("older"));
            hub.start();
            putAll(publisher, "t", 100, 130);
            assertThat(get(subscriber, 30)).isEqualTo(numbers(100, 130));
            toldOnce();
            putBackTheOlder();
            putAll(publisher, "t", 130, 160);
            assertThat(get(subscriber, 30))
                    .as("what it has of the older log, and no more")
                    .isEqualTo(numbers(130, 160));
            hub.restart();
            putAll(publisher, "t", 160, 170);
            assertThat(get(subscriber, 10)).isEqualTo(numbers(160, 170));
        }
        toldOnce();
        assertThat(hub.figures().toJson()).contains("\"what\":\"older-log\"", "an older log was put back");
    }

    @Test
    void anOlderDiskThatIsPutBackGivesAllToASubscriberThatItDoesNotKnow() throws Exception {
        try (Bactrian publisher = hub.client("p")) {
            putAll(publisher, "t", 0, 50);
        }
        hub.stop();
        Files.move(folder.resolve("hub"), folder.resolve("older"));
        hub.start();
        subscriberGets(100);
        formerEnd = hub.figure("end");
        putBackTheOlder();
        try (Bactrian other = hub.client("other")) {
            putAll(other, "t", 200, 250);
        }
        try (Bactrian subscriber =
                Bactrian.open(hub.settings("s").lostListener(lost::add).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            assertThat(get(subscriber, 50)).isEqualTo(numbers(0, 50));
            assertThat(get(subscriber, 50)).isEqualTo(numbers(200, 250));
        }
        toldOnce();
    }

    private void putBackTheOlder() throws Exception {
        hub.stop();
        delete(folder.resolve("hub"));
        Files.move(folder.resolve("older"), folder.resolve("hub"));
        hub.start();
    }

    /** Another one has had all, so the database knows how far the log had reached. */
    private void subscriberGets(String id, int from, int to) throws Exception {
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client(id)) {
            subscriber.subscribe("t", Start.NOW);
            putAll(publisher, "t", from, to);
            assertThat(get(subscriber, to - from)).isEqualTo(numbers(from, to));
        }
    }

    private void subscriberGets(int count) throws Exception {
        try (Bactrian publisher = hub.client("p");
                Bactrian subscriber = hub.client("s")) {
            subscriber.subscribe("t", Start.OLDEST);
            putAll(publisher, "t", 0, count);
            assertThat(get(subscriber, count)).isEqualTo(numbers(0, count));
        }
    }

    private void comesBackAndGets(int from, int to) throws Exception {
        try (Bactrian subscriber =
                Bactrian.open(hub.settings("s").lostListener(lost::add).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            assertThat(get(subscriber, to - from)).isEqualTo(numbers(from, to));
        }
        // Told, it is stored: another process is not told again.
        try (Bactrian subscriber =
                Bactrian.open(hub.settings("s").lostListener(lost::add).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            try (Bactrian other = hub.client("other")) {
                putAll(other, "t", to, to + 1);
            }
            assertThat(get(subscriber, 1)).isEqualTo(numbers(to, to + 1));
        }
        toldOnce();
    }

    private void toldOnce() {
        await().untilAsserted(() ->
                assertThat(lost).as("what it had is not there any more").hasSize(1));
        assertToldOnce(1, 100);
    }

    /** Of all that was there; between the messages is what the hub itself logs. */
    private void assertToldOnce(long from, long messagesTo) {
        assertThat(lost).singleElement().satisfies(range -> {
            assertThat(range.from()).isEqualTo(from);
            assertThat(range.to()).isBetween(messagesTo, formerEnd);
        });
    }

    /** Log and database are gone, and a hub begins anew. */
    private void wipe() throws Exception {
        formerEnd = hub.figure("end");
        hub.stop();
        delete(folder.resolve("hub"));
        hub.start();
    }

    private static void delete(Path gone) throws IOException {
        try (var files = Files.walk(gone)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
