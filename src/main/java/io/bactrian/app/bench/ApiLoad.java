package io.bactrian.app.bench;

import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Puts, or gets, a number of messages by the Java API: what the command line is compared with. Says {@code done} then. */
final class ApiLoad {
    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final String TOPIC = "bench";

    private ApiLoad() {}

    /** {@code put|get PUBLISH-PORT SUBSCRIBE-PORT FOLDER SIZE MESSAGES}. */
    public static void main(String[] args) throws Exception {
        ClientSettings settings = ClientSettings.builder("api-" + args[0])
                .publishPort(Integer.parseInt(args[1]))
                .subscribePort(Integer.parseInt(args[2]))
                .data(Path.of(args[3]))
                .build();
        long messages = Long.parseLong(args[5]);
        if (args[0].equals("put")) {
            put(settings, new byte[Integer.parseInt(args[4])], messages);
        } else {
            get(settings, messages);
        }
        System.out.println("done");
    }

    private static void put(ClientSettings settings, byte[] body, long messages) throws Exception {
        try (Publisher publisher = Publisher.open(settings)) {
            CompletableFuture<Accepted> last = new CompletableFuture<>();
            for (long i = 0; i < messages; i++) {
                last = publisher.put(TOPIC, body);
            }
            last.get(WAIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Gets what is there already. */
    private static void get(ClientSettings settings, long messages) throws Exception {
        try (Subscriber subscriber = Subscriber.open(settings)) {
            subscriber.subscribe(TOPIC, Start.OLDEST).get();
            for (long got = 0; got < messages; got++) {
                if (subscriber.get(WAIT) == null) {
                    throw new IllegalStateException("nothing for " + WAIT + " after " + got + " messages");
                }
            }
            // A durable subscriber that is left behind would hold the log of the topic for the next case.
            subscriber.unsubscribe(TOPIC).get();
        }
    }
}
