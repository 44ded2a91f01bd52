package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.testing.SshServer;
import io.bactrian.testing.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped route with the real rsync and a real SSH server. */
@Tag("system")
class RsyncOverSshTest {
    @TempDir
    Path folder;

    @Test
    void aFolderIsKeptEqualForWhoHasTheKey() throws Exception {
        Tools.program("rsync", "rsync");
        Path from =
                Files.createDirectories(folder.resolve("from with blank/sub")).getParent();
        Path into = Files.createDirectories(folder.resolve("into with blank"));
        Files.write(from.resolve("file one"), Shipped.random(1, 300_000));
        Files.writeString(from.resolve("sub/$(odd) 'name'; x"), "odd");
        Files.writeString(into.resolve("old"), "goes");
        try (SshServer server = SshServer.start(folder.resolve("ssh"))) {
            assertThatThrownBy(() -> copy(from, server.remote(into), server.sshOfStranger()))
                    .rootCause()
                    .hasMessageContaining("Permission denied (publickey)");
            assertThatThrownBy(() -> copy(from, server.remote(into), server.sshToStranger()))
                    .rootCause()
                    .hasMessageContaining("Host key verification failed");
            assertThat(into.resolve("old")).exists();

            assertThat(copy(from, server.remote(into), server.ssh())).contains("Number of files");
            assertThat(Shipped.tree(into)).isEqualTo(Shipped.tree(from));
            byte[] changed = Shipped.random(1, 300_000);
            changed[150_000]++;
            Files.write(from.resolve("file one"), changed);
            Files.delete(from.resolve("sub/$(odd) 'name'; x"));
            assertThat(copy(from, server.remote(into), server.ssh())).contains("Number of deleted files: 1");
            assertThat(Shipped.tree(into)).containsOnlyKeys("file%20one", "sub/");
            assertThat(Files.mismatch(from.resolve("file one"), into.resolve("file one")))
                    .isEqualTo(-1);
            assertThat(server.log()).contains("Accepted publickey");
        }
    }

    private static String copy(Path from, String to, String ssh) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("bactrian.ship.folder", from.toString());
        properties.setProperty("bactrian.ship.rsync.to", to);
        properties.setProperty("bactrian.ship.rsync.ssh", ssh);
        properties.setProperty("bactrian.ship.intervalMs", "86400000");
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getPropertiesComponent().setOverrideProperties(properties);
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.resolveMandatoryResource(
                            context, "classpath:io/bactrian/routes/ship/rsync-over-ssh.camel.yaml"));
            // The timer fires once at the start; here the test alone says when.
            context.getRouteDefinition("rsync-over-ssh").autoStartup(false);
            context.start();
            return context.createProducerTemplate().requestBody("direct:rsync-folder", null, String.class);
        }
    }
}
