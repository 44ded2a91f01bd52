package io.bactrian.app;

import io.bactrian.app.cli.NamedHubs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which hub's management server a command asks, and how long it waits; use it as a mixin. */
public final class ManagedHubOptions {
    @Option(
            names = "--hub",
            paramLabel = "NAME|HOST[:PORT]",
            completionCandidates = NamedHubs.Names.class,
            description = "The hub's name in ~/.bactrian/hubs.properties, or where its management server is; by default"
                    + " bactrian.management.host and .port.")
    private @Nullable String hub;

    @Mixin
    private ManagementOptions management = new ManagementOptions();

    /** Whether a hub is named, which may run elsewhere. */
    boolean isNamed() {
        return hub != null;
    }

    /**
     * The client of the hub's management server.
     *
     * @throws ConfigurationException if {@code --hub} names none
     */
    ManagementClient client(Configuration configuration) {
        String named = hub;
        return management.client(
                named == null
                        ? ManagementAddress.of(configuration)
                        : NamedHubs.of(configuration).management(configuration, named));
    }
}
