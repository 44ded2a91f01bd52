package io.bactrian.app.bench;

import io.bactrian.pubsub.client.Accepted;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * One process of the publish/subscribe benchmark. It says {@code ready ...} when it can begin, reads a line, does its
 * part, and says {@code done ...}.
 *
 * <p>A body begins with the time of its put in nanoseconds; every {@value #STAMP_EVERY}th of them is read, so that the
 * clock costs nothing. The clock is the system's monotonic one, which all processes of a machine share.
 */
final class PubsubWorker {
    private static final int HANDSHAKE_MS = 300;
    private static final int RAW_HWM = 100_000;
    private static final int STAMP_EVERY = 16;
    /** Messages that a steady flow puts in a tenth of a second. */
    private static final int FLOW_PER_TENTH = 5_000;
    /** The first fifth of the messages is not counted. */
    private static final int WARM_UP_SHARE = 5;

    private static final int STAMP_BYTES = 8;
    private static final int MEASURED_MAX = 1_000_000;
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final String TOPIC = "bench";

    private PubsubWorker() {}

    /** What a process is told. */
    record Task(String role, String id, int publishPort, int subscribePort, Path data, int size, long messages) {
        /** As arguments of a command line. */
        String[] arguments() {
            return new String[] {
                role,
                id,
                String.valueOf(publishPort),
                String.valueOf(subscribePort),
                data.toString(),
                String.valueOf(size),
                String.valueOf(messages)
            };
        }

        static Task parse(String[] args) {
            return new Task(
                    args[0],
                    args[1],
                    Integer.parseInt(args[2]),
                    Integer.parseInt(args[3]),
                    Path.of(args[4]),
                    Integer.parseInt(args[5]),
                    Long.parseLong(args[6]));
        }

        ClientSettings settings() {
            return ClientSettings.builder(id)
                    .publishPort(publishPort)
                    .subscribePort(subscribePort)
                    .data(data)
                    .build();
        }
    }

    public static void main(String[] args) throws Exception {
        Task task = Task.parse(args);
        switch (task.role()) {
            case "publish" -> publish(task);
            case "publish-one-at-a-time" -> publishOneAtATime(task);
            case "publish-until-told" -> publishUntilTold(task);
            case "subscribe" -> subscribe(task);
            case "get" -> get(task);
            case "raw-publish" -> rawPublish(task);
            case "raw-subscribe" -> rawSubscribe(task);
            default -> throw new IllegalArgumentException("no role " + task.role());
        }
    }

    private static void ready(String what) throws IOException {
        System.out.println("ready " + what);
        waitForWord();
    }

    private static void done(String figures) {
        double cpu = ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .map(Duration::toNanos)
                        .orElse(0L)
                / 1e9;
        System.out.println("done " + figures + " cpu=" + cpu);
    }

    private static void waitForWord() throws IOException {
        int read = System.in.read();
        while (read >= 0 && read != '\n') {
            read = System.in.read();
        }
    }

    private static byte[] body(int size) {
        byte[] body = new byte[Math.max(size, STAMP_BYTES)];
        for (int i = STAMP_BYTES; i < body.length; i++) {
            body[i] = (byte) ('a' + i % 26);
        }
        return body;
    }

    private static void stamp(byte[] body, long number) {
        ByteBuffer.wrap(body).putLong(number % STAMP_EVERY == 0 ? System.nanoTime() : 0);
    }

    private static void publish(Task task) throws Exception {
        try (Publisher publisher = Publisher.open(task.settings())) {
            publisher.put("warm-up", new byte[1]).get(WAIT.toSeconds(), TimeUnit.SECONDS);
            ready("");
            byte[] body = body(task.size());
            CompletableFuture<Accepted> last = new CompletableFuture<>();
            for (long i = 0; i < task.messages(); i++) {
                stamp(body, i);
                last = publisher.put(TOPIC, body);
            }
            last.get(WAIT.toSeconds(), TimeUnit.SECONDS);
            done("accepted=" + publisher.counters().accepted() + " batches="
                    + publisher.counters().batches());
        }
    }

    private static void publishOneAtATime(Task task) throws Exception {
        try (Publisher publisher = Publisher.open(task.settings())) {
            publisher.put("warm-up", new byte[1]).get(WAIT.toSeconds(), TimeUnit.SECONDS);
            ready("");
            byte[] body = body(task.size());
            Latencies latencies = new Latencies((int) task.messages());
            for (long i = 0; i < task.messages(); i++) {
                long start = System.nanoTime();
                ByteBuffer.wrap(body).putLong(start);
                publisher.put(TOPIC, body).get(WAIT.toSeconds(), TimeUnit.SECONDS);
                if (i >= task.messages() / WARM_UP_SHARE) {
                    latencies.add(System.nanoTime() - start);
                }
            }
            done(latencies.text());
        }
    }

    /**
     * A steady flow, well below what the machine can do, until it reads a line. After {@code rest} it says {@code resting}
     * when all is accepted, and goes on with the next line; after another it ends.
     */
    private static void publishUntilTold(Task task) throws Exception {
        try (Publisher publisher = Publisher.open(task.settings())) {
            publisher.put("warm-up", new byte[1]).get(WAIT.toSeconds(), TimeUnit.SECONDS);
            ready("");
            byte[] body = body(task.size());
            BufferedReader told = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            boolean over = false;
            while (!over) {
                CompletableFuture<Accepted> last = new CompletableFuture<>();
                for (int i = 0; i < FLOW_PER_TENTH; i++) {
                    stamp(body, i);
                    last = publisher.put(TOPIC, body);
                }
                last.get(WAIT.toSeconds(), TimeUnit.SECONDS);
                TimeUnit.MILLISECONDS.sleep(100);
                if (told.ready()) {
                    over = !"rest".equals(told.readLine());
                    if (!over) {
                        System.out.println("resting");
                        told.readLine();
                    }
                }
            }
            publisher.flush(WAIT);
            done("accepted=" + publisher.counters().accepted());
        }
    }

    private static void subscribe(Task task) throws Exception {
        try (Subscriber subscriber = Subscriber.open(task.settings())) {
            subscriber.subscribe(TOPIC, Start.NOW).get();
            System.out.println("ready ");
            Count count = new Count(task.messages());
            while (!count.complete()) {
                Message message = subscriber.get(WAIT);
                if (message == null) {
                    throw new IllegalStateException("nothing for " + WAIT + " after " + count.got + " messages");
                }
                count.add(message.body());
            }
            done(count.text());
            // A durable subscriber that is left behind would hold the log of the topic for the next case.
            subscriber.unsubscribe(TOPIC).get();
        }
    }

    /** Gets what is there already. */
    private static void get(Task task) throws Exception {
        try (Subscriber subscriber = Subscriber.open(task.settings())) {
            subscriber.subscribe(TOPIC, Start.OLDEST).get();
            ready("");
            for (long got = 0; got < task.messages(); got++) {
                if (subscriber.get(WAIT) == null) {
                    throw new IllegalStateException("nothing for " + WAIT + " after " + got + " messages");
                }
            }
            done("");
            subscriber.unsubscribe(TOPIC).get();
        }
    }

    private static void rawPublish(Task task) throws IOException {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = context.createSocket(SocketType.XPUB);
            // JeroMQ's handshake stalls now and then, and without an interval it is never tried again.
            socket.setHandshakeIvl(HANDSHAKE_MS);
            // Waits for its subscribers instead of dropping for them; without a bound a long run takes all the memory.
            socket.setSndHWM(RAW_HWM);
            socket.setXpubNoDrop(true);
            socket.setXpubVerbose(true);
            socket.setLinger(-1);
            int port = socket.bindToRandomPort("tcp://127.0.0.1");
            System.out.println("ready " + port);
            waitForWord();
            int subscribers = task.publishPort();
            for (int i = 0; i < subscribers; i++) {
                socket.recv();
            }
            byte[] body = body(task.size());
            for (long i = 0; i < task.messages(); i++) {
                stamp(body, i);
                socket.send(body.clone());
            }
            System.out.println("done");
            waitForWord();
        }
    }

    private static void rawSubscribe(Task task) {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = context.createSocket(SocketType.SUB);
            // JeroMQ's handshake stalls now and then, and without an interval it is never tried again.
            socket.setHandshakeIvl(HANDSHAKE_MS);
            socket.setRcvHWM(RAW_HWM);
            socket.setReceiveTimeOut((int) WAIT.toMillis());
            socket.subscribe(new byte[0]);
            socket.connect("tcp://127.0.0.1:" + task.subscribePort());
            System.out.println("ready ");
            Count count = new Count(task.messages());
            while (!count.complete()) {
                byte[] body = socket.recv();
                if (body == null) {
                    throw new IllegalStateException("nothing for " + WAIT + " after " + count.got + " messages");
                }
                count.add(body);
            }
            done(count.text());
        }
    }

    /** Counts what a subscriber gets: the rate after a fifth of it, from the put of that message on. */
    private static final class Count {
        private final long messages;
        private final long from;
        private final Latencies latencies;
        private long got;
        private long startedNanos;

        Count(long messages) {
            this.messages = messages;
            this.from = messages / WARM_UP_SHARE;
            this.latencies = new Latencies((int) Math.min(MEASURED_MAX, messages / STAMP_EVERY + 2));
        }

        boolean complete() {
            return got >= messages;
        }

        void add(byte[] body) {
            got++;
            long put = ByteBuffer.wrap(body).getLong();
            if (put != 0 && got > from) {
                if (startedNanos == 0) {
                    startedNanos = put;
                }
                latencies.add(System.nanoTime() - put);
            }
        }

        String text() {
            double seconds = (System.nanoTime() - startedNanos) / 1e9;
            return String.format(Locale.ROOT, "rate=%.0f %s", (got - from) / seconds, latencies.text());
        }
    }
}
