package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.AsyncProcessorSupport;
import org.junit.jupiter.api.Test;

/** Routes that have several requests under way, and answer when they like. */
class ConcurrentExchangesTest extends ZeroMqTest {

    /** Requests that have come and wait for their answers. */
    private final Desk desk = new Desk();

    /** Holds what comes until the test answers it. */
    private static final class Desk extends AsyncProcessorSupport {
        private record Held(Exchange exchange, AsyncCallback callback) {}

        private final ConcurrentLinkedQueue<Held> held = new ConcurrentLinkedQueue<>();

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            held.add(new Held(exchange, callback));
            return false;
        }

        /** What is held now, the last one first. */
        List<Held> takeReversed(int count) {
            await().atMost(Duration.ofSeconds(60)).until(() -> held.size() >= count);
            List<Held> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(0, held.remove());
            }
            return all;
        }

        static void answer(Held one) {
            one.exchange()
                    .getMessage()
                    .setBody("re: " + one.exchange().getMessage().getBody(String.class));
            one.callback().done(false);
        }
    }

    private String serve(String uri) throws Exception {
        return consume(uri, desk);
    }

    private SocketView socket(String kind) {
        return sockets().stream()
                .filter(s -> s.settings().kind().name().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    /** Sends requests without waiting; each is put into the map with its answer when that comes. */
    private void ask(String uri, int count, Map<String, String> answers) throws Exception {
        AsyncProducer producer = context.getEndpoint(uri).createAsyncProducer();
        producer.start();
        for (int i = 0; i < count; i++) {
            String number = Integer.toString(i);
            Exchange exchange = producer.getEndpoint().createExchange(ExchangePattern.InOut);
            exchange.getMessage().setBody(number);
            producer.process(
                    exchange,
                    doneSync -> answers.put(
                            number,
                            exchange.getException() == null
                                    ? exchange.getMessage().getBody(String.class)
                                    : exchange.getException().toString()));
        }
    }

    private static Map<String, String> expected(int count) {
        Map<String, String> expected = new ConcurrentHashMap<>();
        IntStream.range(0, count).forEach(i -> expected.put(Integer.toString(i), "re: " + i));
        return expected;
    }

    @Test
    void tenThousandRequestsUnderWayAreAnsweredInReverseOrder() throws Exception {
        int count = 10_000;
        for (String server :
                List.of("rep:" + FREE + "?", "router:" + FREE + "?socketName=r&exchangePattern=InOut&envelope=true&")) {
            String address = serve("zeromq:" + server + "sendHighWaterMark=0&concurrentExchanges=" + count);
            Map<String, String> answers = new ConcurrentHashMap<>();
            String dealer = "zeromq:dealer:" + address + "?requestTimeout=1m&pendingQueue=" + count;
            ask(dealer, count, answers);
            List<Desk.Held> all = desk.takeReversed(count);
            assertThat(answers).isEmpty();
            assertThat(sockets()).anyMatch(s -> s.pendingRequests() == count);
            all.forEach(Desk::answer);
            await().atMost(Duration.ofSeconds(60)).until(() -> answers.size() == count);
            assertThat(answers).isEqualTo(expected(count));
        }
    }

    @Test
    void aRepAnswersTheSecondReqBeforeTheFirst() throws Exception {
        String address = serve("zeromq:rep:" + FREE + "?concurrentExchanges=2");
        var template = context.createProducerTemplate();
        List<CompletableFuture<Object>> answers = new ArrayList<>();
        for (String name : List.of("first", "second")) {
            answers.add(template.asyncRequestBody("zeromq:req:" + address + "?socketName=" + name, name));
            await().until(() -> desk.held.size() == answers.size());
        }
        List<Desk.Held> held = desk.takeReversed(2);
        Desk.answer(held.get(0));
        assertThat(answers.get(1).get()).isEqualTo(bytes("re: second"));
        assertThat(answers.get(0)).isNotDone();
        Desk.answer(held.get(1));
        assertThat(answers.get(0).get()).isEqualTo(bytes("re: first"));
    }

    @Test
    @ShowsEffectOf("concurrentExchanges")
    void noMoreAreUnderWayThanThereMayBe() throws Exception {
        String address = serve("zeromq:rep:" + FREE + "?concurrentExchanges=3");
        Map<String, String> answers = new ConcurrentHashMap<>();
        ask("zeromq:dealer:" + address, 30, answers);
        SocketView rep = socket("router");
        await().until(() -> rep.counters().get(Counter.RECEIVED_MESSAGES) > 3);
        for (int i = 0; i < 10; i++) {
            List<Desk.Held> held = desk.takeReversed(3);
            assertThat(desk.held).isEmpty();
            held.forEach(Desk::answer);
        }
        await().until(() -> answers.equals(expected(30)));
    }

    @Test
    void aFailedExchangeOfARepIsAnsweredWithAnEmptyFrame() throws Exception {
        String address = serve("zeromq:rep:" + FREE + "?concurrentExchanges=2");
        var answer = context.createProducerTemplate().asyncRequestBody("zeromq:req:" + address, "x");
        Desk.Held held = desk.takeReversed(1).get(0);
        held.exchange().setException(new IllegalStateException("no"));
        held.callback().done(false);
        assertThat(answer.get()).isEqualTo(new byte[0]);
    }

    @Test
    void theAnswerGoesToWhoAskedWhateverTheRouteMakesOfTheHeaders() throws Exception {
        for (String options : List.of("", "&socketName=several&concurrentExchanges=2")) {
            String address = consume("zeromq:router:" + FREE + "?exchangePattern=InOut&envelope=true" + options, e -> {
                e.getMessage().removeHeaders("*");
                e.getMessage().setHeader(ZeroMqConstants.ROUTING_ID, bytes("another"));
            });
            assertThat(context.createProducerTemplate().requestBody("zeromq:req:" + address, "x", String.class))
                    .isEqualTo("x");
        }
    }

    @Test
    void aStopWaitsForAllThatIsUnderWay() throws Exception {
        String rep = "zeromq:rep:" + FREE + "?concurrentExchanges=10";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(rep).routeId("rep").process(desk);
            }
        });
        Map<String, String> answers = new ConcurrentHashMap<>();
        ask("zeromq:dealer:" + bound(rep), 10, answers);
        List<Desk.Held> held = desk.takeReversed(10);
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> {
            try {
                context.getRouteController().stopRoute("rep");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        held.subList(0, 9).forEach(Desk::answer);
        await().until(() -> answers.size() == 9);
        assertThat(stopped).isNotDone();
        Desk.answer(held.get(9));
        stopped.join();
        await().until(() -> answers.equals(expected(10)));
    }

    @Test
    void batchesAndPlainMessagesGoAtOnceToo() throws Exception {
        for (String batch : List.of("1", "5")) {
            String push = "zeromq:push:"
                    + serve("zeromq:pull:" + FREE + "?concurrentExchanges=2&batchSize=" + batch + "&socketName="
                            + batch);
            send(push, "one");
            await().until(() -> desk.held.size() == 1);
            send(push, "two");
            desk.takeReversed(2).forEach(Desk::answer);
        }
    }

    @Test
    void severalAtOnceAndTheThreadOfTheSocketAreNotTogether() {
        assertThatThrownBy(() -> serve("zeromq:rep:" + FREE + "?concurrentExchanges=2&onSocketThread=true&batchSize=7"))
                .hasStackTraceContaining("concurrentExchanges=2 and onSocketThread=true exclude each other")
                .hasStackTraceContaining("batchSize=7 must be 1 for a rep");
        assertThatThrownBy(() -> serve("zeromq:rep:" + FREE + "?concurrentExchanges=0"))
                .hasStackTraceContaining("concurrentExchanges=0 must be at least 1");
    }
}
