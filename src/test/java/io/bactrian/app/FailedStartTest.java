package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.pubsub.client.Bactrian;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.support.file.ProcessLock;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roles that could not start leave nothing open: another start in the same process has log, database and ports. */
@Tag("slow")
class FailedStartTest {
    @TempDir
    Path folder;

    private final int publishPort = Ports.free();
    private final int subscribePort = Ports.free();
    private final Map<String, String> settings = new HashMap<>(Map.of(
            "bactrian.data", "",
            "bactrian.hub.publish", "tcp://127.0.0.1:" + publishPort,
            "bactrian.hub.subscribe", "tcp://127.0.0.1:" + subscribePort,
            "bactrian.hub.plain.in", "tcp://127.0.0.1:" + Ports.free(),
            "bactrian.hub.plain.out", "tcp://127.0.0.1:" + Ports.free(),
            "camel.management.enabled", "false"));

    private Application start() {
        settings.put("bactrian.data", folder.resolve("data").toString());
        return Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("hub"),
                settings,
                Map.of(),
                new Properties()));
    }

    private void assertNothingIsOpen() throws IOException {
        Path lock = folder.resolve("data/journal/hub/lock");
        assertThat(lock).as("the log was open").exists();
        ProcessLock.take(lock).close();
        for (int port : new int[] {publishPort, subscribePort}) {
            new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
        }
    }

    private void fails(String key, String wrong, String right) throws IOException {
        settings.put(key, wrong);
        assertThatThrownBy(this::start).as(key).isInstanceOf(CommandFailedException.class);
        settings.put(key, right);
        assertNothingIsOpen();
    }

    @Test
    void aHubThatCouldNotStartStartsInTheSameProcessWhenTheCauseIsGone() throws Exception {
        for (int taken : new int[] {publishPort, subscribePort}) {
            try (ServerSocket other = new ServerSocket(taken, 1, InetAddress.getLoopbackAddress())) {
                assertThatThrownBy(this::start)
                        .as("port %d", other.getLocalPort())
                        .isInstanceOf(CommandFailedException.class)
                        .hasMessageStartingWith("Cannot start [hub]: ");
            }
            assertNothingIsOpen();
        }
        fails("bactrian.hub.election", "nobody", "");
        fails("bactrian.hub.security", "curve", "none");
        try (Application hub = start();
                Bactrian publisher = Bactrian.open(ClientSettings.builder("p")
                        .publishPort(publishPort)
                        .subscribePort(subscribePort)
                        .data(folder.resolve("p"))
                        .build())) {
            assertThat(hub.context().isStarted()).isTrue();
            publisher.put("t", "x".getBytes(StandardCharsets.UTF_8)).get(60, TimeUnit.SECONDS);
        }
    }
}
