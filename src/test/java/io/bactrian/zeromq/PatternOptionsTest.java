package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.RequestTimeoutException;
import io.bactrian.zeromq.socket.SendFailedException;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeTimedOutException;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the options of batches, of routers and of publishers do. */
class PatternOptionsTest extends ZeroMqTest {
    private final List<RawPeer> peers = new ArrayList<>();

    @AfterEach
    void disconnect() throws IOException {
        for (RawPeer peer : peers) {
            peer.close();
        }
    }

    private RawPeer peer(String address, String type) throws IOException {
        RawPeer peer = RawPeer.handshaken(address, type);
        peers.add(peer);
        return peer;
    }

    private RawPeer named(String address, String identity) throws IOException {
        RawPeer peer = RawPeer.handshaken(address, "DEALER", identity);
        peers.add(peer);
        return peer;
    }

    private long sent() {
        return sockets().stream()
                .filter(s -> s.settings().kind().producing() && !s.settings().bind())
                .mapToLong(s -> s.counters().get(Counter.SENT_MESSAGES))
                .sum();
    }

    private List<Integer> sizes() {
        return received.stream()
                .map(e -> ((Collection<?>) e.getMessage().getBody()).size())
                .toList();
    }

    @Test
    @ShowsEffectOf("batchBytesMax")
    void aBatchIsClosedOnceItHoldsSoManyOctets() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?batchSize=1000&batchBytesMax=100");
        List<ZeroMqMessage> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(ZeroMqMessage.of(null, new byte[40]));
        }
        send("zeromq:push:" + address, all);
        await().until(() -> batched().size() == 100);
        assertThat(sizes()).allMatch(size -> size <= 3);
    }

    @Test
    @ShowsEffectOf("batchTimeout")
    void aBatchWaitsForMore() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?batchSize=2&batchTimeout=1m");
        String push = "zeromq:push:" + address;
        send(push, "first");
        await().until(() -> sent() == 1);
        send(push, "second");
        await().until(() -> sizes().equals(List.of(2)));
    }

    @Test
    @ShowsEffectOf("conflate")
    void onlyTheLastMessageIsKept() throws Exception {
        String address = "tcp://127.0.0.1:" + Ports.free();
        send("zeromq:push:" + address + "?conflate=true&sendHighWaterMark=10", numbers(100));
        await().until(() -> sent() == 100);
        consume("zeromq:pull:" + address);
        await().until(() -> bodies().equals(List.of("99")));
    }

    @Test
    @ShowsEffectOf("handover")
    void theNewestPeerWithARoutingIdHasIt() throws Exception {
        String router = "zeromq:router:" + FREE + "?exchangePattern=InOut&handover=true";
        String address = consume(
                router, e -> e.getMessage().setBody("to " + e.getMessage().getBody(String.class)));
        assertThat(named(address, "me").frame(0, "old").reads("to old")).isTrue();
        assertThat(named(address, "me").frame(0, "new").reads("to new")).isTrue();
    }

    @Test
    @ShowsEffectOf("probeRouter")
    void aRouterLearnsOfANewPeerByAnEmptyMessage() throws Exception {
        String address = consume("zeromq:router:" + FREE);
        consume("zeromq:dealer:" + address + "?probeRouter=true&routingId=prober");
        await().until(() -> bodies().equals(List.of("")));
        assertThat(routingId(received.element())).isEqualTo("prober");
    }

    private static String routingId(Exchange exchange) {
        return new String(exchange.getMessage().getHeader(ZeroMqConstants.ROUTING_ID, byte[].class), UTF_8);
    }

    @Test
    void anAnswerThatDoesNotComeInTimeIsCamelsOwnException() throws Exception {
        String silent = consume("zeromq:router:" + FREE);
        for (String kind : List.of("req", "dealer")) {
            Exchange exchange = context.createProducerTemplate()
                    .request(
                            "zeromq:" + kind + ":" + silent + "?requestTimeout=70&retries=0",
                            e -> e.getMessage().setBody("?"));
            assertThat(exchange.getException())
                    .isInstanceOf(ExchangeTimedOutException.class)
                    .hasMessageContaining("requestTimeout=70 ms")
                    .hasRootCauseInstanceOf(RequestTimeoutException.class);
            assertThat(((ExchangeTimedOutException) exchange.getException()).getTimeout())
                    .isEqualTo(70);
        }
    }

    @Test
    @ShowsEffectOf("helloMessage")
    void aNewPeerIsGreeted() throws Exception {
        String address = consume("zeromq:router:" + FREE + "?helloMessage=good morning");
        assertThat(peer(address, "DEALER").reads("good morning")).isTrue();
    }

    @Test
    @ShowsEffectOf("disconnectMessage")
    void aRouterHearsOfTheEndOfAPeer() throws Exception {
        String address = consume("zeromq:router:" + FREE + "?disconnectMessage=gone");
        named(address, "guest").frame(0, "hello").reset();
        await().until(() -> bodies().equals(List.of("hello", "gone")));
        assertThat(received).allMatch(e -> routingId(e).equals("guest"));
    }

    @Test
    @ShowsEffectOf("xpubNoDrop")
    void aSubscriberThatDoesNotReadHoldsThePublisherBackIfThatIsWanted() throws Exception {
        assertThat(publishToADeafSubscriber("&socketName=drops&sendTimeout=30000"))
                .isNull();
        assertThat(publishToADeafSubscriber("&xpubNoDrop=true&sendTimeout=100"))
                .isInstanceOf(SendFailedException.class);
    }

    /** Publishes more than the buffers of TCP take; returns the first failure. */
    private Exception publishToADeafSubscriber(String options) throws Exception {
        String pub = "zeromq:pub:" + FREE + "?sendHighWaterMark=1&pendingQueue=1&linger=0" + options;
        send(pub, "nobody hears this");
        RawPeer deaf = peer(bound(pub), "SUB").frame(0, "\1");
        await().until(() -> {
            send(pub, "heard?");
            return deaf.isReadable();
        });
        Exception failure = null;
        for (int i = 0; i < 60 && failure == null; i++) {
            failure = send(pub, new byte[1 << 20]).getException();
        }
        return failure;
    }

    /** The subscriptions that an xpub reports, with 1 or 0 in front: two peers want a and then b, and one of them no more a. */
    private List<String> reports(String options) throws Exception {
        received.clear();
        String address = consume("zeromq:xpub:" + FREE + options);
        peer(address, "SUB").frame(0, "\1a");
        await().until(() -> reports().equals(List.of("1a")));
        RawPeer second = peer(address, "SUB").frame(0, "\1a").frame(0, "\1b");
        await().until(() -> reports().contains("1b"));
        second.frame(0, "\0a").frame(0, "\0b");
        await().until(() -> reports().contains("0b"));
        return reports();
    }

    private List<String> reports() {
        return bodies().stream()
                .map(frame -> (int) frame.charAt(0) + frame.substring(1))
                .toList();
    }

    @Test
    @ShowsEffectOf({"xpubVerbose", "xpubVerboser"})
    void anXpubReportsWhatIsNewOrEverySubscriptionOrAlsoEveryEnd() throws Exception {
        assertThat(reports("?socketName=1")).containsExactly("1a", "1b", "0b");
        assertThat(reports("?socketName=2&xpubVerbose=true")).containsExactly("1a", "1a", "1b", "0b");
        assertThat(reports("?socketName=3&xpubVerboser=true")).containsExactly("1a", "1a", "1b", "0a", "0b");
    }

    @Test
    @ShowsEffectOf("xpubManual")
    void theRouteDecidesWhoGetsWhat() throws Exception {
        String xpub = "zeromq:xpub:" + FREE + "?xpubManual=true";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(xpub).process(e -> {
                    received.add(e);
                    String topic = e.getMessage().getHeader(ZeroMqConstants.TOPIC, String.class);
                    if (topic.equals("secret")) {
                        e.getMessage().removeHeader(ZeroMqConstants.SUBSCRIPTION);
                    } else if (topic.equals("fails")) {
                        throw new IllegalArgumentException("this topic fails");
                    }
                });
            }
        });
        RawPeer subscriber = peer(bound(xpub), "SUB");
        for (String topic : List.of("secret", "fails", "open", "end")) {
            subscriber.frame(0, "\1" + topic);
        }
        subscriber.frame(0, "\0end").frame(0, "\1last");
        await().until(() -> received.size() == 6);
        for (String topic : List.of("secret", "fails", "end", "open", "last")) {
            // The last exchange may not be over yet, so the first message of the last topic may come too early.
            send(xpub, "<" + topic + ">", Map.of(ZeroMqConstants.TOPIC, topic));
        }
        String seen = subscriber.readAll("<open>");
        assertThat(seen).contains("<open>").doesNotContain("<secret>", "<fails>", "<end>");
    }
}
