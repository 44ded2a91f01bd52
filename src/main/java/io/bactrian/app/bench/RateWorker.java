package io.bactrian.app.bench;

import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** One process of the publish/subscribe benchmark: {@link RateLoad} over the Java API, or over JeroMQ's PUB and SUB. */
final class RateWorker {
    private static final String TOPIC = "rate";
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final int RAW_HANDSHAKE_MS = 300;
    private static final int RAW_HWM = 100_000;

    private RateWorker() {}

    /**
     * {@code ROLE ID PUBLISH-PORT SUBSCRIBE-PORT FOLDER SIZE PEERS}; peers are the publishers that a subscriber hears, or the
     * subscribers of a raw publisher.
     */
    public static void main(String[] args) throws Exception {
        int publishPort = Integer.parseInt(args[2]);
        int subscribePort = Integer.parseInt(args[3]);
        ClientSettings settings = ClientSettings.builder(args[1])
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(Path.of(args[4]))
                .build();
        int size = Integer.parseInt(args[5]);
        int peers = Integer.parseInt(args[6]);
        switch (args[0]) {
            case "publish" -> publish(settings, size);
            case "subscribe" -> subscribe(settings, peers);
            case "subscribe-now-and-then" -> RateLoad.subscribeNowAndThen(() -> new Attached(settings));
            case "raw-publish" -> rawPublish(publishPort, size, peers);
            case "raw-subscribe" -> rawSubscribe(publishPort, peers);
            default -> throw new IllegalArgumentException("no role " + args[0]);
        }
    }

    private static void publish(ClientSettings settings, int size) throws Exception {
        try (Publisher publisher = Publisher.open(settings)) {
            publisher.put("warm-up", new byte[1]).get(WAIT.toSeconds(), TimeUnit.SECONDS);
            System.out.println("ready ");
            RateLoad.publish(
                    new RateLoad.Sink() {
                        private Future<?> last = CompletableFuture.completedFuture(null);

                        @Override
                        public void put(byte[] body) throws Exception {
                            last = publisher.put(TOPIC, body);
                        }

                        @Override
                        public void flush() throws Exception {
                            last.get(WAIT.toSeconds(), TimeUnit.SECONDS);
                        }
                    },
                    size);
        }
    }

    private static void subscribe(ClientSettings settings, int publishers) throws Exception {
        try (Attached attached = new Attached(settings)) {
            System.out.println("ready ");
            RateLoad.subscribe(attached, publishers);
        }
    }

    /** A durable subscriber while it is there. */
    private static final class Attached implements RateLoad.Attached {
        private final Subscriber subscriber;

        Attached(ClientSettings settings) throws Exception {
            subscriber = Subscriber.open(settings);
            subscriber.subscribe(TOPIC, Start.NOW).get();
        }

        @Override
        public byte @Nullable [] get() throws Exception {
            Message message = subscriber.get(WAIT);
            return message == null ? null : message.body();
        }

        @Override
        public void close() {
            subscriber.close();
        }
    }

    private static void rawPublish(int port, int size, int subscribers) throws Exception {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = context.createSocket(SocketType.XPUB);
            // JeroMQ's handshake stalls now and then, and without an interval it is never tried again.
            socket.setHandshakeIvl(RAW_HANDSHAKE_MS);
            // Waits for its subscribers instead of dropping for them; without a bound a long run takes all the memory.
            socket.setSndHWM(RAW_HWM);
            socket.setXpubNoDrop(true);
            socket.setXpubVerbose(true);
            socket.bind("tcp://127.0.0.1:" + port);
            for (int i = 0; i < subscribers; i++) {
                socket.recv();
            }
            System.out.println("ready ");
            RateLoad.publish(
                    new RateLoad.Sink() {
                        @Override
                        public void put(byte[] body) {
                            socket.send(body.clone());
                        }

                        @Override
                        public void flush() {
                            // A raw publisher knows of nothing that is accepted.
                        }
                    },
                    size);
        }
    }

    private static void rawSubscribe(int port, int publishers) throws Exception {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = context.createSocket(SocketType.SUB);
            socket.setHandshakeIvl(RAW_HANDSHAKE_MS);
            socket.setRcvHWM(RAW_HWM);
            socket.setReceiveTimeOut((int) WAIT.toMillis());
            socket.subscribe(new byte[0]);
            socket.connect("tcp://127.0.0.1:" + port);
            System.out.println("ready ");
            RateLoad.subscribe(socket::recv, publishers);
        }
    }
}
