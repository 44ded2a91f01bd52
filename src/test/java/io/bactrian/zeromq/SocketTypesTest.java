package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;

/** Every socket type in a route, with real sockets over TCP. */
class SocketTypesTest extends ZeroMqTest {

    @Test
    @ShowsEffectOf("target")
    void pushReachesPull() throws Exception {
        String address = consume("zeromq:pull:" + FREE);
        assertThat(address).matches("tcp://127\\.0\\.0\\.1:\\d+");
        send("zeromq:push:" + address, "one");
        send("zeromq:push:" + address, bytes("two"));
        await().until(() -> bodies().equals(List.of("one", "two")));
    }

    @Test
    void severalFramesAreAList() throws Exception {
        String address = consume("zeromq:pull:" + FREE);
        send("zeromq:push:" + address, List.of(bytes("a"), bytes("b")));
        await().until(() -> received.size() == 1);
        assertThat((List<?>) received.element().getMessage().getBody()).hasSize(2);
    }

    @Test
    @ShowsEffectOf("batchSize")
    void batchesHoldEveryMessageInOrder() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?batchSize=100");
        List<ZeroMqMessage> batch = numbers(1_000);
        send("zeromq:push:" + address, batch);
        await().until(() -> batched().size() == 1_000);
        assertThat(batched()).isEqualTo(batch.stream().map(ZeroMqMessage::topic).toList());
        assertThat(received)
                .allSatisfy(e -> assertThat((List<?>) e.getMessage().getBody()).hasSizeBetween(1, 100));
    }

    @Test
    void routerAnswersItsDealerFromAnotherRoute() throws Exception {
        String router = "zeromq:router:" + FREE;
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(router).to("direct:answer");
                from("direct:answer").transform(body().prepend("re: ")).to(router);
            }
        });
        String dealer = "zeromq:dealer:" + bound(router);
        consume(dealer);
        send(dealer, "hello");
        await().until(() -> bodies().equals(List.of("re: hello")));
    }

    @Test
    void dealerHasManyRequestsUnderWay() throws Exception {
        String router = "zeromq:router:" + FREE + "?envelope=true";
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(router).transform(body().prepend("re: ")).to(router);
            }
        });
        String dealer = "zeromq:dealer:" + bound(router);
        var template = context.createProducerTemplate();
        var answers = IntStream.range(0, 100)
                .mapToObj(i -> template.asyncRequestBody(dealer, "q" + i, String.class))
                .toList();
        for (int i = 0; i < 100; i++) {
            assertThat(answers.get(i).get()).isEqualTo("re: q" + i);
        }
    }

    @Test
    @ShowsEffectOf("subscribe")
    void subGetsWhatItSubscribedTo() throws Exception {
        String xpub = "zeromq:xpub:" + FREE;
        Queue<Exchange> subscriptions = new ConcurrentLinkedQueue<>();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(xpub).process(subscriptions::add);
            }
        });
        String address = bound(xpub);
        consume("zeromq:sub:" + address + "?subscribe=weather,news");
        await().until(() -> subscriptions.size() == 2);
        assertThat(subscriptions)
                .allSatisfy(e -> assertThat(e.getMessage().getHeader(ZeroMqConstants.SUBSCRIPTION))
                        .isEqualTo("subscribe"))
                .extracting(e -> e.getMessage().getHeader(ZeroMqConstants.TOPIC))
                .containsExactlyInAnyOrder("weather", "news");
        for (String topic : List.of("sport", "weather", "news.local")) {
            send(xpub, "about " + topic, Map.of(ZeroMqConstants.TOPIC, topic));
        }
        await().until(() -> bodies().equals(List.of("about weather", "about news.local")));
        assertThat(received.element().getMessage().getHeader(ZeroMqConstants.TOPIC))
                .isEqualTo("weather");
    }

    @Test
    void xsubSendsSubscriptionsUpstream() throws Exception {
        String xpub = "zeromq:xpub:" + FREE + "?batchSize=10";
        Queue<ZeroMqMessage> subscriptions = new ConcurrentLinkedQueue<>();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(xpub)
                        .process(e -> ((List<?>) e.getMessage().getBody())
                                .forEach(m -> subscriptions.add((ZeroMqMessage) m)));
            }
        });
        String xsub = "zeromq:xsub:" + bound(xpub);
        consume(xsub);
        send(xsub, new byte[] {1, 'a'});
        await().until(() -> subscriptions.size() == 1);
        assertThat(subscriptions.element().frame(0)).containsExactly(1, 'a');
        send(xpub, List.of(bytes("abc"), bytes("body")));
        await().until(() -> bodies().equals(List.of("body")));
        send(xsub, new byte[] {0, 'a'});
        await().until(() -> subscriptions.size() == 2);
    }

    @Test
    @ShowsEffectOf("topic")
    void pubSendsTheTopicFirst() throws Exception {
        String pub = "zeromq:pub:" + FREE + "?topic=news";
        // A producer alone binds too; the sub connects to it and says by which topics it wants.
        send(pub, "nobody hears this");
        await().until(() -> sockets().get(0).counters().get(Counter.SENT_MESSAGES) == 1);
        consume("zeromq:sub:" + bound(pub) + "?subscribe=news");
        await().until(() -> {
            send(pub, "hello");
            return !received.isEmpty();
        });
        assertThat(received.element().getMessage().getBody(String.class)).isEqualTo("hello");
        assertThat(received.element().getMessage().getHeader(ZeroMqConstants.TOPIC))
                .isEqualTo("news");
    }

    @Test
    @ShowsEffectOf("bind")
    void pairTalksBothWays() throws Exception {
        String bound = "zeromq:pair:" + FREE + "?bind=true";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(bound).transform(body().prepend("re: ")).to(bound);
            }
        });
        String connected = "zeromq:pair:" + bound(bound);
        consume(connected);
        send(connected, "ping");
        await().until(() -> bodies().equals(List.of("re: ping")));
    }

    @Test
    void repAnswersWithTheBodyOfItsRoute() throws Exception {
        String rep = "zeromq:rep:" + FREE;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(rep).transform(body().prepend("re: "));
            }
        });
        var template = context.createProducerTemplate();
        String req = "zeromq:req:" + bound(rep);
        assertThat(template.requestBody(req, "one", String.class)).isEqualTo("re: one");
        assertThat(template.requestBody(req, "two", String.class)).isEqualTo("re: two");
        assertThat(template.requestBody("zeromq:dealer:" + bound(rep), "three", String.class))
                .isEqualTo("re: three");
    }

    @Test
    void repGoesOnAfterAFailedExchange() throws Exception {
        String rep = "zeromq:rep:" + FREE;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(rep)
                        .choice()
                        .when(body().convertToString().isEqualTo("bad"))
                        .throwException(new IllegalStateException("bad on purpose"))
                        .otherwise()
                        .transform(constant("good"));
            }
        });
        var template = context.createProducerTemplate();
        String req = "zeromq:req:" + bound(rep);
        assertThat(template.requestBody(req, "bad", String.class)).isEmpty();
        assertThat(template.requestBody(req, "fine", String.class)).isEqualTo("good");
    }

    @Test
    @ShowsEffectOf("envelope")
    void inOutRouterAnswersReqAndDealer() throws Exception {
        String router = "zeromq:router:" + FREE + "?exchangePattern=InOut&envelope=true";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(router).transform(body().prepend("re: "));
            }
        });
        var template = context.createProducerTemplate();
        assertThat(template.requestBody("zeromq:req:" + bound(router), "q", String.class))
                .isEqualTo("re: q");
        assertThat(template.requestBody("zeromq:dealer:" + bound(router), "q", String.class))
                .isEqualTo("re: q");
    }

    @Test
    void dealerWorkerAnswersThroughItsEnvelope() throws Exception {
        String worker = "zeromq:dealer:" + FREE + "?bind=true&envelope=true";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(worker).transform(body().prepend("re: ")).to(worker);
            }
        });
        assertThat(context.createProducerTemplate().requestBody("zeromq:dealer:" + bound(worker), "q", String.class))
                .isEqualTo("re: q");
    }
}
