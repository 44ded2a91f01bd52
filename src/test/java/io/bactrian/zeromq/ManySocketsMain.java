package io.bactrian.zeromq;

import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.core.ConditionTimeoutException;

/** Opens many sockets, in a process of its own whose threads and files can be counted and limited. */
final class ManySocketsMain {
    private static final int ATTEMPTS_AT_LIMIT = 50;
    private static final int FREED = 5;
    private static final int LEFT_MAX = 5;

    private final DefaultCamelContext context = ZeroMqTest.context();
    private final Queue<Integer> received = new ConcurrentLinkedQueue<>();

    private ManySocketsMain() {}

    /** Of threads and open files, how many there are. */
    private record Counts(int threads, long files) {
        static Counts now() {
            return new Counts(
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                            .getOpenFileDescriptorCount());
        }

        Counts since(Counts before) {
            return new Counts(threads - before.threads, files - before.files);
        }
    }

    public static void main(String[] arguments) throws Exception {
        ManySocketsMain main = new ManySocketsMain();
        main.context.start();
        if (arguments[0].equals("limit")) {
            main.limit();
        } else {
            main.many(Integer.parseInt(arguments[0]));
        }
        main.context.stop();
        System.exit(0);
    }

    /** A consumer, and a producer that sends to it. */
    private final class Pair {
        private final Consumer consumer;
        private final Producer producer;

        Pair(int number) throws Exception {
            ZeroMqEndpoint pull = context.getEndpoint(pull(number), ZeroMqEndpoint.class);
            consumer = pull.createConsumer(e -> received.add(number));
            consumer.start();
            producer = context.getEndpoint(
                            "zeromq:push:" + pull.getBoundAddresses().get(0))
                    .createProducer();
            producer.start();
        }

        void send() throws Exception {
            Exchange exchange = producer.getEndpoint().createExchange();
            exchange.getIn().setBody("x");
            producer.process(exchange);
            if (exchange.getException() != null) {
                throw exchange.getException();
            }
        }

        void stop() {
            producer.stop();
            consumer.stop();
        }
    }

    private static String pull(int number) {
        return "zeromq:pull:tcp://127.0.0.1:*?socketName=" + number;
    }

    /**
     * Half of the endpoints are consumers, and each of the other half sends to one of them. They are endpoints without routes: of thousands
     * of routes Camel makes a work that grows with the square of their number.
     */
    private void many(int endpoints) throws Exception {
        Pair first = new Pair(0);
        first.send();
        // A PULL that stops does not take what is still on its way.
        await().atMost(Duration.ofMinutes(1)).until(() -> !received.isEmpty());
        first.stop();
        Counts before = Counts.now();
        int pairs = endpoints / 2;
        List<Pair> all = new ArrayList<>();
        for (int i = 1; i <= pairs; i++) {
            all.add(new Pair(i));
        }
        for (Pair pair : all) {
            pair.send();
        }
        try {
            await().atMost(Duration.ofMinutes(1)).until(() -> received.size() == pairs + 1);
        } catch (ConditionTimeoutException e) {
            reportMissing(pairs);
            throw e;
        }
        int sockets =
                context.getComponent("zeromq", ZeroMqComponent.class).sockets().size();
        System.out.println("sockets=" + sockets + " received=" + (received.size() - 1) + " took="
                + Counts.now().since(before));
        for (Pair pair : all) {
            pair.stop();
        }
        try {
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> Counts.now().since(before).files() <= LEFT_MAX);
        } catch (ConditionTimeoutException left) {
            System.out.println(left.getMessage());
        }
        Counts after = Counts.now().since(before);
        System.out.println("threads left=" + after.threads() + " files left=" + after.files());
    }

    /** What is known about the sockets of the pairs of which nothing was received. */
    private void reportMissing(int pairs) {
        Set<Integer> missing = IntStream.rangeClosed(0, pairs).boxed().collect(Collectors.toSet());
        missing.removeAll(received);
        System.out.println("received " + received.size() + " times, nothing of " + missing);
        for (int number : missing) {
            ZeroMqEndpoint pull = context.getEndpoint(pull(number), ZeroMqEndpoint.class);
            List<String> bound = pull.getBoundAddresses();
            for (SocketView socket :
                    context.getComponent("zeromq", ZeroMqComponent.class).sockets()) {
                if (socket.boundAddresses().equals(bound)
                        || socket.settings().addresses().equals(bound)) {
                    System.out.println(describe(socket));
                }
            }
        }
    }

    private static String describe(SocketView socket) {
        return socket.settings().kind() + " " + socket.settings().addresses() + " queued=" + socket.queued()
                + " failure=" + socket.failure() + " "
                + Stream.of(Counter.values())
                        .filter(counter -> socket.counters().get(counter) != 0)
                        .map(counter -> counter + "=" + socket.counters().get(counter))
                        .toList();
    }

    private void pair(int number) throws Exception {
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(pull(number)).routeId("pull" + number).process(e -> received.add(number));
            }
        });
        String bound = context.getEndpoint(pull(number), ZeroMqEndpoint.class)
                .getBoundAddresses()
                .get(0);
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:" + number).routeId("push" + number).to("zeromq:push:" + bound);
            }
        });
    }

    private void routes(RouteBuilder routes) throws Exception {
        context.addRoutes(routes);
    }

    private void send(int number) {
        context.createProducerTemplate().sendBody("direct:" + number, "x");
    }

    private void stop(int number) throws Exception {
        context.getRouteController().stopRoute("push" + number);
        context.getRouteController().stopRoute("pull" + number);
    }

    /** Opens sockets until there are no more files for it, goes on trying, and looks whether those that are open work. */
    private void limit() throws Exception {
        List<String> errors = new ArrayList<>();
        int opened = 0;
        while (errors.size() < ATTEMPTS_AT_LIMIT) {
            try {
                pair(opened);
                opened++;
            } catch (Exception e) {
                errors.add(cause(e));
                context.removeRoute("pull" + opened);
                context.removeRoute("push" + opened);
            }
        }
        System.out.println(
                "opened=" + opened + " errors=" + errors.stream().distinct().count());
        System.out.println("error=" + errors.get(0));
        for (int i = 0; i < FREED; i++) {
            stop(i);
        }
        for (int i = FREED; i < opened; i++) {
            send(i);
        }
        int expected = opened - FREED;
        await().atMost(Duration.ofMinutes(1)).until(() -> received.size() == expected);
        for (int i = 0; i < FREED; i++) {
            context.getRouteController().startRoute("pull" + i);
        }
        System.out.println("received=" + received.size() + " opened again="
                + context.getComponent("zeromq", ZeroMqComponent.class).sockets().stream()
                        .filter(s -> !s.boundAddresses().isEmpty())
                        .count());
    }

    private static String cause(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof IOException) {
                return e.getMessage();
            }
        }
        return failure.toString();
    }
}
