package io.bactrian.app;

import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a command waits for the management server; use it as a mixin. */
public final class ManagementOptions {
    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            defaultValue = "2s",
            description = "Gives up when the process has not answered for so long (default: ${DEFAULT-VALUE}).")
    private Duration timeout = ManagementClient.TIMEOUT;

    /** The client of a server. */
    ManagementClient client(ManagementAddress server) {
        return new ManagementClient(server, timeout);
    }

    /** The client of another server, with user, password and token of a configuration. */
    public ManagementClient client(Configuration configuration, String host, long port) {
        return client(ManagementAddress.of(configuration).at(host, port));
    }
}
