package io.bactrian.app;

import io.bactrian.app.cli.NamedHubs;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which hub's management server a command asks, and how long it waits; use it as a mixin. */
public final class ManagedHubOptions {
    @Option(
            names = "--hub",
            paramLabel = "NAME|HOST[:PORT][,HOST[:PORT]]",
            completionCandidates = NamedHubs.HubNames.class,
            description = "The hub's name in ~/.bactrian/hubs.properties, or where its management server is; of a pair"
                    + " both, and the active node is asked; by default bactrian.management.host and .port.")
    private @Nullable String hub;

    @Mixin
    private ManagementOptions management = new ManagementOptions();

    /** Whether a hub is named, which may run elsewhere. */
    boolean isNamed() {
        return hub != null;
    }

    /**
     * The management servers of the hub.
     *
     * @throws ConfigurationException if {@code --hub} names none
     */
    HubNodes nodes(Configuration configuration) {
        String named = hub;
        List<ManagementAddress> servers = named == null
                ? List.of(ManagementAddress.of(configuration))
                : NamedHubs.of(configuration).management(configuration, named);
        return new HubNodes(servers.stream().map(management::client).toList());
    }
}
