package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.app.Main;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.testing.CutLink;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A hub, publishers and subscribers as processes that are killed with SIGKILL in turn, over links that are cut: every
 * subscriber's table holds what was accepted, once and in order.
 */
@Tag("slow")
class KillTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final List<String> PUBLISHERS = List.of("p1", "p2");
    private static final List<String> SUBSCRIBERS = List.of("s1", "s2", "s3");

    @TempDir
    Path folder;

    private final int publishPort = Ports.free();
    private final int subscribePort = Ports.free();
    private final int managementPort = Ports.free();
    private final int plainIn = Ports.free();
    private final int plainOut = Ports.free();
    private final Map<String, Child> children = new HashMap<>();
    private final Map<String, CutLink> links = new HashMap<>();
    /** For each publisher the first number of each of its lives, and up to where it had heard that it was accepted. */
    private final Map<String, List<Range>> accepted = new HashMap<>();

    private record Range(long first, long last) {}

    private final Map<String, Long> firstOfLife = new HashMap<>();
    private long messages;
    private int retransmitMs;

    private void startAll(int retransmitMs) throws Exception {
        this.retransmitMs = retransmitMs;
        startHub();
        for (String id : PUBLISHERS) {
            links.put(id, new CutLink(publishPort));
        }
        for (String id : SUBSCRIBERS) {
            links.put(id, new CutLink(subscribePort));
            startSubscriber(id);
        }
    }

    @AfterEach
    void endAll() throws IOException {
        for (CutLink link : links.values()) {
            link.close();
        }
        children.values().forEach(Child::close);
    }

    @Test
    void withoutFaultsNothingIsSentTwice() throws Exception {
        // A subscriber on a loaded machine may be silent for longer than usual, and nothing was lost for that.
        startAll(3_600_000);
        messages = 10_000;
        startPublishers();
        awaitEnd();
        verify();
        assertThat(figures()).contains("\"retransmitted\":0").contains("\"gaps\":0");
        // A publisher repeats a batch that has no answer for 200 ms, as on a machine that is busy with something else.
        long repeated = PUBLISHERS.stream()
                .mapToLong(id -> children.get(id).said("retransmitted"))
                .sum();
        assertThat(duplicates()).isBetween(0L, repeated * PublisherProcess.STEP);
    }

    @Test
    void killsAndCutsLoseNothingAndDoubleNothing() throws Exception {
        killAndCut(1);
    }

    @Test
    @Tag("campaign")
    void manyKillsAndCutsLoseNothingAndDoubleNothing() throws Exception {
        killAndCut(4);
    }

    /** Kills everybody so often, in turns. */
    private void killAndCut(int rounds) throws Exception {
        startAll(3_000);
        messages = 30_000;
        startPublishers();
        Random random = new Random(1);
        List<String> victims = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            victims.addAll(SUBSCRIBERS);
            victims.add("hub");
            victims.addAll(PUBLISHERS);
        }
        for (String victim : victims) {
            long before = progress();
            await().atMost(PATIENCE).until(() -> progress() >= before + 1_000 || allPublished());
            links.get((random.nextBoolean() ? PUBLISHERS : SUBSCRIBERS).get(random.nextInt(2)))
                    .cut();
            kill(victim);
        }
        awaitEnd();
        verify();
        assertThat(links.values().stream().mapToInt(CutLink::cuts).sum()).isEqualTo(victims.size());
    }

    private long duplicates() throws Exception {
        Matcher counter = Pattern.compile("\"duplicates\":([0-9]+)").matcher(figures());
        assertThat(counter.find()).isTrue();
        return Long.parseLong(counter.group(1));
    }

    private void kill(String victim) throws Exception {
        Child child = children.get(victim);
        boolean done = child.done();
        child.kill();
        if (victim.equals("hub")) {
            startHub();
        } else if (SUBSCRIBERS.contains(victim)) {
            startSubscriber(victim);
        } else if (!done) {
            // What it had put and not heard of may be accepted or not; it goes on with numbers that it never put.
            lived(victim, child.said("accepted"));
            startPublisher(victim, Math.max(child.said("put"), firstOfLife.get(victim)) + 1);
        }
    }

    private void lived(String publisher, long last) {
        accepted.computeIfAbsent(publisher, key -> new ArrayList<>()).add(new Range(firstOfLife.get(publisher), last));
    }

    private void startHub() throws IOException {
        children.put(
                "hub",
                new Child(
                        folder.resolve("hub.log"),
                        Main.class,
                        "run",
                        "hub",
                        "--data",
                        folder.resolve("hub").toString(),
                        "--set",
                        "bactrian.hub.publish=tcp://127.0.0.1:" + publishPort,
                        "--set",
                        "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribePort,
                        "--set",
                        "bactrian.hub.plain.in=tcp://127.0.0.1:" + plainIn,
                        "--set",
                        "bactrian.hub.plain.out=tcp://127.0.0.1:" + plainOut,
                        "--set",
                        "bactrian.hub.retransmit.intervalMs=" + retransmitMs,
                        "--set",
                        "bactrian.management.port=" + managementPort));
    }

    private void startPublishers() throws IOException {
        for (String id : PUBLISHERS) {
            startPublisher(id, 1);
        }
    }

    private void startPublisher(String id, long first) throws IOException {
        firstOfLife.put(id, first);
        children.put(
                id,
                new Child(
                        folder.resolve(id + ".log"),
                        PublisherProcess.class,
                        id,
                        String.valueOf(links.get(id).port()),
                        String.valueOf(first),
                        String.valueOf(Math.max(messages, first))));
    }

    private void startSubscriber(String id) throws IOException {
        children.put(
                id,
                new Child(
                        folder.resolve(id + ".log"),
                        SubscriberProcess.class,
                        id,
                        String.valueOf(links.get(id).port()),
                        folder.resolve(id).toString(),
                        String.valueOf(PUBLISHERS.size())));
    }

    private long progress() {
        return PUBLISHERS.stream()
                .mapToLong(id -> children.get(id).said("accepted"))
                .sum();
    }

    private boolean allPublished() {
        return PUBLISHERS.stream().allMatch(id -> children.get(id).done());
    }

    private void awaitEnd() {
        await().atMost(PATIENCE).until(this::allPublished);
        PUBLISHERS.forEach(id -> lived(id, messages));
        for (String id : SUBSCRIBERS) {
            await(id).atMost(PATIENCE).until(() -> children.get(id).done());
            await(id).atMost(PATIENCE).until(() -> !children.get(id).alive());
        }
    }

    private void verify() {
        List<String> first = table(SUBSCRIBERS.get(0));
        assertThat(new HashSet<>(first)).as("nothing twice").hasSameSizeAs(first);
        for (String id : SUBSCRIBERS) {
            assertThat(table(id).equals(first))
                    .as(id + " has what s1 has, in the same order")
                    .isTrue();
        }
        for (String publisher : PUBLISHERS) {
            List<String> own =
                    first.stream().filter(b -> b.startsWith(publisher + ":")).toList();
            assertThat(own.get(own.size() - 1)).isEqualTo(publisher + ":end");
            List<Long> numbers = own.stream()
                    .limit(own.size() - 1)
                    .map(b -> Long.parseLong(b.substring(b.indexOf(':') + 1)))
                    .toList();
            assertThat(numbers).as("in the order of " + publisher).isSorted();
            HashSet<Long> there = new HashSet<>(numbers);
            for (Range range : accepted.get(publisher)) {
                for (long number = range.first(); number <= range.last(); number++) {
                    assertThat(there.contains(number))
                            .as(publisher + ":" + number + " was accepted")
                            .isTrue();
                }
            }
        }
    }

    private List<String> table(String id) {
        try (HikariDataSource dataSource = Databases.open(DatabaseSettings.file(folder.resolve(id), "got"))) {
            return new JdbcTemplate(dataSource).queryForList("select body from got order by position", String.class);
        }
    }

    private String figures() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + managementPort + "/q/dev/bactrian"))
                .header("Accept", "application/json")
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
