package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Start;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * The route files carry the behaviour: a change in a copy of a shipped file, and nothing else, changes the hub. The routes
 * in YAML and in XML run the same tests.
 */
abstract class EditedRoutesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private TestHub hub;

    /** Says yes so many times, then no; routes name it. */
    public static final class Times {
        private final AtomicInteger left = new AtomicInteger();

        public boolean more() {
            return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
        }
    }

    private final Times times = new Times();

    abstract TestHub.Dsl dsl();

    /** The step of {@code feed-subscribers} that makes a delivery. */
    abstract String deliverStep();

    /** The beginning of the step of {@code feed-subscribers} that sends a delivery. */
    abstract String sendStep();

    /** The step of {@code take-in} that logs. */
    abstract String journalStep();

    /** The interval of {@code retransmit-unanswered}. */
    abstract String retransmitInterval(String intervalMs);

    /** A filter by {@link Times#more} whose only step throws. */
    abstract String throwStep();

    /** A filter by {@link Times#more} whose only step stops. */
    abstract String stopStep();

    /** Puts the steps from deliver to the socket into a filter. */
    abstract String onlyWhatIsNotSecret(String text);

    @BeforeEach
    void prepare() {
        hub = new TestHub(folder, dsl()).bean("times", times);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void aFilterBeforeDeliverHoldsATopicBackForGood() throws Exception {
        hub.edit("feed-subscribers", this::onlyWhatIsNotSecret).start();
        try (Bactrian client = hub.client("c")) {
            client.subscribe("*", Start.OLDEST);
            put(client, "secret", "held back");
            put(client, "open", "seen");
            assertThat(get(client)).isEqualTo("seen");
            await().atMost(PATIENCE).until(() -> hub.figure("outstanding") == 0);
        }
    }

    @Test
    void aFilterThatThrowsSkipsNothing() throws Exception {
        times.left.set(1);
        hub.edit("feed-subscribers", before(deliverStep(), throwStep())).start();
        try (Bactrian client = hub.client("c")) {
            client.subscribe("t", Start.OLDEST);
            put(client, "t", "first");
            put(client, "t", "second");
            assertThat(get(client)).isEqualTo("first");
            assertThat(get(client)).isEqualTo("second");
        }
    }

    @Test
    void withoutTheJournalStepWhatIsAcknowledgedIsLost() throws Exception {
        hub.edit("take-in", text -> replaced(text, journalStep(), "")).start();
        try (Bactrian client = hub.client("c")) {
            client.subscribe("t", Start.OLDEST);
            put(client, "t", "lost");
            hub.restart();
            assertThat(client.get(Duration.ofSeconds(2))).isNull();
            assertThat(hub.figures().toJson()).as("no topic has a message").contains("\"held\":[]");
        }
    }

    @Test
    void withTheJournalStepItIsThereAfterARestart() throws Exception {
        hub.start();
        try (Bactrian client = hub.client("c")) {
            put(client, "t", "kept");
            hub.restart();
            client.subscribe("t", Start.OLDEST);
            assertThat(get(client)).isEqualTo("kept");
        }
    }

    @Test
    void aLostLastMessageIsFoundAlthoughTheTimerComesOnceAnHour() throws Exception {
        hub.edit("retransmit-unanswered", this::onceAnHour)
                .edit("feed-subscribers", this::loseSome)
                .start();
        try (Bactrian client = hub.client("c")) {
            client.subscribe("t", Start.OLDEST);
            put(client, "t", "first");
            assertThat(get(client)).isEqualTo("first");
            times.left.set(1);
            put(client, "t", "last");
            assertThat(get(client)).isEqualTo("last");
            assertThat(times.left.get()).as("one delivery was lost").isZero();
            assertThat(hub.figure("retransmitted")).isEqualTo(1);
        }
    }

    @Test
    void theLostFirstMessageOfANewTopicUnderAPrefixIsFound() throws Exception {
        hub.edit("retransmit-unanswered", this::onceAnHour)
                .edit("feed-subscribers", this::loseSome)
                .start();
        try (Bactrian client = hub.client("c")) {
            client.subscribe("room/*", Start.OLDEST);
            times.left.set(1);
            put(client, "room/new", "first");
            put(client, "room/new", "second");
            assertThat(get(client)).isEqualTo("first");
            assertThat(get(client)).isEqualTo("second");
            assertThat(hub.figure("gaps")).isPositive();
        }
    }

    @Test
    void anotherTriggerSendsAgainMoreOften() throws Exception {
        // By the property, and so by the shipped file, nothing would be sent again before an hour is over.
        hub.set("bactrian.hub.retransmit.intervalMs", "3600000")
                .edit("retransmit-unanswered", text -> text.replace("{{bactrian.hub.retransmit.intervalMs}}", "50"))
                .start();
        try (Bactrian publisher = hub.client("p");
                ZContext context = new ZContext()) {
            put(publisher, "t", "unanswered");
            ZMQ.Socket silent = context.createSocket(SocketType.DEALER);
            silent.setReceiveTimeOut((int) PATIENCE.toMillis());
            silent.setHandshakeIvl(300);
            silent.connect("tcp://127.0.0.1:" + hub.subscribePort());
            silent.send(new Command.Attach("silent", 1, 0, 0, 0, 1 << 20).encode());
            Command.Attached attached = (Command.Attached) Commands.decode(silent.recv());
            silent.send(new Command.Subscribe(
                            attached.session(), 1, attached.cursor(), PatternKind.TOPIC, StartFrom.OLDEST, 0, "t")
                    .encode());
            assertThat(Commands.decode(silent.recv())).isInstanceOf(Command.Subscribed.class);
            for (int i = 0; i < 3; i++) {
                assertThat(Commands.decode(silent.recv())).isInstanceOf(Command.Deliver.class);
                assertThat(silent.recv()).isNotEmpty();
            }
            assertThat(hub.figure("retransmitted")).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void deadLettersGoWhereTheRouteSays() throws Exception {
        hub.start();
        String broken = before("        - to:\n            uri: file:", """
                        - throwException: { exceptionType: java.lang.IllegalStateException, message: broken }
                """)
                .apply(Files.readString(Path.of("routes/examples/append-file/append-file.camel.yaml")));
        assertThat(deadLetter(broken, "dead-letter/as-shipped", "as-shipped")).isEqualTo("1");
        String elsewhere =
                replaced(broken, "        from: oldest\n", "        from: oldest\n        deadLetterTopic: hospital\n");
        assertThat(deadLetter(elsewhere, "hospital", "edited")).isEqualTo("1");
    }

    /** The body of the first letter of a topic, while a route runs as a subscriber that cannot process anything. */
    private String deadLetter(String route, String topic, String subscriber) throws Exception {
        String quick = replaced(route, "        from: oldest\n", "        from: oldest\n        redeliveries: 0\n");
        try (DefaultCamelContext context = new DefaultCamelContext();
                Bactrian reader = hub.client("reader-of-" + subscriber)) {
            put(reader, "readings/a", "1");
            context.getPropertiesComponent().addOverrideProperty("example.subscriber", subscriber);
            context.getPropertiesComponent()
                    .addOverrideProperty("example.hub.publishPort", String.valueOf(hub.publishPort()));
            context.getPropertiesComponent()
                    .addOverrideProperty("example.hub.subscribePort", String.valueOf(hub.subscribePort()));
            context.getPropertiesComponent()
                    .addOverrideProperty(
                            "example.data", folder.resolve(subscriber).toString());
            context.getComponent("kamelet", KameletComponent.class).setLocation("file:routes/kamelets");
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString("append-file.camel.yaml", quick));
            context.start();
            reader.subscribe(topic, Start.OLDEST);
            return get(reader);
        }
    }

    private String onceAnHour(String text) {
        return replaced(
                text, retransmitInterval("{{bactrian.hub.retransmit.intervalMs}}"), retransmitInterval("3600000"));
    }

    /** Drops a delivery between the hub and the socket, as a cut link does. */
    private String loseSome(String text) {
        return before(sendStep(), stopStep()).apply(text);
    }

    /** Puts the text from one part to another into a frame. */
    static String framed(String text, String from, String to, String begin, int indent, String end) {
        int first = text.indexOf(from);
        int last = text.indexOf(to);
        assertThat(first).isPositive();
        assertThat(last).isGreaterThan(first);
        return text.substring(0, first)
                + begin
                + text.substring(first, last).indent(indent)
                + end
                + text.substring(last);
    }

    private static UnaryOperator<String> before(String line, String inserted) {
        return text -> replaced(text, line, inserted.indent(0) + line);
    }

    private static String replaced(String text, String part, String by) {
        assertThat(text).as("the shipped file").contains(part);
        return text.replace(part, by);
    }

    private static void put(Bactrian client, String topic, String body) throws Exception {
        client.put(topic, body.getBytes(StandardCharsets.UTF_8)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static String get(Bactrian client) throws InterruptedException {
        Message message = client.get(PATIENCE);
        assertThat(message).isNotNull();
        client.processed(message);
        return new String(message.body(), StandardCharsets.UTF_8);
    }
}
