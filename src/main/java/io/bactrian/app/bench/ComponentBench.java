package io.bactrian.app.bench;

import io.bactrian.zeromq.ZeroMqEndpoint;
import io.bactrian.zeromq.socket.CurveKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultConsumer;

/**
 * Measures the {@code zeromq:} component against hand-written JeroMQ loops: in the same process, in turns,
 * so that what the machine does to one it does to the other. All over TCP on loopback.
 */
public final class ComponentBench {
    private static final int SMALL = 64;
    private static final int LARGE = 1_024;
    private static final int PRODUCERS = 4;
    private static final int LATENCY_MESSAGES = 1_000;
    private static final int WARM_UP_ROUNDS = 4;
    private static final long CALIBRATION = 50_000;
    private static final String PULL = "zeromq:pull:tcp://127.0.0.1:*";
    private static final String ROUTER = "zeromq:router:tcp://127.0.0.1:*";

    /**
     * How long it measures.
     *
     * @param roundMs time of one round of one side of one case; each side first runs some rounds' time for nothing
     * @param rounds rounds of each side; the median counts
     * @param only part of the names of the cases to run, empty for all
     */
    public record Options(int roundMs, int rounds, String only) {
        public Options {
            if (roundMs < 1 || rounds < 1) {
                throw new IllegalArgumentException("roundMs and rounds must be at least 1");
            }
        }

        /** About 3 minutes for all cases. */
        public static Options of(String only) {
            return new Options(400, 7, only);
        }
    }

    /** Builds what one side of a case measures; the meter counts what has come through. */
    private interface Setup {
        Source build(RawLoops loops, DefaultCamelContext camel, Meter meter) throws Exception;
    }

    private record Case(String name, int bytes, double floor, boolean curve, Setup raw, Setup component) {
        Case(String name, int bytes, double floor, Setup raw, Setup component) {
            this(name, bytes, floor, false, raw, component);
        }
    }

    private final Options options;

    private ComponentBench(Options options) {
        this.options = options;
    }

    /** Runs all cases. Takes the whole machine while it does. */
    public static List<CaseResult> run(Options options) throws Exception {
        return new ComponentBench(options).run();
    }

    private List<CaseResult> run() throws Exception {
        List<CaseResult> results = new ArrayList<>();
        for (Case c : cases()) {
            if ((c.name() + " " + c.bytes()).contains(options.only())) {
                results.add(measure(c));
            }
        }
        return results;
    }

    private static List<Case> cases() {
        Setup raw = (loops, camel, meter) -> loops.push(loops.sink(meter));
        Setup each = (loops, camel, meter) -> loops.push(route(camel, PULL, e -> meter.add(1)));
        Setup batch = (loops, camel, meter) -> loops.push(route(
                camel,
                PULL + "?batchSize=1000",
                e -> meter.add(((List<?>) e.getMessage().getBody()).size())));
        Setup curve = (loops, camel, meter) -> loops.push(route(
                camel,
                PULL + "?batchSize=1000&security=curve&curveAllowAnyClient=true&curveSecretKey="
                        + CurveKey.parse(RawLoops.SERVER.secretZ85()).hex(),
                e -> meter.add(((List<?>) e.getMessage().getBody()).size())));
        Setup forward = (loops, camel, meter) -> {
            String sink = "zeromq:push:" + loops.sink(meter);
            return loops.push(route(camel, PULL + "?batchSize=1000", sink));
        };
        return List.of(
                new Case("exchange-each", SMALL, 0.30, raw, each),
                new Case("exchange-each", LARGE, 0.90, raw, each),
                new Case("exchange-by-hand", SMALL, 0.90, ComponentBench::byHand, each),
                new Case("exchange-batch", SMALL, 0.90, raw, batch),
                new Case("exchange-batch", LARGE, 0.90, raw, batch),
                new Case("curve-batch", SMALL, 0.90, true, raw, curve),
                new Case("curve-batch", LARGE, 0.90, true, raw, curve),
                new Case(
                        "forward-batch",
                        SMALL,
                        0.90,
                        (loops, camel, meter) -> loops.push(loops.forwarder(loops.sink(meter))),
                        forward),
                new Case(
                        "producers-" + PRODUCERS,
                        SMALL,
                        0.50,
                        raw,
                        (loops, camel, meter) ->
                                new ProducerSource(camel, "zeromq:push:" + loops.sink(meter), PRODUCERS)),
                new Case(
                        "router-echo",
                        SMALL,
                        0,
                        (loops, camel, meter) -> loops.dealer(loops.echo(), meter),
                        (loops, camel, meter) -> loops.dealer(route(camel, ROUTER, ROUTER), meter)),
                new Case(
                        "router-echo-batch",
                        SMALL,
                        0,
                        (loops, camel, meter) -> loops.dealer(loops.echo(), meter),
                        (loops, camel, meter) -> loops.dealer(
                                route(camel, ROUTER + "?batchSize=1000", ROUTER + "?batchSize=1000"), meter)));
    }

    /**
     * What is left to gain where each message becomes an Exchange: a hand-written loop that receives, and runs the same
     * route with as few calls of Camel as there can be, without a component.
     */
    private static Source byHand(RawLoops loops, DefaultCamelContext camel, Meter meter) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:by-hand").routeId("by-hand").process(e -> meter.add(1));
            }
        });
        DefaultConsumer consumer = (DefaultConsumer) camel.getRoute("by-hand").getConsumer();
        AsyncProcessor processor = consumer.getAsyncProcessor();
        AsyncCallback ended = doneSync -> {};
        return loops.push(loops.receiver(body -> {
            Exchange exchange = consumer.createExchange(false);
            exchange.getMessage().setBody(body);
            processor.process(exchange, ended);
            consumer.releaseExchange(exchange, false);
        }));
    }

    private static String route(DefaultCamelContext camel, String from, Processor processor) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).process(processor);
            }
        });
        return bound(camel, from);
    }

    private static String route(DefaultCamelContext camel, String from, String to) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).to(to);
            }
        });
        return bound(camel, from);
    }

    private static String bound(DefaultCamelContext camel, String uri) {
        return camel.getEndpoint(uri, ZeroMqEndpoint.class).getBoundAddresses().get(0);
    }

    private CaseResult measure(Case c) throws Exception {
        double[] raw = new double[options.rounds()];
        double[] component = new double[options.rounds()];
        List<long[]> rawNanos = new ArrayList<>();
        List<long[]> nanos = new ArrayList<>();
        // Java compiles what runs hot in the background, and takes a processor for it.
        round(c, c.raw(), WARM_UP_ROUNDS, new ArrayList<>());
        round(c, c.component(), WARM_UP_ROUNDS, new ArrayList<>());
        for (int round = 0; round < options.rounds(); round++) {
            raw[round] = round(c, c.raw(), 1, rawNanos);
            component[round] = round(c, c.component(), 1, nanos);
        }
        return new CaseResult(
                c.name(),
                c.bytes(),
                median(component),
                median(raw),
                c.floor(),
                percentileMicros(nanos, 50),
                percentileMicros(nanos, 99),
                percentileMicros(rawNanos, 50));
    }

    /** Warms up, measures messages a second for the time of a round, then the time of single messages. */
    private double round(Case c, Setup setup, int length, List<long[]> nanos) throws Exception {
        byte[] body = new byte[c.bytes()];
        Meter meter = new Meter();
        DefaultCamelContext camel = new DefaultCamelContext();
        camel.disableJMX();
        camel.start();
        try (RawLoops loops = new RawLoops(c.curve())) {
            try (Source source = setup.build(loops, camel, meter)) {
                double rate = burst(source, body, CALIBRATION, meter);
                rate = burst(source, body, Math.max(CALIBRATION, (long) (rate * options.roundMs() / 2_000)), meter);
                rate = burst(
                        source, body, Math.max(CALIBRATION, (long) (rate * length * options.roundMs() / 1_000)), meter);
                nanos.add(source.oneAtATime(body, LATENCY_MESSAGES, meter));
                return rate;
            } finally {
                camel.stop();
            }
        }
    }

    private static double burst(Source source, byte[] body, long messages, Meter meter) throws Exception {
        long total = meter.count() + messages;
        long start = System.nanoTime();
        source.burst(body, messages);
        meter.await(total);
        return messages * 1e9 / (System.nanoTime() - start);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double percentileMicros(List<long[]> rounds, int percent) {
        long[] sorted = rounds.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e3;
    }

    /** Prints the table and the JSON. Arguments: milliseconds of a round, rounds, part of a case's name. */
    public static void main(String[] args) throws Exception {
        Options options = args.length < 2
                ? Options.of("")
                : new Options(Integer.parseInt(args[0]), Integer.parseInt(args[1]), args.length > 2 ? args[2] : "");
        List<CaseResult> results = run(options);
        System.out.printf(Locale.ROOT, "%s%n%s%n", CaseResult.table(results), CaseResult.json(results));
    }
}
