package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every socket type in a route, with real sockets over TCP. */
class SocketTypesTest {
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Queue<Exchange> received = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() {
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    /** Starts a route that keeps what it receives; returns the address that it is bound to. */
    private String consume(String uri) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri).process(received::add);
            }
        });
        return bound(uri);
    }

    private String bound(String uri) {
        List<String> bound = context.getEndpoint(uri, ZeroMqEndpoint.class).getBoundAddresses();
        return bound.isEmpty() ? "" : bound.get(0);
    }

    private void send(String uri, Object body) {
        context.createFluentProducerTemplate().to(uri).withBody(body).send();
    }

    private List<String> bodies() {
        return received.stream().map(e -> e.getMessage().getBody(String.class)).toList();
    }

    @Test
    void pushReachesPull() throws Exception {
        String address = consume("zeromq:pull:tcp://127.0.0.1:*");
        assertThat(address).matches("tcp://127\\.0\\.0\\.1:\\d+");
        send("zeromq:push:" + address, "one");
        send("zeromq:push:" + address, "two".getBytes(UTF_8));
        await().until(() -> bodies().equals(List.of("one", "two")));
    }

    @Test
    void severalFramesAreAList() throws Exception {
        String address = consume("zeromq:pull:tcp://127.0.0.1:*");
        send("zeromq:push:" + address, List.of("a".getBytes(UTF_8), "b".getBytes(UTF_8)));
        await().until(() -> received.size() == 1);
        assertThat((List<?>) received.element().getMessage().getBody()).hasSize(2);
    }

    @Test
    void batchesHoldEveryMessageInOrder() throws Exception {
        String address = consume("zeromq:pull:tcp://127.0.0.1:*?batchSize=100");
        List<ZeroMqMessage> batch = IntStream.range(0, 1_000)
                .mapToObj(i -> ZeroMqMessage.of(null, Integer.toString(i).getBytes(UTF_8)))
                .toList();
        send("zeromq:push:" + address, batch);
        await().until(() -> batched().size() == 1_000);
        assertThat(batched()).isEqualTo(batch.stream().map(ZeroMqMessage::topic).toList());
        assertThat(received)
                .allSatisfy(e -> assertThat((List<?>) e.getMessage().getBody()).hasSizeBetween(1, 100));
    }

    private List<String> batched() {
        return received.stream()
                .flatMap(e -> ((List<?>) e.getMessage().getBody()).stream())
                .map(m -> ((ZeroMqMessage) m).topic())
                .toList();
    }

    @Test
    void routerAnswersItsDealerFromAnotherRoute() throws Exception {
        String router = "zeromq:router:tcp://127.0.0.1:*";
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
        String router = "zeromq:router:tcp://127.0.0.1:*?envelope=true";
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
    void subGetsWhatItSubscribedTo() throws Exception {
        String xpub = "zeromq:xpub:tcp://127.0.0.1:*";
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
            context.createFluentProducerTemplate()
                    .to(xpub)
                    .withHeader(ZeroMqConstants.TOPIC, topic)
                    .withBody("about " + topic)
                    .send();
        }
        await().until(() -> bodies().equals(List.of("about weather", "about news.local")));
        assertThat(received.element().getMessage().getHeader(ZeroMqConstants.TOPIC))
                .isEqualTo("weather");
    }

    @Test
    void xsubSendsSubscriptionsUpstream() throws Exception {
        String xpub = "zeromq:xpub:tcp://127.0.0.1:*?batchSize=10";
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
        send(xpub, List.of("abc".getBytes(UTF_8), "body".getBytes(UTF_8)));
        await().until(() -> bodies().equals(List.of("body")));
        send(xsub, new byte[] {0, 'a'});
        await().until(() -> subscriptions.size() == 2);
    }
}
