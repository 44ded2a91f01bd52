package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.app.cli.RandomSubscriber;
import io.bactrian.pubsub.client.BareHub;
import io.bactrian.pubsub.client.Publisher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
@Tag("system")
class RandomSubscriberTest {
    @TempDir
    Path folder;

    @Test
    void crashesDelaysAndDropsRepeatNothing() throws Exception {
        Path file = folder.resolve("topics");
        Files.writeString(file, "# topics\na\n\nb\n");
        List<String> topics = RandomSubscriber.topicsFrom(file);
        assertThat(topics).containsExactly("a", "b");
        try (BareHub hub = new BareHub(folder.resolve("hub"));
                Publisher publisher =
                        Publisher.open(hub.settings("p", folder.resolve("p")).build())) {
            AtomicInteger rounds = new AtomicInteger();
            RandomSubscriber subscriber =
                    new RandomSubscriber(hub.settings("s", folder.resolve("s")), topics, 0.02, new Random(7));
            RandomSubscriber.SubscriberFigures figures = subscriber.run(
                    () -> {
                        publisher.put("a", new byte[] {1});
                        publisher.put("b", new byte[] {2});
                        RandomSubscriber.SubscriberFigures now = subscriber.figures();
                        return rounds.incrementAndGet() < 20_000 && (now.crashes() < 3 || now.dropped() < 3);
                    },
                    status -> {});
            assertThat(figures.got()).isPositive();
            assertThat(figures.crashes()).isGreaterThanOrEqualTo(3);
            assertThat(figures.repeated()).isZero();
            assertThat(figures.missing()).isZero();
        }
    }
}
