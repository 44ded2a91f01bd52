package io.bactrian.app.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The loops of the publish/subscribe benchmark, over whatever carries messages. A publisher is told {@code RATE MILLISECONDS}
 * in lines, and puts messages at that rate, whether or not the former ones were accepted. Rate {@value #FASTEST} means as
 * fast as it goes, and {@value #ONE_AT_A_TIME} the next one when the former is accepted. Both sides say {@code done} with
 * what they measured.
 *
 * <p>A body begins with the time at which the message was due, in nanoseconds, so that a publisher that is held up makes the
 * waiting messages slow, and does not just put fewer of them (coordinated omission). At high rates that is one of
 * {@value #STAMP_EVERY} messages, so that the clock costs nothing. The clock is the system's monotonic one, which all
 * processes of a machine share. The last message of a publisher has the time -1.
 */
final class RateLoad {
    static final long FASTEST = 0;
    static final long ONE_AT_A_TIME = -1;

    private static final long LAST = -1;
    private static final int STAMP_EVERY = 16;
    /** Below this rate each message bears a time. */
    private static final int STAMP_ALL_MAX = 50_000;

    private static final long STEP_NANOS = 200_000;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
    /** A subscriber that returns has caught up with messages of this age. */
    private static final long CAUGHT_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private RateLoad() {}

    /** Where messages go. */
    interface Sink {
        /** Takes a body, which the caller uses again. */
        void put(byte[] body) throws Exception;

        /** Returns when all that was put is accepted. */
        void flush() throws Exception;
    }

    /** Where messages come from. */
    interface LoadSource {
        /** The next body, null if none came for a while. */
        byte @Nullable [] get() throws Exception;
    }

    /** Opens a source. */
    interface Opening {
        Attached open() throws Exception;
    }

    /** A source that is closed. */
    interface Attached extends LoadSource, AutoCloseable {
        @Override
        void close();
    }

    /** Puts what it is told to, until standard input ends. */
    static void publish(Sink sink, int size) throws Exception {
        BufferedReader told = told();
        byte[] body = new byte[size];
        for (String line = told.readLine(); line != null; line = told.readLine()) {
            String[] words = line.split(" ", -1);
            double cpu = cpuSeconds();
            Histogram accepted = new Histogram(LONGEST_MICROS, 3);
            long put = phase(
                    sink,
                    body,
                    Long.parseLong(words[0]),
                    TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[1])),
                    accepted);
            ByteBuffer.wrap(body).putLong(LAST);
            sink.put(body);
            sink.flush();
            System.out.println(String.format(
                    Locale.ROOT,
                    "done put=%d accepted50=%d accepted99=%d cpu=%.3f",
                    put,
                    accepted.getValueAtPercentile(50),
                    accepted.getValueAtPercentile(99),
                    cpuSeconds() - cpu));
        }
    }

    /** Puts for so long, and returns how many. */
    private static long phase(Sink sink, byte[] body, long rate, long nanos, Histogram accepted) throws Exception {
        long every = rate != FASTEST && rate <= STAMP_ALL_MAX ? 1 : STAMP_EVERY;
        long started = System.nanoTime();
        long number = 0;
        while (true) {
            long now = System.nanoTime();
            long passed = now - started;
            long due = rate > 0
                    ? (long) (Math.min(passed, nanos) / 1e9 * rate)
                    : number + (rate == FASTEST ? STAMP_EVERY : 1);
            while (number < due) {
                long stamp = 0;
                if (number % every == 0) {
                    stamp = rate > 0 ? started + (long) (number * 1e9 / rate) : System.nanoTime();
                }
                ByteBuffer.wrap(body).putLong(stamp);
                sink.put(body);
                number++;
            }
            if (passed >= nanos) {
                return number;
            }
            if (rate > 0) {
                LockSupport.parkNanos(STEP_NANOS);
            } else if (rate == ONE_AT_A_TIME) {
                sink.flush();
                accepted.recordValue((System.nanoTime() - now) / 1_000);
            }
        }
    }

    /** Measures each phase of so many publishers, until the process ends. */
    static void subscribe(LoadSource source, int publishers) throws Exception {
        while (true) {
            Histogram micros = new Histogram(LONGEST_MICROS, 3);
            long got = 0;
            long first = 0;
            int over = 0;
            double cpu = cpuSeconds();
            while (over < publishers) {
                byte[] body = source.get();
                if (body == null) {
                    // Between two phases, or when all are over.
                    continue;
                }
                long due = ByteBuffer.wrap(body).getLong();
                if (due == LAST) {
                    over++;
                    continue;
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
    }

    /** Is absent, returns for each line, and goes when it has caught up. */
    static void subscribeNowAndThen(Opening opening) throws Exception {
        opening.open().close();
        System.out.println("ready ");
        BufferedReader told = told();
        while (told.readLine() != null) {
            try (Attached source = opening.open()) {
                long started = System.nanoTime();
                long got = 0;
                boolean behind = true;
                while (behind) {
                    byte[] body = source.get();
                    if (body == null) {
                        throw new IOException("nothing came any more after " + got + " messages");
                    }
                    got++;
                    long due = ByteBuffer.wrap(body).getLong();
                    behind = due <= 0 || System.nanoTime() - due > CAUGHT_UP_NANOS;
                }
                double seconds = (System.nanoTime() - started) / 1e9;
                System.out.println(
                        String.format(Locale.ROOT, "done got=%d rate=%.0f seconds=%.3f", got, got / seconds, seconds));
            }
        }
    }

    private static BufferedReader told() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
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
