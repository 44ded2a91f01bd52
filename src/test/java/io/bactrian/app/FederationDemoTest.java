package io.bactrian.app;

import static org.awaitility.Awaitility.await;

import io.bactrian.app.demo.FederationDemo;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The role federation-demo from the shipped files. */
@Tag("campaign")
@Timeout(900)
class FederationDemoTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    Path folder;

    @Test
    void aRobotIsCommandedWhileThePairAndTheRootAreKilledAndComeBack() {
        Map<String, String> settings = Map.of(
                "bactrian.data",
                folder.toString(),
                "bactrian.demo.federation.port",
                Integer.toString(Ports.free(50)),
                "bactrian.demo.federation.turnMs",
                "2000",
                "camel.management.enabled",
                "false");
        try (Application demo = Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("federation-demo"),
                settings,
                Map.of(),
                new Properties()))) {
            FederationDemo bean = Objects.requireNonNull(
                    demo.context().getRegistry().lookupByNameAndType("federationDemo", FederationDemo.class));
            AtomicReference<String> seen = new AtomicReference<>("");
            for (String wanted :
                    List.of("backup acts", "speed 3", "root  is dead", "alarm  root.tunnel", "as nodes.root knows")) {
                await(wanted).atMost(PATIENCE).until(() -> {
                    String picture = bean.picture();
                    seen.set(picture.isEmpty() ? seen.get() : picture);
                    return seen.get().contains(wanted);
                });
            }
        }
    }
}
