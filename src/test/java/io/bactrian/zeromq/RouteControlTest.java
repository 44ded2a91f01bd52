package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketKind;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;

/** What Camel offers for every component, with this one. */
class RouteControlTest extends ZeroMqTest {
    private static final long PATIENCE_MS = 60_000;

    @Test
    void aPollingConsumerTakesOneAfterTheOtherAndFindsNothingThen() throws Exception {
        String pull = "zeromq:pull:" + FREE;
        try (ConsumerTemplate template = context.createConsumerTemplate()) {
            template.start();
            assertThat(template.receiveNoWait(pull)).isNull();
            String push = "zeromq:push:" + bound(pull);
            for (int i = 0; i < 100; i++) {
                send(push, Integer.toString(i));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(template.receiveBody(pull, PATIENCE_MS, String.class))
                        .isEqualTo(Integer.toString(i));
            }
            assertThat(template.receiveNoWait(pull)).isNull();
        }
    }

    @Test
    void aRouteEnrichesWithWhatItPolls() throws Exception {
        String pull = "zeromq:pull:" + FREE;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:ask").pollEnrich(pull, PATIENCE_MS).process(received::add);
            }
        });
        Thread asker = new Thread(() -> send("direct:ask", "nothing"));
        asker.start();
        await().until(() -> !bound(pull).isEmpty());
        send("zeromq:push:" + bound(pull), "polled");
        asker.join();
        assertThat(bodies()).containsExactly("polled");
    }

    @Test
    void aSuspendedSocketThatAlsoSendsGoesOnToSend() throws Exception {
        String router = "zeromq:router:" + FREE;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(router).routeId("in").process(received::add);
            }
        });
        String dealer = "zeromq:dealer:" + bound(router) + "?bind=false";
        List<Exchange> answers = new CopyOnWriteArrayList<>();
        consume(dealer, answers::add);
        send(dealer, "hello");
        await().until(() -> received.size() == 1);
        byte[] peer = received.element().getMessage().getHeader(ZeroMqConstants.ROUTING_ID, byte[].class);
        context.getRouteController().suspendRoute("in");
        send(dealer, "while suspended");
        send(router, "from the suspended", Map.of(ZeroMqConstants.ROUTING_ID, peer));
        await().until(() -> answers.size() == 1);
        assertThat(received).hasSize(1);
        context.getRouteController().resumeRoute("in");
        await().until(() -> bodies().equals(List.of("hello", "while suspended")));
    }

    @Test
    void aStopDrainsWhatTheSocketHasHandedOver() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        String router = "zeromq:router:" + FREE + "?exchangePattern=InOut";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(router).routeId("in").process(e -> {
                    entered.countDown();
                    leave.await();
                    received.add(e);
                });
            }
        });
        ZeroMqEndpoint endpoint = context.getEndpoint(router, ZeroMqEndpoint.class);
        String dealer = "zeromq:dealer:" + bound(router);
        send(dealer, numbers(10));
        entered.await();
        await().until(() -> endpoint.getComponent().sockets().stream()
                .anyMatch(s ->
                        s.settings().kind() == SocketKind.router && s.counters().get(Counter.RECEIVED_MESSAGES) == 10));
        Thread stopper = new Thread(() -> {
            try {
                context.getRouteController().stopRoute("in");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        stopper.start();
        leave.countDown();
        stopper.join();
        assertThat(bodies())
                .isEqualTo(IntStream.range(0, 10).mapToObj(Integer::toString).toList());
    }

    @Test
    @ShowsEffectOf("exchangePattern")
    void exchangePatternIsThatOfTheExchangesOfAConsumer() throws Exception {
        String push = "zeromq:push:" + consume("zeromq:pull:" + FREE + "?exchangePattern=InOut");
        send(push, "x");
        await().until(() -> received.size() == 1);
        assertThat(received.element().getPattern()).isEqualTo(ExchangePattern.InOut);
    }

    @Test
    void bridgeErrorHandlerTakesAnAnswerThatCannotBeSentToTheErrorHandlerOfTheRoute() throws Exception {
        for (boolean bridged : new boolean[] {false, true}) {
            String router = "zeromq:router:" + FREE + "?exchangePattern=InOut&bridgeErrorHandler=" + bridged;
            routes(new RouteBuilder() {
                @Override
                public void configure() {
                    from(router)
                            .routeId("bridged " + bridged)
                            .onException(Exception.class)
                            .handled(true)
                            .process(received::add)
                            .end()
                            .setBody(e -> new Object());
                }
            });
            send("zeromq:dealer:" + bound(router), "x");
            if (bridged) {
                await().until(() -> received.size() == 1);
                assertThat(received.element().getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class))
                        .hasMessageContaining("No body available of type: byte[]");
            } else {
                context.getRouteController().stopRoute("bridged false");
                assertThat(received).isEmpty();
            }
        }
    }
}
