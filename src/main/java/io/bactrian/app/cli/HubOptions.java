package io.bactrian.app.cli;

import io.bactrian.app.Configuration;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.client.ClientSettings;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the hub is, for the commands that are its clients. */
public final class HubOptions {
    private static final String LOOPBACK = "127.0.0.1";

    @Option(names = "--hub", paramLabel = "HOST", description = "The hub's host; by default where the hub binds here.")
    private @Nullable String host;

    @Option(
            names = "--publish-port",
            paramLabel = "PORT",
            description = "The hub's port for publishers; by default that of bactrian.hub.publish.")
    private @Nullable Integer publishPort;

    @Option(
            names = "--subscribe-port",
            paramLabel = "PORT",
            description = "The hub's port for subscribers; by default that of bactrian.hub.subscribe.")
    private @Nullable Integer subscribePort;

    @Mixin
    private ConfigurationOptions configuration = new ConfigurationOptions();

    /** Settings of a client with an id; what lasts of it lies in {@code client} in the data folder. */
    ClientSettings.Builder settings(String id) {
        Configuration values = configuration.load(List.of());
        String publish = values.get("bactrian.hub.publish");
        String subscribe = values.get("bactrian.hub.subscribe");
        return ClientSettings.builder(id)
                .host(host != null ? host : host(publish))
                .publishPort(publishPort != null ? publishPort : port(publish))
                .subscribePort(subscribePort != null ? subscribePort : port(subscribe))
                .data(folder(values));
    }

    /** Where clients keep what lasts. */
    Path folder() {
        return folder(configuration.load(List.of()));
    }

    private static Path folder(Configuration values) {
        return Path.of(values.get("bactrian.data"), "client");
    }

    /** A hub that binds every address is reached over loopback. */
    private static String host(String address) {
        String host = address.substring(address.indexOf("//") + 2, address.lastIndexOf(':'));
        return host.equals("*") || host.equals("0.0.0.0") || host.equals("[::]") ? LOOPBACK : host;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
