package io.bactrian.app.bench;

import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * One process of the benchmark at given rates. The publisher is told {@code RATE MILLISECONDS} in lines and puts messages at
 * that rate, whether or not the former ones were accepted; rate 0 means as fast as it can. The subscriber says {@code done}
 * with what it measured after each of them.
 *
 * <p>A body begins with the time at which the message was due, in nanoseconds, so that a publisher that is held up makes the
 * waiting messages slow, and does not just put fewer of them (coordinated omission). The last of a phase has the time -1.
 */
final class RateWorker {
    private static final String TOPIC = "rate";
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final long LAST = -1;
    private static final int STAMP_EVERY = 16;
    /** Below this rate each message bears a time, and above it one of {@value #STAMP_EVERY}. */
    private static final int STAMP_ALL_MAX = 50_000;

    private static final long STEP_NANOS = 200_000;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

    private RateWorker() {}

    /** {@code publish|subscribe ID PUBLISH-PORT SUBSCRIBE-PORT FOLDER SIZE}. */
    public static void main(String[] args) throws Exception {
        ClientSettings settings = ClientSettings.builder(args[1])
                .publishPort(Integer.parseInt(args[2]))
                .subscribePort(Integer.parseInt(args[3]))
                .data(Path.of(args[4]))
                .build();
        if (args[0].equals("publish")) {
            publish(settings, Integer.parseInt(args[5]));
        } else {
            subscribe(settings);
        }
    }

    private static void publish(ClientSettings settings, int size) throws Exception {
        BufferedReader told = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (Publisher publisher = Publisher.open(settings)) {
            publisher.put("warm-up", new byte[1]).get(WAIT.toSeconds(), TimeUnit.SECONDS);
            System.out.println("ready ");
            byte[] body = new byte[size];
            for (String line = told.readLine(); line != null; line = told.readLine()) {
                String[] words = line.split(" ", -1);
                double cpu = cpuSeconds();
                long put = phase(
                        publisher,
                        body,
                        Long.parseLong(words[0]),
                        TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[1])));
                ByteBuffer.wrap(body).putLong(LAST);
                publisher.put(TOPIC, body).get(WAIT.toSeconds(), TimeUnit.SECONDS);
                System.out.println("done put=" + put + " cpu=" + (cpuSeconds() - cpu));
            }
        }
    }

    /** Puts for so long, and returns how many. */
    @SuppressWarnings("FutureReturnValueIgnored") // the last one of the phase is waited for
    private static long phase(Publisher publisher, byte[] body, long rate, long nanos) throws IOException {
        long every = rate > 0 && rate <= STAMP_ALL_MAX ? 1 : STAMP_EVERY;
        long started = System.nanoTime();
        long number = 0;
        while (true) {
            long passed = System.nanoTime() - started;
            long due = rate == 0 ? number + STAMP_EVERY : (long) (Math.min(passed, nanos) / 1e9 * rate);
            while (number < due) {
                long stamp = 0;
                if (number % every == 0) {
                    stamp = rate == 0 ? System.nanoTime() : started + (long) (number * 1e9 / rate);
                }
                ByteBuffer.wrap(body).putLong(stamp);
                publisher.put(TOPIC, body);
                number++;
            }
            if (passed >= nanos) {
                return number;
            }
            if (rate > 0) {
                LockSupport.parkNanos(STEP_NANOS);
            }
        }
    }

    private static void subscribe(ClientSettings settings) throws Exception {
        try (Subscriber subscriber = Subscriber.open(settings)) {
            subscriber.subscribe(TOPIC, Start.NOW).get();
            System.out.println("ready ");
            while (true) {
                measure(subscriber);
            }
        }
    }

    private static void measure(Subscriber subscriber) throws Exception {
        Histogram micros = new Histogram(LONGEST_MICROS, 3);
        long got = 0;
        long first = 0;
        double cpu = cpuSeconds();
        while (true) {
            Message message = subscriber.get(WAIT);
            if (message == null) {
                // Between two phases, or when all are over.
                continue;
            }
            long due = ByteBuffer.wrap(message.body()).getLong();
            if (due == LAST) {
                break;
            }
            got++;
            if (due != 0) {
                long now = System.nanoTime();
                first = first == 0 ? now : first;
                micros.recordValue(Math.min(LONGEST_MICROS, Math.max(0, (now - due) / 1_000)));
            }
        }
        System.out.println(String.format(
                Locale.ROOT,
                "done got=%d rate=%.0f p50=%d p99=%d p999=%d max=%d cpu=%.3f",
                got,
                got * 1e9 / Math.max(1, System.nanoTime() - first),
                micros.getValueAtPercentile(50),
                micros.getValueAtPercentile(99),
                micros.getValueAtPercentile(99.9),
                micros.getMaxValue(),
                cpuSeconds() - cpu));
    }

    private static double cpuSeconds() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .map(Duration::toNanos)
                        .orElse(0L)
                / 1e9;
    }
}
