package io.bactrian.pubsub.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.EventHooks;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.ZMonitor.Event;

/** I/O threads that die under the lines of clients and of a hub: both go on by themselves, and nothing is lost or doubled. */
@Timeout(600)
class ClientDeadIoThreadTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private BareHub hub;
    private Bactrian client;
    private int put;
    private int got;

    @BeforeEach
    void start() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
        client = Bactrian.open(hub.settings("a", folder.resolve("data")).build());
        client.subscribe("readings", Start.OLDEST);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        hub.close();
    }

    private static CompletableFuture<Void> dieAt(Object owner, String field, Event event) throws Exception {
        Field declared = owner.getClass().getDeclaredField(field);
        declared.setAccessible(true);
        Object found = declared.get(owner);
        Object line =
                found instanceof HubConnection connection ? connection.sockets().get(0) : found;
        return EventHooks.dieAt(line, event);
    }

    private List<CompletableFuture<Accepted>> put(int count) {
        List<CompletableFuture<Accepted>> accepted = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            accepted.add(client.put("readings", String.valueOf(++put).getBytes(UTF_8)));
        }
        return accepted;
    }

    /** Everything that was put comes once and in order, and is accepted. */
    private void getAll(List<CompletableFuture<Accepted>> accepted) throws Exception {
        while (got < put) {
            Message message = client.get(LONG);
            assertThat(message).isNotNull();
            assertThat(new String(message.body(), UTF_8)).isEqualTo(String.valueOf(++got));
        }
        for (CompletableFuture<Accepted> each : accepted) {
            each.get(LONG.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(client.get(Duration.ofMillis(50))).isNull();
    }

    @Test
    void aPublisherAndASubscriberGoOn() throws Exception {
        getAll(put(100));
        CompletableFuture<Void> publisher = dieAt(client.publisher(), "connection", Event.DISCONNECTED);
        CompletableFuture<Void> subscriber = dieAt(client.subscriber(), "connection", Event.DISCONNECTED);
        List<CompletableFuture<Accepted>> accepted = put(1_000);
        hub.restart();
        await().until(() -> publisher.isDone() && subscriber.isDone());
        accepted.addAll(put(1_000));
        getAll(accepted);
        assertThat(client.subscriber().isConnected(LONG)).isTrue();
    }

    @Test
    void aHubIsBackAtItsAddresses() throws Exception {
        getAll(put(100));
        for (String line : List.of("publishers", "feeding")) {
            CompletableFuture<Void> dying = dieAt(hub, line, Event.DISCONNECTED);
            List<CompletableFuture<Accepted>> accepted = put(1_000);
            try (Bactrian passer =
                    Bactrian.open(hub.settings("b", folder.resolve("passer")).build())) {
                passer.put("other", new byte[1]).get(LONG.toSeconds(), TimeUnit.SECONDS);
                passer.subscribe("other", Start.OLDEST);
            }
            await().until(dying::isDone);
            accepted.addAll(put(1_000));
            getAll(accepted);
        }
    }

    @Test
    void aClientIsClosedAlsoWhileItsIoThreadIsDead() throws Exception {
        getAll(put(10));
        CompletableFuture<Void> dying = dieAt(client.publisher(), "connection", Event.DISCONNECTED);
        hub.restart();
        await().until(dying::isDone);
        client.close();
        client = Bactrian.open(hub.settings("a", folder.resolve("data")).build());
        getAll(put(10));
    }
}
