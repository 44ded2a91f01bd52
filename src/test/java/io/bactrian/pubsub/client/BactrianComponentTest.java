package io.bactrian.pubsub.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckAware;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.ShutdownAware;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

@Timeout(600)
class BactrianComponentTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private BareHub hub;
    private DefaultCamelContext camel;
    private final List<String> got = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void start() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
        camel = context();
    }

    private DefaultCamelContext context() {
        DefaultCamelContext context = new DefaultCamelContext();
        context.disableJMX();
        BactrianComponent component = new BactrianComponent();
        component.getConfiguration().setPublishPort(hub.publishPort());
        component.getConfiguration().setSubscribePort(hub.subscribePort());
        component.getConfiguration().setData(folder.resolve("data").toString());
        context.addComponent("bactrian", component);
        return context;
    }

    @AfterEach
    void stop() throws Exception {
        camel.stop();
        hub.close();
    }

    private void route(String from, org.apache.camel.Processor processor) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).routeId("get").process(processor);
            }
        });
    }

    private void note(Exchange exchange) {
        got.add(exchange.getMessage().getBody(String.class));
    }

    @Test
    void anExchangeCompletesWhenTheHubHasTheMessage() throws Exception {
        camel.start();
        Exchange sent = camel.createFluentProducerTemplate()
                .to("bactrian:readings")
                .withBody("23")
                .request(Exchange.class);
        assertThat(hub.messages()).isEqualTo(1);
        assertThat(sent.getMessage().getHeader(BactrianConstants.SEQUENCE)).isEqualTo(1L);
    }

    /** A time after all that the hub has logged up to now, and before all that it logs later. */
    private static Instant between() {
        Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
        await().atMost(LONG).until(() -> System.currentTimeMillis() > now.toEpochMilli());
        Instant after = Instant.ofEpochMilli(System.currentTimeMillis());
        await().atMost(LONG).until(() -> System.currentTimeMillis() > after.toEpochMilli());
        return after;
    }

    @Test
    void aRouteBeginsAtATimeWhateverOffsetItIsGivenWith() throws Exception {
        camel.start();
        for (String body : List.of("1", "2", "3")) {
            camel.createProducerTemplate().sendBody("bactrian:t", body);
        }
        Instant time = between();
        camel.createProducerTemplate().sendBody("bactrian:t", "4");
        camel.createProducerTemplate().sendBody("bactrian:t", "5");
        String offset = time.atOffset(ZoneOffset.ofHours(2)).toString();
        route("bactrian:t?subscriber=z&from=" + time, this::note);
        await().atMost(LONG).until(() -> got.size() == 2);
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("bactrian:t?subscriber=offset&from=" + offset).process(BactrianComponentTest.this::note);
                from("bactrian:t?subscriber=late&from=2100-01-01T00:00:00Z").process(BactrianComponentTest.this::note);
            }
        });
        await().atMost(LONG).until(() -> got.size() == 4);
        assertThat(got).containsExactly("4", "5", "4", "5");
        assertThatThrownBy(() -> route("bactrian:t?subscriber=no&from=2026-13-01T00:00Z", this::note))
                .hasStackTraceContaining("'2026-13-01T00:00Z' is no time; give 2026-11-21T07:05:00Z");
    }

    @Test
    void aRouteGetsMessagesInOrderWithTheirHeaders() throws Exception {
        List<Object> headers = new ArrayList<>();
        route("bactrian:readings/*?subscriber=s&from=oldest", exchange -> {
            headers.add(exchange.getMessage().getHeader(BactrianConstants.TOPIC));
            headers.add(exchange.getMessage().getHeader(BactrianConstants.POSITION));
            headers.add(exchange.getMessage().getHeader(BactrianConstants.PUBLISHER));
            headers.add(exchange.getMessage().getHeader(BactrianConstants.SEQUENCE));
            headers.add(exchange.getMessage().getHeader(BactrianConstants.REDELIVERED));
            note(exchange);
        });
        camel.start();
        for (int i = 1; i <= 100; i++) {
            camel.createProducerTemplate().sendBody("bactrian:readings/a?publisher=p", "m" + i);
        }
        await().atMost(LONG).until(() -> got.size() == 100);
        assertThat(got.get(99)).isEqualTo("m100");
        assertThat((Long) headers.get(496)).as("with what the hub itself logs").isGreaterThanOrEqualTo(100);
        assertThat(headers.subList(495, 500)).containsExactly("readings/a", headers.get(496), "p", 100L, false);
        HealthCheckAware consumer = (HealthCheckAware) camel.getRoute("get").getConsumer();
        HealthCheck.Result health = consumer.getHealthCheck().call();
        assertThat(health.getState()).isEqualTo(HealthCheck.State.UP);
    }

    @Test
    void theHealthCheckOfAConsumerSaysThatAnotherProcessUsesItsSubscriberId() throws Exception {
        route("bactrian:t?subscriber=s", this::note);
        camel.start();
        HealthCheckAware consumer = (HealthCheckAware) camel.getRoute("get").getConsumer();
        await().atMost(LONG).until(() -> consumer.getHealthCheck().call().getState() == HealthCheck.State.UP);
        await().atMost(LONG).until(() -> !hub.subscribers().isEmpty());
        try (Subscriber other =
                Subscriber.open(hub.settings("s", folder.resolve("other")).build())) {
            await().atMost(LONG).until(() -> other.isConnected(LONG));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(consumer.getHealthCheck()
                                    .call()
                                    .getMessage()
                                    .orElse("UP"))
                            .contains("superseded: another process has attached as subscriber s since"));
        }
        await().atMost(LONG).until(() -> consumer.getHealthCheck().call().getState() == HealthCheck.State.UP);
    }

    @Test
    void aConsumerGoesOnWhereItWasAfterARestartOfItsContext() throws Exception {
        route("bactrian:t?subscriber=s&from=oldest", this::note);
        camel.start();
        camel.createProducerTemplate().sendBody("bactrian:t", "1");
        await().atMost(LONG).until(() -> got.size() == 1);
        camel.stop();
        camel = context();
        route("bactrian:t?subscriber=s&from=oldest", this::note);
        camel.start();
        camel.createProducerTemplate().sendBody("bactrian:t", "2");
        await().atMost(LONG).until(() -> got.size() == 2);
        assertThat(got).containsExactly("1", "2");
    }

    /** Else Camel, which looks for what is under way once all is suspended, could stop the rest of the route before it. */
    @Test
    void onceSuspendedARouteBeginsNoExchangeUntilItIsResumed() throws Exception {
        route("bactrian:t?subscriber=s&from=oldest", this::note);
        camel.start();
        for (int i = 1; i <= 5; i++) {
            camel.createProducerTemplate().sendBody("bactrian:t", "m" + i);
            int all = i;
            await().atMost(LONG)
                    .until(() ->
                            got.size() == all && camel.getInflightRepository().size("get") == 0);
            camel.getRouteController().suspendRoute("get");
            camel.createProducerTemplate().sendBody("bactrian:t", "while suspended");
            await().during(Duration.ofMillis(300)).atMost(LONG).until(() -> got.size() == all);
            camel.getRouteController().resumeRoute("get");
            await().atMost(LONG).until(() -> got.size() == all + 1);
            assertThat(got.remove(all)).isEqualTo("while suspended");
        }
    }

    @Test
    void anExchangeUnderWayIsPendingAndOneThatWaitsForItsNextAttemptIsNot() throws Exception {
        CountDownLatch underWay = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        route("bactrian:t?subscriber=s&from=oldest&redeliveryDelay=60000&redeliveryDelayMax=60000", exchange -> {
            underWay.countDown();
            assertThat(released.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            throw new IllegalStateException("cannot process");
        });
        camel.start();
        ShutdownAware consumer = (ShutdownAware) camel.getRoute("get").getConsumer();
        assertThat(consumer.getPendingExchangesSize()).isZero();
        camel.createProducerTemplate().sendBody("bactrian:t", "bad");
        assertThat(underWay.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(consumer.getPendingExchangesSize()).isOne();
        released.countDown();
        await().atMost(LONG).until(() -> consumer.getPendingExchangesSize() == 0);
    }

    @Test
    void aFailingExchangeIsRedeliveredThenBecomesADeadLetterAndNothingIsSkipped() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        AtomicLong position = new AtomicLong();
        List<Object> marks = new ArrayList<>();
        route("bactrian:t?subscriber=s&from=oldest&redeliveries=2&redeliveryDelay=1", exchange -> {
            if (exchange.getMessage().getBody(String.class).equals("bad")) {
                attempts.incrementAndGet();
                position.set(exchange.getMessage().getHeader(BactrianConstants.POSITION, Long.class));
                marks.add(exchange.getMessage().getHeader(BactrianConstants.REDELIVERED));
                throw new IllegalStateException("cannot process");
            }
            note(exchange);
        });
        camel.start();
        for (String body : List.of("good", "bad", "better")) {
            camel.createProducerTemplate().sendBody("bactrian:t", body);
        }
        await().atMost(LONG).until(() -> got.contains("better"));
        assertThat(got).containsExactly("good", "better");
        assertThat(attempts).hasValue(3);
        assertThat(marks).containsExactly(false, true, true);
        try (Bactrian reader =
                Bactrian.open(hub.settings("reader", folder.resolve("reader")).build())) {
            reader.subscribe("dead-letter/s", Start.OLDEST);
            Message letter = reader.get(LONG);
            assertThat(new String(letter.body(), UTF_8)).isEqualTo("bad");
            assertThat(letter.publisher()).isEqualTo("dead-letter:s");
            assertThat(letter.sequence()).isEqualTo(DeadLetters.number(letter.logEpoch(), 0, position.get()));
        }
    }

    @Test
    void aTransactedRouteAndItsCursorAreCommittedTogether() throws Exception {
        try (HikariDataSource database = Databases.open(DatabaseSettings.file(folder, "own"))) {
            JdbcTemplate jdbc = new JdbcTemplate(database);
            jdbc.execute("create table reading (body varchar(20))");
            AtomicInteger failures = new AtomicInteger(2);
            AtomicLong position = new AtomicLong();
            camel.getRegistry().bind("own", database);
            route("bactrian:t?subscriber=s&from=oldest&dataSource=#own&transacted=true&redeliveryDelay=1", exchange -> {
                jdbc.update(
                        "insert into reading values (?)", exchange.getMessage().getBody(String.class));
                position.set(exchange.getMessage().getHeader(BactrianConstants.POSITION, Long.class));
                if (failures.getAndDecrement() > 0) {
                    throw new IllegalStateException("after the insert");
                }
            });
            camel.start();
            camel.createProducerTemplate().sendBody("bactrian:t", "1");
            camel.createProducerTemplate().sendBody("bactrian:t", "2");
            await().atMost(LONG)
                    .until(() -> jdbc.queryForList("select body from reading", String.class)
                            .equals(List.of("1", "2")));
            assertThat(jdbc.queryForObject("select position from bactrian_cursor where subscriber = 's'", Long.class))
                    .isEqualTo(position.get());
        }
    }

    @Test
    void aMessageWhoseCommitFailsIsHandedOutAgain() throws Exception {
        try (HikariDataSource database = Databases.open(DatabaseSettings.file(folder, "own"))) {
            JdbcTemplate jdbc = new JdbcTemplate(database);
            jdbc.execute("create table reading (body varchar(20))");
            AtomicInteger failures = new AtomicInteger(1);
            camel.getRegistry().bind("own", database);
            camel.getRegistry().bind("commits", new JdbcTransactionManager(database) {
                @Override
                protected void doCommit(DefaultTransactionStatus status) {
                    if (failures.getAndDecrement() > 0) {
                        throw new CannotAcquireLockException("another transaction was faster");
                    }
                    super.doCommit(status);
                }
            });
            route(
                    "bactrian:t?subscriber=s&from=oldest&dataSource=#own&transacted=true&redeliveryDelay=1"
                            + "&transactionManager=#commits",
                    exchange -> jdbc.update(
                            "insert into reading values (?)",
                            exchange.getMessage().getBody(String.class)));
            camel.start();
            camel.createProducerTemplate().sendBody("bactrian:t", "1");
            camel.createProducerTemplate().sendBody("bactrian:t", "2");
            await().atMost(LONG)
                    .until(() -> jdbc.queryForList("select body from reading", String.class)
                            .equals(List.of("1", "2")));
        }
    }

    @Test
    void aDeadLetterAfterARewindIsNotTakenForARepeat() throws Exception {
        camel.start();
        camel.createProducerTemplate().sendBody("bactrian:b", "older");
        camel.createProducerTemplate().sendBody("bactrian:a", "newer");
        try (Subscriber reader =
                Subscriber.open(hub.settings("reader", folder.resolve("reader")).build())) {
            reader.subscribe("dead-letter/s", Start.OLDEST);
            for (String topic : List.of("a", "b")) {
                route("bactrian:" + topic + "?subscriber=s&from=oldest&redeliveries=0", exchange -> {
                    throw new IllegalStateException("always");
                });
                Message letter = reader.get(LONG);
                assertThat(letter).as("letter of " + topic).isNotNull();
                assertThat(new String(letter.body(), UTF_8)).isEqualTo(topic.equals("a") ? "newer" : "older");
                reader.processed(letter);
                camel.getRouteController().stopRoute("get");
                camel.removeRoute("get");
            }
        }
    }

    @Test
    void withAnOutboxAnExchangeCompletesWithoutAHubAndTheMessageComesThereLater() throws Exception {
        hub.accepting(false);
        camel.start();
        camel.createProducerTemplate().sendBody("bactrian:t?publisher=p&acceptance=OUTBOX", "kept");
        assertThat(hub.messages()).isZero();
        hub.accepting(true);
        await().atMost(LONG).until(() -> hub.messages() == 1);
    }

    @Test
    void concurrentExchangesShareBatches() throws Exception {
        camel.start();
        List<CompletableFuture<Object>> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            all.add(camel.createProducerTemplate().asyncSendBody("bactrian:t?publisher=p", "m" + i));
        }
        for (CompletableFuture<Object> one : all) {
            one.get(60, TimeUnit.SECONDS);
        }
        assertThat(hub.messages()).isEqualTo(500);
    }

    @Test
    void aRefusedMessageFailsItsExchange() throws Exception {
        camel.start();
        assertThatThrownBy(() -> camel.createProducerTemplate().sendBody("bactrian:$reserved", "x"))
                .isInstanceOf(CamelExecutionException.class)
                .hasRootCauseInstanceOf(RefusedException.class);
    }

    @Test
    void aKameletThatDoesNotSayForWhomDoesNotStart() throws Exception {
        camel.start();
        String source = "kamelet:bactrian-subscribe-source";
        assertThatThrownBy(() -> route(source + "?subscriber=s", exchange -> {}))
                .hasStackTraceContaining("topic");
        assertThatThrownBy(() -> route(source + "?topic=t", exchange -> {})).hasStackTraceContaining("subscriber");
        assertThatThrownBy(() -> camel.createProducerTemplate().sendBody("kamelet:bactrian-publish-sink", "x"))
                .hasStackTraceContaining("topic");
    }

    @Test
    void wrongOptionsAreListedTogether() {
        assertThatThrownBy(() -> camel.getEndpoint("bactrian:t?transacted=true&from=never&redeliveries=-1")
                        .createConsumer(exchange -> {}))
                .hasMessageContaining("subscriber is not set")
                .hasMessageContaining("transacted=true needs dataSource")
                .hasMessageContaining("redeliveries=-1")
                .hasMessageContaining("from=never");
    }
}
