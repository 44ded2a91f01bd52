package io.bactrian.testing;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.Installation;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.Publisher;
import io.bactrian.pubsub.client.Start;
import io.bactrian.pubsub.client.Subscriber;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** Loads the classes that most processes of tests load: a hub, a publisher, and a subscriber with a database, in the folder of its argument. */
final class LibraryArchiveProcess {
    private LibraryArchiveProcess() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int ports = Ports.free(5);
        Map<String, String> overrides = Map.of(
                "bactrian.data", folder.resolve("hub").toString(),
                "bactrian.hub.publish", "tcp://127.0.0.1:" + ports,
                "bactrian.hub.subscribe", "tcp://127.0.0.1:" + (ports + 1),
                "bactrian.hub.plain.in", "tcp://127.0.0.1:" + (ports + 2),
                "bactrian.hub.plain.out", "tcp://127.0.0.1:" + (ports + 3),
                "bactrian.management.port", String.valueOf(ports + 4));
        Installation home = new Installation(Optional.of(Path.of("").toAbsolutePath()));
        try (Application hub = Application.start(
                        Configuration.load(home, List.of("hub"), overrides, Map.of(), new Properties()));
                HikariDataSource database = Databases.open(DatabaseSettings.file(folder, "subscriber"));
                Publisher publisher = Publisher.open(
                        ClientSettings.builder("publisher").publishPort(ports).build());
                Subscriber subscriber = Subscriber.open(ClientSettings.builder("subscriber")
                        .subscribePort(ports + 1)
                        .dataSource(database)
                        .build())) {
            subscriber.subscribe("*", Start.OLDEST).get();
            publisher.put("topic", new byte[] {1}).get();
            Message message = subscriber.get(Duration.ofMinutes(1));
            if (message == null || hub.context().isStopped()) {
                throw new IllegalStateException("No message within a minute");
            }
        }
    }
}
