package io.bactrian.faults;

import io.bactrian.pubsub.client.Accepted;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Publisher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A publisher to be killed: {@code id port first last}. It puts the numbers as {@code id:number} and says {@code put n}
 * before it has put up to n, and {@code accepted n} when everything up to n is accepted; at the end it puts {@code
 * id:end}.
 */
final class PublisherProcess {
    static final int STEP = 500;

    private PublisherProcess() {}

    public static void main(String[] args) throws Exception {
        String id = args[0];
        long first = Long.parseLong(args[2]);
        long last = Long.parseLong(args[3]);
        ClientSettings settings = ClientSettings.builder(id)
                .publishPort(Integer.parseInt(args[1]))
                .blockTime(Duration.ofMinutes(2))
                .closeTime(Duration.ofMinutes(2))
                .build();
        try (Publisher publisher = Publisher.open(settings)) {
            ArrayDeque<CompletableFuture<Accepted>> underWay = new ArrayDeque<>();
            for (long number = first; number <= last; number++) {
                if (number % STEP == 0) {
                    System.out.println("put " + (number + STEP));
                }
                underWay.add(put(publisher, id, String.valueOf(number)));
                if (number % STEP == 0) {
                    await(underWay);
                    System.out.println("accepted " + number);
                }
            }
            underWay.add(put(publisher, id, "end"));
            await(underWay);
            System.out.println("retransmitted " + publisher.counters().retransmitted());
        }
        System.out.println("done");
    }

    private static CompletableFuture<Accepted> put(Publisher publisher, String id, String what) {
        return publisher.put("numbers/" + id, (id + ":" + what).getBytes(StandardCharsets.UTF_8));
    }

    private static void await(ArrayDeque<CompletableFuture<Accepted>> underWay)
            throws InterruptedException, ExecutionException {
        while (!underWay.isEmpty()) {
            underWay.remove().get();
        }
    }
}
