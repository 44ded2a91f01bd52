package io.bactrian.pubsub.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultHeaderFilterStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a route gives a message beside its body reaches the route at the other end, and nothing of Camel's own does. */
@Timeout(600)
class HeadersOverTheHubTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private BareHub hub;
    private DefaultCamelContext camel;
    private final List<Exchange> got = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void start() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
        camel = new DefaultCamelContext();
        camel.disableJMX();
        BactrianComponent component = new BactrianComponent();
        component.getConfiguration().setPublishPort(hub.publishPort());
        component.getConfiguration().setSubscribePort(hub.subscribePort());
        component.getConfiguration().setData(folder.resolve("data").toString());
        camel.addComponent("bactrian", component);
    }

    @AfterEach
    void stop() throws Exception {
        camel.stop();
        hub.close();
    }

    private void getFrom(String uri) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri).process(exchange -> got.add(exchange.copy()));
            }
        });
        camel.start();
    }

    private void put(String uri, Object body, Map<String, Object> headers) {
        camel.createProducerTemplate().requestBodyAndHeaders(uri, body, headers);
    }

    private Map<String, Object> first() {
        await().atMost(LONG).until(() -> !got.isEmpty());
        return got.get(0).getMessage().getHeaders();
    }

    @Test
    void contentTypeCorrelationIdAndTheUsersOwnArriveWithTheirBody() throws Exception {
        getFrom("bactrian:t?subscriber=s");
        Map<String, Object> headers = new LinkedHashMap<>();
        headers.put(Exchange.CONTENT_TYPE, "text/plain; charset=utf-8");
        headers.put("correlation-id", "order 7/☃");
        headers.put("attempt", 3);
        headers.put("urgent", true);
        headers.put("id", UUID.fromString("00000000-0000-0001-0000-000000000002"));
        headers.put("unit", TimeUnit.SECONDS);
        headers.put("at", Instant.parse("2026-01-01T00:00:00Z"));
        headers.put("octets", "größe".getBytes(UTF_8));
        headers.put("empty", "");
        put("bactrian:t", "23", headers);
        Map<String, Object> arrived = first();
        assertThat(got.get(0).getMessage().getBody(String.class)).isEqualTo("23");
        assertThat(arrived)
                .containsEntry("Content-Type", "text/plain; charset=utf-8")
                .containsEntry("correlation-id", "order 7/☃")
                .containsEntry("attempt", "3")
                .containsEntry("urgent", "true")
                .containsEntry("id", "00000000-0000-0001-0000-000000000002")
                .containsEntry("unit", "SECONDS")
                .containsEntry("at", "2026-01-01T00:00:00Z")
                .containsEntry("octets", "größe")
                .containsEntry("empty", "")
                .containsEntry(BactrianConstants.TOPIC, "t");
    }

    @Test
    void neitherCamelsOwnNorCredentialsNorObjectsLeave() throws Exception {
        camel.start();
        Map<String, Object> headers = new LinkedHashMap<>();
        for (String name : List.of(
                "CamelFileName",
                "camelHttpUri",
                "CAMELExec",
                "cAmEl.x",
                "org.apache.camel.x",
                "Authorization",
                "cookie")) {
            headers.put(name, "v");
        }
        headers.put("object", new Object());
        headers.put("half", new byte[] {(byte) 0xFF});
        headers.put("mine", "v");
        put("bactrian:t", "23", headers);
        try (Subscriber subscriber =
                Subscriber.open(hub.settings("s", folder.resolve("own")).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            Message message = subscriber.get(LONG);
            assertThat(message).isNotNull();
            assertThat(message.headers()).containsExactly(Map.entry("mine", "v"));
        }
    }

    @Test
    void whatIsNamedCamelDoesNotComeInWhoeverHasPutIt() throws Exception {
        getFrom("bactrian:t?subscriber=s");
        try (Publisher publisher =
                Publisher.open(hub.settings("p", folder.resolve("own")).build())) {
            Map<String, String> hostile = new LinkedHashMap<>();
            hostile.put("CamelBactrianTopic", "other");
            hostile.put("CAMELEXECCOMMANDEXECUTABLE", "/bin/sh");
            hostile.put("cAmElFileName", "../x");
            hostile.put("Org.Apache.Camel.x", "y");
            hostile.put("mine", "v");
            publisher.put("t", hostile, new byte[1], Acceptance.HUB).join();
        }
        Map<String, Object> arrived = first();
        assertThat(arrived).containsEntry("mine", "v").containsEntry(BactrianConstants.TOPIC, "t");
        assertThat(arrived.keySet())
                .containsExactlyInAnyOrder(
                        "mine",
                        BactrianConstants.TOPIC,
                        BactrianConstants.POSITION,
                        BactrianConstants.PUBLISHER,
                        BactrianConstants.SEQUENCE,
                        BactrianConstants.REDELIVERED);
    }

    @Test
    void anotherStrategyDecidesInBothDirections() throws Exception {
        DefaultHeaderFilterStrategy only = new DefaultHeaderFilterStrategy();
        only.setOutFilterPattern("secret.*");
        only.setInFilterPattern("late.*");
        camel.getRegistry().bind("only", HeaderFilterStrategy.class, only);
        getFrom("bactrian:t?subscriber=s&headerFilterStrategy=#only");
        put(
                "bactrian:t?headerFilterStrategy=#only",
                "23",
                Map.of("secretKey", "v", "late", "v", "authorization", "wanted"));
        assertThat(first()).containsEntry("authorization", "wanted").doesNotContainKeys("secretKey", "late");
    }

    @Test
    void headersAboveTheBoundFailTheExchangeAndNothingElse() throws Exception {
        getFrom("bactrian:t?subscriber=s");
        assertThatThrownBy(() -> put("bactrian:t", "23", Map.of("big", "v".repeat(70_000))))
                .isInstanceOf(CamelExecutionException.class)
                .hasRootCauseMessage("headers of 70006 octets, at most 65535 are allowed");
        assertThatThrownBy(() -> put("bactrian:t", "23", Map.of("zero", "a\0b")))
                .isInstanceOf(CamelExecutionException.class)
                .hasRootCauseMessage("the value of header zero holds U+0000");
        put("bactrian:t", "24", Map.of("big", "v".repeat(60_000)));
        assertThat(first()).containsEntry("big", "v".repeat(60_000));
        assertThat(got.get(0).getMessage().getBody(String.class)).isEqualTo("24");
        assertThat(hub.messages()).isEqualTo(1);
    }

    @Test
    void framesAndTheMessagesWithoutHeadersBetweenKeepWhatIsTheirs() throws Exception {
        try (Publisher publisher = Publisher.open(
                hub.settings("p", folder.resolve("own")).outbox(true).build())) {
            for (int i = 0; i < 300; i++) {
                byte[] body = ("" + i).getBytes(UTF_8);
                Map<String, String> headers = i % 3 == 0 ? Map.of() : Map.of("i", "" + i);
                if (i % 50 == 49) {
                    publisher.put("t", headers, List.of(body, new byte[0]), Acceptance.HUB);
                } else {
                    publisher.put("t", headers, body, Acceptance.HUB);
                }
            }
            assertThat(publisher.flush(LONG)).isTrue();
        }
        hub.restart();
        try (Subscriber subscriber =
                Subscriber.open(hub.settings("s", folder.resolve("own")).build())) {
            subscriber.subscribe("t", Start.OLDEST);
            for (int i = 0; i < 300; i++) {
                Message message = subscriber.get(LONG);
                assertThat(message).isNotNull();
                assertThat(message.parts().get(0)).asString(UTF_8).isEqualTo("" + i);
                assertThat(message.multipart()).isEqualTo(i % 50 == 49);
                assertThat(message.headers()).isEqualTo(i % 3 == 0 ? Map.of() : Map.of("i", "" + i));
            }
        }
    }

    @Test
    void theyGoThroughBothKamelets() throws Exception {
        getFrom("kamelet:bactrian-subscribe-source?topic=t&subscriber=s&port=" + hub.subscribePort() + "&publishPort="
                + hub.publishPort() + "&data=" + folder.resolve("data"));
        put(
                "kamelet:bactrian-publish-sink?topic=t&port=" + hub.publishPort(),
                "23",
                Map.of("correlation-id", "7", "CamelFileName", "x"));
        assertThat(first()).containsEntry("correlation-id", "7").doesNotContainKey("CamelFileName");
    }

    @Test
    void aDeadLetterKeepsThem() throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("bactrian:t?subscriber=s&redeliveries=0").process(exchange -> {
                    throw new IllegalStateException("cannot be read");
                });
            }
        });
        getFrom("bactrian:dead-letter/s?subscriber=d");
        put("bactrian:t", "23", Map.of("correlation-id", "7"));
        assertThat(first()).containsEntry("correlation-id", "7");
    }
}
