package io.bactrian.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalRepair;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.SegmentInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a route gets of a journal that the disk has damaged. */
class JournalDamageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ENTRIES = 40;
    private static final int DAMAGED = 5;

    @TempDir
    Path root;

    private final ConcurrentLinkedQueue<String> delivered = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void damage() throws IOException {
        SegmentInfo first;
        try (Journal journal = Journal.open(
                root.resolve("orders"),
                JournalSettings.builder().segmentBytes(4096).build())) {
            for (int i = 1; i <= ENTRIES; i++) {
                journal.append((i + "-" + "x".repeat(300)).getBytes(UTF_8));
            }
            first = journal.segments().get(0);
        }
        assertThat(first.closed()).isTrue();
        Path file = root.resolve("orders").resolve(first.file());
        byte[] bytes = Files.readAllBytes(file);
        bytes[new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(DAMAGED + "-xxx") + 9] ^= 1;
        Files.write(file, bytes);
    }

    private DefaultCamelContext context(String options) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        context.getShutdownStrategy().setTimeout(5);
        context.getComponent("journal", JournalComponent.class).setRoot(root.toString());
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("journal:orders?cursor=c&backOff=10ms&backOffMax=20ms" + options)
                        .process(exchange -> delivered.add(text(exchange)));
            }
        });
        context.start();
        return context;
    }

    private static String text(Exchange exchange) {
        Map<String, Object> headers = exchange.getMessage().getHeaders();
        String text = exchange.getMessage().getBody(String.class).split("-", 2)[0];
        return headers.containsKey(JournalConstants.LOST_FROM)
                ? text + " after " + headers.get(JournalConstants.LOST_FROM) + " to "
                        + headers.get(JournalConstants.LOST_TO)
                : text;
    }

    private static List<String> expected() {
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= ENTRIES; i++) {
            if (i != DAMAGED) {
                expected.add(i == DAMAGED + 1 ? i + " after " + DAMAGED + " to " + DAMAGED : String.valueOf(i));
            }
        }
        return expected;
    }

    @Test
    void aConsumerStopsAtTheDamageUntilTheJournalIsRepairedAndIsThenToldWhatIsLost() throws Exception {
        try (DefaultCamelContext context = context("")) {
            Journal journal =
                    context.getComponent("journal", JournalComponent.class).journal("orders");
            await().atMost(PATIENCE).until(() -> journal.problem() != null);
            await().atMost(PATIENCE).until(() -> delivered.size() == DAMAGED - 1);
            assertThat(journal.problem()).hasMessageContaining("bactrian journal repair");
        }
        assertThat(JournalRepair.repair(root.resolve("orders")).lost())
                .containsExactly(new JournalRepair.Range(DAMAGED, DAMAGED));
        try (DefaultCamelContext context = context("")) {
            assertThat(context.isStarted()).isTrue();
            await().atMost(PATIENCE).until(() -> delivered.size() >= ENTRIES - 1);
        }
        assertThat(delivered).containsExactlyElementsOf(expected());
    }

    @Test
    void aConsumerThatSkipsDamageIsToldWhatIsLostAndGoesOn() throws Exception {
        try (DefaultCamelContext context = context("&onDamage=SKIP")) {
            assertThat(context.isStarted()).isTrue();
            await().atMost(PATIENCE).until(() -> delivered.size() >= ENTRIES - 1);
        }
        assertThat(delivered).containsExactlyElementsOf(expected());
    }

    @Test
    void aPollingConsumerThatSkipsDamageIsToldToo() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getComponent("journal", JournalComponent.class).setRoot(root.toString());
            context.start();
            ConsumerTemplate consumer = context.createConsumerTemplate();
            List<String> polled = new ArrayList<>();
            while (polled.size() < ENTRIES - 1) {
                Exchange exchange = consumer.receive("journal:orders?cursor=p&onDamage=SKIP", PATIENCE.toMillis());
                assertThat(exchange).as("after " + polled).isNotNull();
                polled.add(text(exchange));
                consumer.doneUoW(exchange);
            }
            assertThat(polled).isEqualTo(expected());
            consumer.stop();
        }
    }
}
