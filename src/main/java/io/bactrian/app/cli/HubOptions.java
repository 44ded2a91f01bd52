package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.Configuration;
import io.bactrian.app.ConfigurationException;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.discovery.routes.RegistryDirectory;
import io.bactrian.pubsub.client.BactrianException;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.pubsub.client.OutputWithoutCursorException;
import io.bactrian.pubsub.client.Subscriber;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.service.ServiceDirectory;
import io.bactrian.zeromq.ZeroMqConfiguration;
import io.bactrian.zeromq.ZeroMqSecurity;
import io.bactrian.zeromq.socket.Security;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the hub is, for the commands that are its clients. */
public final class HubOptions {
    private static final String ROUTERS = "bactrian.discovery.registry.routers";
    private static final String LOOPBACK = "127.0.0.1";
    private static final Pattern TCP = Pattern.compile("tcp://(.+):([0-9]{1,5})");

    @Option(
            names = "--hub",
            paramLabel = "HOST[,HOST]",
            description = "The hub's host, or both of a pair of hubs, as 10.0.0.1,10.0.0.2 or 10.0.0.1:5570/5571 with"
                    + " other ports, or registry:NAME, which the routers of bactrian.discovery.registry.routers find; by"
                    + " default where the hub binds here.")
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
        if (host != null && publishPort != null && subscribePort != null) {
            return directory(ClientSettings.builder(id), values, host)
                    .host(host)
                    .publishPort(publishPort)
                    .subscribePort(subscribePort)
                    .security(security(values))
                    .data(folder(values));
        }
        ClientSettings.Builder settings = settings(values, id);
        if (host != null) {
            directory(settings, values, host).host(host);
        }
        if (publishPort != null) {
            settings.publishPort(publishPort);
        }
        if (subscribePort != null) {
            settings.subscribePort(subscribePort);
        }
        return settings;
    }

    /** A hub that is named as a service is looked for until the command ends. */
    private static ClientSettings.Builder directory(
            ClientSettings.Builder settings, Configuration values, String host) {
        return host.startsWith(ServiceDirectory.SCHEME)
                ? settings.directory(RegistryDirectory.alone(
                        List.of(values.get(ROUTERS).split(",")),
                        values.number("bactrian.discovery.registry.refreshMs")))
                : settings;
    }

    /**
     * Opens a subscriber.
     *
     * @throws CommandFailedException in one line, if another process has it or its folder cannot be used
     */
    Subscriber open(ClientSettings.Builder settings) {
        ClientSettings built = settings.build();
        try {
            return Subscriber.open(built);
        } catch (StoreException e) {
            throw new CommandFailedException(
                    "Subscriber " + built.id() + " cannot be opened: " + e.getMessage()
                            + "; another command may run as this subscriber, or the folder cannot be written",
                    e);
        } catch (OutputWithoutCursorException e) {
            throw new CommandFailedException(
                    "Refused: " + e.getMessage() + ". Give --append to go on all the same, or another --output", e);
        } catch (BactrianException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Settings of a client of the hub that a configuration describes. */
    public static ClientSettings.Builder settings(Configuration values, String id) {
        Matcher publish = tcp(values, "bactrian.hub.publish");
        Matcher subscribe = tcp(values, "bactrian.hub.subscribe");
        return ClientSettings.builder(id)
                .host(host(publish.group(1)))
                .publishPort(Integer.parseInt(publish.group(2)))
                .subscribePort(Integer.parseInt(subscribe.group(2)))
                .security(security(values))
                .data(folder(values));
    }

    private static Security security(Configuration values) {
        ZeroMqConfiguration options = new ZeroMqConfiguration();
        options.setSecurity(ZeroMqSecurity.valueOf(values.get("bactrian.client.security")));
        options.setCurveKeyFile(optional(values, "bactrian.client.security.curveKeyFile"));
        options.setCurveServerKeyFile(optional(values, "bactrian.client.security.curveServerKeyFile"));
        options.setPlainUsername(optional(values, "bactrian.client.security.plainUsername"));
        options.setPlainPassword(optional(values, "bactrian.client.security.plainPassword"));
        try {
            return options.clientSecurity();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(List.of("bactrian.client.security: " + e.getMessage()));
        }
    }

    private static @Nullable String optional(Configuration values, String key) {
        String value = values.get(key);
        return value.isBlank() ? null : value;
    }

    /** Where clients keep what lasts. */
    Path folder() {
        return folder(configuration.load(List.of()));
    }

    private static Path folder(Configuration values) {
        return Path.of(values.get("bactrian.data"), "client");
    }

    /**
     * The first address of a hub that clients can use.
     *
     * @throws ConfigurationException if there is none: an ipc address, or a port that is chosen at the start
     */
    private static Matcher tcp(Configuration values, String key) {
        for (String address : values.get(key).split(",", -1)) {
            Matcher tcp = TCP.matcher(address);
            if (tcp.matches()) {
                return tcp;
            }
        }
        throw new ConfigurationException(List.of(key + " = " + values.get(key) + " names no address that a command can"
                + " use, which is tcp://HOST:PORT; give --hub, --publish-port and --subscribe-port, or another address"
                + " beside it"));
    }

    /** A hub that binds every address is reached over loopback. */
    private static String host(String host) {
        return host.equals("*") || host.equals("0.0.0.0") || host.equals("[::]") ? LOOPBACK : host;
    }
}
