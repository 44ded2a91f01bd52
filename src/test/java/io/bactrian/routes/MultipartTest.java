package io.bactrian.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Acceptance;
import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Messages of several frames keep them, from the API or a route to subscribers, routes and plain peers. */
@Tag("system")
class MultipartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

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
    void framesArriveAsTheyWerePutAndInOrderWithOtherMessages() throws Exception {
        try (Bactrian client = hub.client("c")) {
            client.subscribe("t", Start.OLDEST);
            List<CompletableFuture<Accepted>> puts = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                puts.add(
                        i % 3 == 0
                                ? client.put("t", frames("a" + i, "", "c" + i))
                                : client.put("t", ("plain" + i).getBytes(UTF_8)));
            }
            for (CompletableFuture<Accepted> put : puts) {
                put.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            for (int i = 0; i < 300; i++) {
                Message message = client.get(PATIENCE);
                assertThat(message).as("message " + i).isNotNull();
                assertThat(message.multipart()).isEqualTo(i % 3 == 0);
                assertThat(text(message.parts()))
                        .isEqualTo(i % 3 == 0 ? List.of("a" + i, "", "c" + i) : List.of("plain" + i));
            }
            List<byte[]> none = List.of();
            assertThatThrownBy(() -> client.put("t", none)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theOutboxKeepsFramesOverARestartOfThePublisher() throws Exception {
        hub.stop();
        try (Publisher publisher = Publisher.open(
                hub.settings("p").outbox(true).closeTime(Duration.ZERO).build())) {
            publisher.put("t", frames("one", "two"), Acceptance.OUTBOX).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        hub.start();
        try (Publisher again = Publisher.open(hub.settings("p").outbox(true).build());
                Bactrian client = hub.client("c")) {
            assertThat(again.flush(PATIENCE)).isTrue();
            client.subscribe("t", Start.OLDEST);
            assertThat(text(client.get(PATIENCE).parts())).containsExactly("one", "two");
        }
    }

    @Test
    void aPlainPeerGetsThemAsFrames() throws Exception {
        try (ZContext context = new ZContext();
                Bactrian client = hub.client("c")) {
            ZMQ.Socket plain = context.createSocket(SocketType.SUB);
            plain.setReceiveTimeOut(100);
            plain.setHandshakeIvl(300);
            plain.subscribe("t".getBytes(UTF_8));
            plain.connect("tcp://127.0.0.1:" + hub.plainOutPort());
            // JeroMQ subscribes again after a failed handshake only while its socket is used.
            byte[] first = await().atMost(PATIENCE)
                    .until(
                            () -> {
                                client.put("t", frames("a", "", "c")).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                                return plain.recv();
                            },
                            Objects::nonNull);
            assertThat(hub.figure("plainOut")).isPositive();
            List<byte[]> got = new ArrayList<>(List.of(first));
            while (plain.hasReceiveMore()) {
                got.add(plain.recv());
            }
            assertThat(text(got)).containsExactly("t", "a", "", "c");
        }
    }

    @Test
    void aRoutePutsAndGetsThemAndADeadLetterKeepsThem() throws Exception {
        List<Object> got = new CopyOnWriteArrayList<>();
        try (DefaultCamelContext camel = new DefaultCamelContext();
                Bactrian reader = hub.client("reader")) {
            String hubAt = "publishPort=" + hub.publishPort() + "&subscribePort=" + hub.subscribePort() + "&data="
                    + folder.resolve("route");
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("bactrian:t?subscriber=s&from=oldest&redeliveries=0&deadLetterTopic=dead&" + hubAt)
                            .process(exchange -> {
                                got.add(exchange.getMessage().getBody());
                                throw new IllegalStateException("cannot process");
                            });
                }
            });
            camel.start();
            camel.createProducerTemplate().sendBody("bactrian:t?" + hubAt, frames("a", "b"));
            reader.subscribe("dead", Start.OLDEST);
            Message letter = reader.get(PATIENCE);
            assertThat(letter).isNotNull();
            assertThat(text(letter.parts())).containsExactly("a", "b");
            assertThat(got).singleElement().isInstanceOf(List.class);
        }
    }

    private static List<byte[]> frames(String... texts) {
        return Stream.of(texts).map(text -> text.getBytes(UTF_8)).toList();
    }

    private static List<String> text(List<byte[]> frames) {
        return frames.stream().map(frame -> new String(frame, UTF_8)).toList();
    }
}
