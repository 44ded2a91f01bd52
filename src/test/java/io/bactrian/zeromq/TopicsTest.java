package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Topics of plain publishers: octets that nobody changes on the way. */
@Timeout(600)
class TopicsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final byte[] BINARY = {(byte) 0xff, 0, (byte) 0xfe, 'a'};

    private final String in = "tcp://127.0.0.1:" + Ports.free();
    private final String out = "tcp://127.0.0.1:" + Ports.free();
    private final List<Object> topics = new CopyOnWriteArrayList<>();
    private DefaultCamelContext context;

    @BeforeEach
    void start() {
        context = new DefaultCamelContext();
        context.disableJMX();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    /** A bridge from the address in to the address out, and a subscriber there that notes the topics. */
    private void bridge(String subscribe, String publish) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("zeromq:sub:" + out).process(e -> topics.add(e.getMessage().getHeader(ZeroMqConstants.TOPIC)));
                from("zeromq:sub:" + in + subscribe).to("zeromq:pub:" + out + publish);
            }
        });
        context.start();
    }

    private void publishUntilHeard(Object topic, int heard) {
        await().atMost(LONG).until(() -> {
            send(topic, "x");
            return topics.size() >= heard;
        });
    }

    private Exchange send(Object topic, Object body) {
        return context.createProducerTemplate().send("zeromq:pub:" + in, exchange -> {
            exchange.getMessage().setHeader(ZeroMqConstants.TOPIC, topic);
            exchange.getMessage().setBody(body);
        });
    }

    @Test
    void octetsThatAreNoTextPassABridgeUnchanged() throws Exception {
        bridge("?subscribe=RAW(\\xff\\x00)", "");
        publishUntilHeard(BINARY, 1);
        assertThat(topics.get(0)).isEqualTo(BINARY);
        topics.clear();
        send("text", "x");
        publishUntilHeard(BINARY, 1);
        assertThat(topics).allSatisfy(topic -> assertThat(topic).isEqualTo(BINARY));
    }

    @Test
    void aTopicThatIsTextIsAString() throws Exception {
        bridge("", "");
        publishUntilHeard("größe", 1);
        assertThat(topics.get(0)).isEqualTo("größe");
    }

    @Test
    void theConfiguredTopicWinsOverAHeaderThatCameIn() throws Exception {
        bridge("", "?topic=out");
        publishUntilHeard("in", 1);
        assertThat(topics).containsOnly("out");
    }

    @Test
    @ShowsEffectOf("topicFromHeader")
    void theHeaderWinsWhereAnOptionAsksForIt() throws Exception {
        bridge("", "?topic=out&topicFromHeader=true");
        publishUntilHeard("in", 1);
        assertThat(topics).containsOnly("in");
    }

    @Test
    void aMessageWithATopicOfItsOwnIsRefusedWhereAnotherOneIsConfigured() {
        context.start();
        ZeroMqMessage received = ZeroMqMessage.of(null, List.of("in".getBytes(UTF_8), new byte[1]));
        for (Object body : List.of(received, List.of(received))) {
            for (String options : List.of("?topic=out", "?topic=out&topicFromHeader=true")) {
                Exception failure = context.createProducerTemplate()
                        .send(
                                "zeromq:pub:" + in + options,
                                exchange -> exchange.getMessage().setBody(body))
                        .getException();
                if (options.endsWith("true")) {
                    assertThat(failure).isNull();
                } else {
                    assertThat(failure).hasMessageContaining("topic=out cannot be given to a ZeroMqMessage");
                }
            }
        }
    }

    @Test
    void aBlankOfAPrefixCounts() throws Exception {
        bridge("?subscribe=10001%20", "");
        await().atMost(LONG).until(() -> {
            send("100012", "x");
            send("10001 2", "x");
            return topics.size() >= 3;
        });
        assertThat(topics).containsOnly("10001 2");
    }

    @Test
    void aNullBodyIsRefusedAndAnEmptyOneIsAMessage() {
        context.start();
        assertThat(send("t", null).getException()).isInstanceOf(InvalidPayloadException.class);
        assertThat(send("t", "").getException()).isNull();
        assertThat(send("t", new byte[0]).getException()).isNull();
    }
}
