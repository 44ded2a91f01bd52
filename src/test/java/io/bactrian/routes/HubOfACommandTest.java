package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.routes.Hub;
import io.bactrian.pubsub.routes.HubPlugin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command opens a hub in a context that runs already and has no route of it, as an offline backup does. */
class HubOfACommandTest {
    @TempDir
    Path folder;

    @Test
    void itWritesItsLastCheckpointBeforeItsLogIsClosed() throws Exception {
        CamelContext context = new DefaultCamelContext();
        try {
            Properties properties = new Properties();
            properties.setProperty("bactrian.data", folder.toString());
            context.getPropertiesComponent().setOverrideProperties(properties);
            context.start();
            Hub hub = HubPlugin.hub(context);
            assertThat(hub.isActive()).isTrue();
            assertThat(marks()).as("while it is open").hasSize(1);
        } finally {
            context.stop();
        }
        assertThat(marks()).as("that the end of the log may be lost").isEmpty();
    }

    private List<Path> marks() throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("hub.open")).toList();
        }
    }
}
