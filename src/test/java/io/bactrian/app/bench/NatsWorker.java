package io.bactrian.app.bench;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamSubscription;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.PublishAck;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@link RateLoad} over NATS JetStream: a publisher with a window of acknowledgements, and durable subscribers. */
final class NatsWorker {
    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final int WINDOW = 4_000;
    private static final int ACKNOWLEDGE_EVERY = 100;

    private NatsWorker() {}

    /** {@code publish|subscribe ID URL SUBJECT SIZE}. */
    @SuppressWarnings("try") // an interrupt ends the process
    public static void main(String[] args) throws Exception {
        try (Connection connection = Nats.connect(args[2])) {
            if (args[0].equals("publish")) {
                System.out.println("ready ");
                RateLoad.publish(new Window(connection.jetStream(), args[3]), Integer.parseInt(args[4]));
            } else {
                subscribe(connection.jetStream(), args[1], args[3]);
            }
        }
    }

    private static final class Window implements RateLoad.Sink {
        private final JetStream jetStream;
        private final String subject;
        private final Deque<CompletableFuture<PublishAck>> waiting = new ArrayDeque<>();

        Window(JetStream jetStream, String subject) {
            this.jetStream = jetStream;
            this.subject = subject;
        }

        @Override
        public void put(byte[] body) throws Exception {
            if (waiting.size() >= WINDOW) {
                waiting.remove().get(WAIT.toSeconds(), TimeUnit.SECONDS);
            }
            waiting.add(jetStream.publishAsync(subject, body.clone()));
        }

        @Override
        public void flush() throws Exception {
            while (!waiting.isEmpty()) {
                waiting.remove().get(WAIT.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    private static void subscribe(JetStream jetStream, String id, String subject) throws Exception {
        JetStreamSubscription subscription = jetStream.subscribe(
                subject,
                PushSubscribeOptions.builder()
                        .durable(id)
                        .configuration(ConsumerConfiguration.builder()
                                .ackPolicy(AckPolicy.All)
                                .deliverPolicy(DeliverPolicy.New)
                                .maxAckPending(100_000)
                                .build())
                        .build());
        subscription.setPendingLimits(-1, -1);
        System.out.println("ready ");
        long[] got = {0};
        RateLoad.subscribe(
                () -> {
                    Message message = subscription.nextMessage(WAIT);
                    if (message == null) {
                        return null;
                    }
                    if (++got[0] % ACKNOWLEDGE_EVERY == 0) {
                        message.ack();
                    }
                    return message.getData();
                },
                1);
    }
}
