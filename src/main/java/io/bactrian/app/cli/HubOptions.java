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
import io.bactrian.support.config.ZeroMqAddress;
import io.bactrian.support.database.DatabaseInUseException;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.service.ServiceDirectory;
import io.bactrian.support.text.FileErrors;
import io.bactrian.zeromq.ZeroMqConfiguration;
import io.bactrian.zeromq.ZeroMqSecurity;
import io.bactrian.zeromq.socket.Security;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the hub is, for the commands that are its clients. */
public final class HubOptions {
    private static final String ROUTERS = "bactrian.discovery.registry.routers";
    private static final String DATA_ELSEWHERE = " (--data DIR keeps it elsewhere)";
    private static final String LOOPBACK = "127.0.0.1";
    private static final String PUBLISH = "bactrian.hub.publish";
    private static final String SUBSCRIBE = "bactrian.hub.subscribe";
    private static final String SECURITY = "bactrian.client.security";
    private static final String IPC = "ipc://";

    @Option(
            names = "--hub",
            paramLabel = "NAME|HOST[,HOST]",
            completionCandidates = NamedHubs.HubNames.class,
            description = "The hub's name in ~/.bactrian/hubs.properties, or its host, or both of a pair of hubs, as"
                    + " 10.0.0.1,10.0.0.2 or 10.0.0.1:5570/5571 with other ports, or registry:NAME, which the routers of"
                    + " bactrian.discovery.registry.routers find; by default where the hub binds here.")
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
        if (host == null && publishPort == null && subscribePort == null) {
            return settings(values, id);
        }
        String to = host;
        if (to != null) {
            NamedHubs named = NamedHubs.of(values);
            if (named.has(to)) {
                ClientSettings.Builder settings = named.settings(to, id).data(folder(values));
                return withPorts(directory(settings, values, named.host(to)));
            }
            named.checkIsHost(to);
        } else {
            to = host(tcp(values, PUBLISH).host());
        }
        ClientSettings.Builder settings = directory(ClientSettings.builder(id), values, to)
                .host(to)
                .security(security(values))
                .data(folder(values));
        // Those that are not given are where the hub binds here.
        if (publishPort == null) {
            settings.publishPort(tcp(values, PUBLISH).port());
        }
        if (subscribePort == null) {
            settings.subscribePort(tcp(values, SUBSCRIBE).port());
        }
        return withPorts(settings);
    }

    private ClientSettings.Builder withPorts(ClientSettings.Builder settings) {
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
        } catch (DatabaseInUseException e) {
            throw new CommandFailedException(
                    "Subscriber " + built.id() + " is in use: another process has it open in " + built.data()
                            + "; wait until that ends, or give this command an id of its own by --subscriber",
                    e);
        } catch (StoreException e) {
            throw new CommandFailedException(
                    "Subscriber " + built.id() + " cannot be opened: " + e.getMessage() + DATA_ELSEWHERE, e);
        } catch (OutputWithoutCursorException e) {
            throw new CommandFailedException(
                    "Refused: " + e.getMessage() + ". Give --append to go on all the same, or another --output", e);
        } catch (BactrianException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Settings of a client of the hub that a configuration describes. */
    public static ClientSettings.Builder settings(Configuration values, String id) {
        return ClientSettings.builder(id)
                .addresses(address(values, PUBLISH), address(values, SUBSCRIBE))
                .security(security(values))
                .data(folder(values));
    }

    private static Security security(Configuration values) {
        return security(values.get(SECURITY), option -> optional(values, SECURITY + "." + option), SECURITY);
    }

    /**
     * The security of a client.
     *
     * @param option the value of an option, null if there is none
     * @param where what a person looks at if it cannot be used
     */
    static Security security(String kind, Function<String, @Nullable String> option, String where) {
        ZeroMqConfiguration options = new ZeroMqConfiguration();
        options.setSecurity(ZeroMqSecurity.valueOf(kind));
        options.setCurveKeyFile(option.apply("curveKeyFile"));
        options.setCurveServerKeyFile(option.apply("curveServerKeyFile"));
        options.setPlainUsername(option.apply("plainUsername"));
        options.setPlainPassword(option.apply("plainPassword"));
        try {
            return options.clientSecurity();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(List.of(where + ": " + e.getMessage()));
        }
    }

    private static @Nullable String optional(Configuration values, String key) {
        String value = values.get(key);
        return value.isBlank() ? null : value;
    }

    /**
     * An id for a publisher that has none.
     *
     * @throws CommandFailedException in one line, if the folder of clients cannot be written
     */
    PublisherSlot slot() {
        Path folder = folder();
        try {
            return PublisherSlot.take(folder);
        } catch (IOException e) {
            throw new CommandFailedException(
                    "The command cannot keep its publisher's id in " + folder + ": " + FileErrors.say(e)
                            + DATA_ELSEWHERE,
                    e);
        }
    }

    /** Where clients keep what lasts. */
    Path folder() {
        return folder(configuration.load(List.of()));
    }

    private static Path folder(Configuration values) {
        return Path.of(values.get("bactrian.data"), "client");
    }

    /**
     * The first address of a hub that clients can use; over tcp if there is one.
     *
     * @throws ConfigurationException if there is none, as its port is chosen at the start
     */
    private static String address(Configuration values, String key) {
        return Stream.of(values.get(key).split(",", -1))
                .filter(address -> address.startsWith(IPC) && ZeroMqAddress.isAddress(address))
                .filter(address -> firstTcp(values, key).isEmpty())
                .findFirst()
                .orElseGet(() -> {
                    ZeroMqAddress.Tcp tcp = tcp(values, key);
                    return "tcp://" + host(tcp.host()) + ":" + tcp.port();
                });
    }

    /** The first tcp address of a hub that clients can use. */
    private static ZeroMqAddress.Tcp tcp(Configuration values, String key) {
        return firstTcp(values, key)
                .orElseThrow(() -> new ConfigurationException(List.of(key + " = " + values.get(key)
                        + " names no address that a command can use, which is tcp://HOST:PORT; give --hub,"
                        + " --publish-port and --subscribe-port, or another address beside it")));
    }

    private static Optional<ZeroMqAddress.Tcp> firstTcp(Configuration values, String key) {
        return Stream.of(values.get(key).split(",", -1))
                .flatMap(address -> ZeroMqAddress.tcp(address).stream())
                .findFirst();
    }

    /** A hub that binds every address is reached over loopback. */
    private static String host(String host) {
        return host.equals("*") || host.equals("0.0.0.0") || host.equals("[::]") ? LOOPBACK : host;
    }
}
