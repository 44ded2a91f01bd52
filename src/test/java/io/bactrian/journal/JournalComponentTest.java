package io.bactrian.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.journal.log.Cursor;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.journal.log.SyncMode;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalComponentTest {
    @TempDir
    Path root;

    private CamelContext context = new DefaultCamelContext();
    private ProducerTemplate template = context.createProducerTemplate();
    private final ConcurrentLinkedQueue<String> delivered = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void freshContext() {
        context = new DefaultCamelContext();
        context.getShutdownStrategy().setTimeout(5);
        component().setRoot(root.toString());
        template = context.createProducerTemplate();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private JournalComponent component() {
        return context.getComponent("journal", JournalComponent.class);
    }

    private Exchange send(Object body) {
        return template.send("journal:orders", exchange -> exchange.getMessage().setBody(body));
    }

    private void consume(String uri) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri)
                        .routeId("read")
                        .process(exchange -> delivered.add(exchange.getMessage().getBody(String.class)));
            }
        });
    }

    @Test
    void appendsTheBodyAndSaysWhere() {
        context.start();
        byte[] body = "one".getBytes(UTF_8);
        Exchange one = send(body);
        assertThat(one.getMessage().getBody()).isSameAs(body);
        assertThat(one.getMessage().getHeaders())
                .containsEntry(JournalConstants.POSITION, 1L)
                .containsEntry(JournalConstants.COUNT, 1)
                .containsEntry(JournalConstants.EPOCH, 1);

        List<Object> several = List.of(
                new NewEntry(5, new byte[3]), "zwölf", new byte[2], new ByteArrayInputStream("17".getBytes(UTF_8)));
        Exchange more = send(several);
        assertThat(more.getMessage().getBody()).isSameAs(several);
        assertThat(more.getMessage().getHeader(JournalConstants.POSITION)).isEqualTo(2L);
        assertThat(more.getMessage().getHeader(JournalConstants.COUNT)).isEqualTo(8);

        Exchange stream = send(new ByteArrayInputStream("streamed".getBytes(UTF_8)));
        assertThat(stream.getMessage().getHeader(JournalConstants.POSITION)).isEqualTo(10L);

        Journal journal = component().journal("orders");
        assertThat(journal.read(1, 1000))
                .extracting(entry -> new String(entry.payload(), UTF_8))
                .containsExactly("one", "\0\0\0", "zwölf", "\0\0", "17", "streamed");
    }

    @Test
    void appendsNothingForAnEmptyListAndRefusesWhatIsNoBody() {
        context.start();
        Exchange empty = send(List.of());
        assertThat(empty.getMessage().getHeader(JournalConstants.COUNT)).isEqualTo(0);
        assertThat(empty.getMessage().getHeader(JournalConstants.POSITION)).isNull();
        assertThat(send(null).getException()).isInstanceOf(InvalidPayloadException.class);
        assertThat(component().journal("orders").end()).isZero();
    }

    @Test
    void sharesOneJournalAndRefusesOptionsThatDisagree() throws Exception {
        JournalEndpoint first = context.getEndpoint("journal:a?segmentBytes=1m", JournalEndpoint.class);
        JournalEndpoint second = context.getEndpoint("journal:a?sync=INTERVAL", JournalEndpoint.class);
        assertThatThrownBy(() -> context.getEndpoint("journal:a?segmentBytes=2m&sync=NEVER"))
                .hasStackTraceContaining("segmentBytes=2m and segmentBytes=1m")
                .hasStackTraceContaining("sync=NEVER and sync=INTERVAL");
        context.start();

        assertThat(first.getJournal())
                .isSameAs(second.getJournal())
                .isSameAs(component().journal("a"));
        assertThat(first.getJournal().settings().segmentBytes()).isEqualTo(1 << 20);
        assertThat(first.getJournal().settings().sync()).isEqualTo(SyncMode.INTERVAL);
        assertThatThrownBy(() -> context.getEndpoint("journal:a?tailBytes=1m"))
                .hasStackTraceContaining("tailBytes=1m, but the journal is open without it");
    }

    @Test
    void givesBeansTheJournalBeforeRoutesStart() {
        Journal early = component().journal("orders");
        early.append(new byte[1]);
        context.start();
        assertThat(send("x").getMessage().getHeader(JournalConstants.POSITION)).isEqualTo(2L);
        assertThat(context.getEndpoint("journal:orders", JournalEndpoint.class).getJournal())
                .isSameAs(early);
        context.stop();
        assertThatThrownBy(() -> early.append(new byte[1])).isInstanceOf(JournalException.class);
    }

    @Test
    void listsEveryWrongOptionOfAConsumer() {
        assertThatThrownBy(() -> {
                    consume("journal:orders?batchSize=0&from=yesterday&cursor=a/b&batchBytes=big&backOff=0");
                    context.start();
                })
                .hasStackTraceContaining("batchSize=0")
                .hasStackTraceContaining("from=yesterday")
                .hasStackTraceContaining("cursor=a/b")
                .hasStackTraceContaining("batchBytes=big")
                .hasStackTraceContaining("backOff=PT0S");
        assertThatThrownBy(() -> context.getEndpoint("journal:x?segmentBytes=1k"))
                .hasStackTraceContaining("segmentBytes=1024 must be 4k to 1g");
        assertThatThrownBy(() -> context.getEndpoint("journal:../evil")).hasStackTraceContaining("the name must be");
    }

    @Test
    void deliversLiveAndInOrder() throws Exception {
        consume("journal:orders");
        context.start();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            sent.add("m" + i);
            send("m" + i);
        }
        await().untilAsserted(() -> assertThat(delivered).containsExactlyElementsOf(sent));
    }

    @Test
    void goesOnFromItsCursorAfterARestart() throws Exception {
        consume("journal:orders?cursor=mine");
        context.start();
        send("before");
        await().untilAsserted(() -> assertThat(delivered).containsExactly("before"));
        context.stop();

        freshContext();
        context.start();
        send("meanwhile");
        consume("journal:orders?cursor=mine");
        send("after");
        await().untilAsserted(() -> assertThat(delivered).containsExactly("before", "meanwhile", "after"));
    }

    @Test
    void beginsWhereItIsTold() throws Exception {
        context.start();
        send(List.of("1", "2", "3"));
        consume("journal:orders?cursor=third&from=3");
        await().untilAsserted(() -> assertThat(delivered).containsExactly("3"));
        delivered.clear();
        context.getRouteController().stopRoute("read");
        context.removeRoute("read");
        consume("journal:orders?cursor=new&from=now");
        send("4");
        await().untilAsserted(() -> assertThat(delivered).containsExactly("4"));
    }

    @Test
    void deliversBatchesAsLists() throws Exception {
        context.start();
        send(List.of("1", "22", "333", "4444", "5"));
        List<List<Entry>> batches = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(2);
        context.addRoutes(new RouteBuilder() {
            @Override
            @SuppressWarnings("unchecked")
            public void configure() {
                from("journal:orders?batchSize=3&batchBytes=6").process(exchange -> {
                    batches.add(exchange.getMessage().getBody(List.class));
                    assertThat(exchange.getMessage().getHeader(JournalConstants.COUNT))
                            .isEqualTo(batches.get(batches.size() - 1).size());
                    all.countDown();
                });
            }
        });
        assertThat(all.await(60, SECONDS)).isTrue();
        assertThat(batches)
                .extracting(batch -> batch.stream().map(Entry::position).toList())
                .containsExactly(List.of(1L, 2L, 3L), List.of(4L, 5L));
    }

    @Test
    void deliversAgainWhatFailedAndSkipsNothing() throws Exception {
        AtomicInteger failuresLeft = new AtomicInteger(3);
        List<Integer> marks = new ArrayList<>();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("journal:orders?backOff=10ms").process(exchange -> {
                    String body = exchange.getMessage().getBody(String.class);
                    if (body.equals("bad") && failuresLeft.getAndDecrement() > 0) {
                        throw new IllegalStateException("the route fails");
                    }
                    marks.add(exchange.getMessage().getHeader(JournalConstants.REDELIVERY, 0, int.class));
                    delivered.add(body);
                });
            }
        });
        context.start();
        send(List.of("good", "bad", "next"));
        await().untilAsserted(() -> assertThat(delivered).containsExactly("good", "bad", "next"));
        assertThat(marks).containsExactly(0, 3, 0);
        assertThat(failuresLeft).hasNegativeValue();
    }

    @Test
    void movesTheCursorOnlyWhenAnAsynchronousRouteHasCompleted() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        List<Runnable> completions = new ArrayList<>();
        AtomicBoolean complete = new AtomicBoolean();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("journal:orders").process(new HoldingProcessor(complete, completions, arrived));
            }
        });
        context.start();
        send(List.of("1", "2"));
        assertThat(arrived.await(60, SECONDS)).isTrue();
        Cursor cursor = component().journal("orders").cursor("default");
        assertThat(cursor.position()).isZero();
        assertThat(completions).hasSize(1);
        complete.set(true);
        completions.get(0).run();
        await().untilAsserted(() -> assertThat(cursor.position()).isEqualTo(2));
    }

    @Test
    void whatCompletesAfterItsRouteWasStartedAnewLetsNothingOvertake() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        List<Runnable> completions = new CopyOnWriteArrayList<>();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("journal:orders")
                        .routeId("read")
                        .process(new HoldingProcessor(new AtomicBoolean(), completions, arrived));
            }
        });
        context.start();
        send(List.of("1", "2", "3"));
        assertThat(arrived.await(60, SECONDS)).isTrue();
        context.getRouteController().stopRoute("read", 1, MILLISECONDS);
        context.getRouteController().startRoute("read");
        await().until(() -> completions.size() == 2);
        completions.get(0).run();
        await().during(Duration.ofMillis(300)).until(() -> completions.size() == 2);
        completions.get(1).run();
        await().until(() -> completions.size() == 3);
    }

    /** Completes later, on the thread of whoever runs the completion, until it is told to complete at once. */
    private record HoldingProcessor(AtomicBoolean complete, List<Runnable> completions, CountDownLatch arrived)
            implements AsyncProcessor {
        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            if (complete.get()) {
                callback.done(true);
                return true;
            }
            completions.add(() -> callback.done(false));
            arrived.countDown();
            return false;
        }

        @Override
        public CompletableFuture<Exchange> processAsync(Exchange exchange) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void process(Exchange exchange) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void refusesTwoConsumersOfOneCursor() throws Exception {
        consume("journal:orders?cursor=same");
        context.start();
        assertThatThrownBy(() -> context.addRoutes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("journal:orders?cursor=same&batchSize=2").to("log:never");
                    }
                }))
                .hasStackTraceContaining("cursor=same already");
    }
}
