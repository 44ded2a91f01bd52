package io.bactrian.app.cli;

import io.bactrian.app.Configuration;
import io.bactrian.app.ConfigurationException;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.app.ManagementAddress;
import io.bactrian.pubsub.client.ClientSettings;
import io.bactrian.support.text.FileErrors;
import io.bactrian.zeromq.ZeroMqSecurity;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file in which a person names hubs, so that addresses and keys are typed once: properties {@code NAME.host},
 * {@code NAME.curveKeyFile} and so on. Files that it names lie beside it, unless their paths are absolute.
 */
public final class NamedHubs {
    /** The option {@code --hub} is completed by the names. */
    public static final class HubNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            try {
                return of(new ConfigurationOptions().load(List.of()))
                        .hubs
                        .keySet()
                        .iterator();
            } catch (ConfigurationException e) {
                LOG.debug("no names of hubs", e);
                return List.<String>of().iterator();
            }
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(NamedHubs.class);
    private static final String KEY = "bactrian.client.hubs";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Pattern MANAGEMENT = Pattern.compile("(\\[[^]]+\\]|[^:/,\\s]+):([0-9]{1,5})");
    private static final Pattern HOST = Pattern.compile("(\\[[^]]+\\]|[^:/,\\s]+)(?::([0-9]{1,5})(?:/[0-9]{1,5})?)?");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    /** What may be said of a hub. */
    private enum Option {
        host,
        publishPort,
        subscribePort,
        publish,
        subscribe,
        security,
        curveKeyFile,
        curveServerKeyFile,
        plainUsername,
        plainPassword,
        management,
        managementUser,
        managementPassword,
        managementTokenFile;

        private static Optional<Option> of(String text) {
            return Stream.of(values()).filter(o -> o.name().equals(text)).findFirst();
        }
    }

    private final Path file;
    private final Map<String, Map<Option, String>> hubs = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private NamedHubs(Path file) {
        this.file = file;
    }

    /**
     * The hubs of the file that a configuration names, or of that in the home of the user.
     *
     * @throws ConfigurationException listing everything that is wrong in it
     */
    public static NamedHubs of(Configuration values) {
        String named = values.get(KEY);
        Path file = named.isBlank()
                ? Path.of(System.getProperty("user.home", "."), ".bactrian", "hubs.properties")
                : Path.of(named);
        NamedHubs hubs = new NamedHubs(file.toAbsolutePath());
        try {
            hubs.read();
        } catch (NoSuchFileException e) {
            if (!named.isBlank()) {
                throw new ConfigurationException(List.of(KEY + ": there is no file " + file));
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigurationException(List.of(file + " cannot be read: " + FileErrors.why(e)));
        }
        return hubs;
    }

    private void read() throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            int dot = key.indexOf('.');
            String name = dot < 0 ? key : key.substring(0, dot);
            Optional<Option> option = Option.of(key.substring(dot + 1));
            if (dot < 0 || !NAME.matcher(name).matches() || option.isEmpty()) {
                problems.add(file + ": " + key
                        + " is not NAME.OPTION, with a name of letters, digits, - and _, and an option of "
                        + Arrays.toString(Option.values()));
            } else {
                hubs.computeIfAbsent(name, n -> new TreeMap<>())
                        .put(option.get(), properties.getProperty(key).strip());
            }
        }
        hubs.forEach(this::check);
        if (hubs.values().stream()
                .anyMatch(hub -> hub.containsKey(Option.plainPassword) || hub.containsKey(Option.managementPassword))) {
            checkOthersCannotRead();
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    private void check(String name, Map<Option, String> hub) {
        String of = file + ": hub " + name;
        boolean byAddresses = hub.containsKey(Option.publish) && hub.containsKey(Option.subscribe);
        if (hub.containsKey(Option.host) == byAddresses
                || hub.containsKey(Option.publish) != hub.containsKey(Option.subscribe)) {
            problems.add(of + " needs " + name + ".host, or both " + name + ".publish and " + name + ".subscribe");
        }
        for (Option port : List.of(Option.publishPort, Option.subscribePort)) {
            String value = hub.get(port);
            if (value != null && !PORT.matcher(value).matches()) {
                problems.add(of + ": " + port + " = " + value + " is no port");
            }
        }
        String management = hub.get(Option.management);
        if (management != null
                && !split(management).allMatch(one -> MANAGEMENT.matcher(one).matches())) {
            problems.add(of + ": management = " + management + " is no HOST:PORT, of a pair HOST:PORT,HOST:PORT");
        }
        String security = hub.get(Option.security);
        if (security != null
                && Stream.of(ZeroMqSecurity.values())
                        .noneMatch(one -> one.name().equals(security))) {
            problems.add(of + ": security = " + security + " is none of " + Arrays.toString(ZeroMqSecurity.values()));
        }
    }

    private void checkOthersCannotRead() throws IOException {
        if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.contains(PosixFilePermission.GROUP_READ)
                || permissions.contains(PosixFilePermission.OTHERS_READ)) {
            problems.add(file + " holds a password, and others can read it: chmod 600 " + file);
        }
    }

    boolean has(String name) {
        return hubs.containsKey(name);
    }

    /**
     * Refuses what is neither the name of a hub nor a host: a name that is spelt wrong. One that has a dot is a host, which may
     * not be known yet.
     *
     * @throws ConfigurationException with the names that there are
     */
    void checkIsHost(String host) {
        if (hubs.isEmpty() || !NAME.matcher(host).matches()) {
            return;
        }
        try {
            LOG.debug("--hub={} is a host with {} addresses", host, InetAddress.getAllByName(host).length);
        } catch (UnknownHostException e) {
            LOG.debug("--hub is no host", e);
            throw new ConfigurationException(List.of("--hub = " + host + " is neither a hub that " + file
                    + " names, which has " + String.join(", ", hubs.keySet()) + ", nor a host that is known here"));
        }
    }

    /** Settings of a client of a hub that {@link #has} a name here. */
    ClientSettings.Builder settings(String name, String id) {
        Map<Option, String> hub = hubs.getOrDefault(name, Map.of());
        ClientSettings.Builder settings = ClientSettings.builder(id)
                .security(HubOptions.security(
                        hub.getOrDefault(Option.security, impliedSecurity(hub)),
                        option -> value(hub, option),
                        file + ": hub " + name));
        String host = hub.get(Option.host);
        if (host == null) {
            return settings.addresses(hub.getOrDefault(Option.publish, ""), hub.getOrDefault(Option.subscribe, ""));
        }
        settings.host(host);
        if (hub.containsKey(Option.publishPort)) {
            settings.publishPort(Integer.parseInt(hub.get(Option.publishPort)));
        }
        if (hub.containsKey(Option.subscribePort)) {
            settings.subscribePort(Integer.parseInt(hub.get(Option.subscribePort)));
        }
        return settings;
    }

    /** Where the hub of a name is, empty if it is named by its addresses. */
    String host(String name) {
        return hubs.getOrDefault(name, Map.of()).getOrDefault(Option.host, "");
    }

    /**
     * The management server of a hub that has a name here, or of one that is given as {@code HOST} or {@code HOST:PORT}; of
     * a pair of hubs both, if both are named, with a comma between them.
     *
     * @param values say what is not said here
     * @throws ConfigurationException if it cannot be told which
     */
    public List<ManagementAddress> management(Configuration values, String named) {
        ManagementAddress here = ManagementAddress.of(values);
        if (!has(named)) {
            checkIsHost(named);
            if (named.contains("/")) {
                throw noServer(named);
            }
            return split(named)
                    .map(one -> server(HOST, one, here).orElseThrow(() -> noServer(named)))
                    .toList();
        }
        Map<Option, String> hub = hubs.getOrDefault(named, Map.of());
        String tokenFile = value(hub, Option.managementTokenFile.name());
        ManagementAddress usual = new ManagementAddress(
                here.host(),
                here.port(),
                hub.getOrDefault(Option.managementUser, ""),
                hub.getOrDefault(Option.managementPassword, ""),
                tokenFile == null ? here.tokenFile() : Path.of(tokenFile));
        String said = hub.get(Option.management);
        return split(said == null ? hub.getOrDefault(Option.host, "") : said)
                .map(one -> server(said == null ? HOST : MANAGEMENT, one, usual)
                        // The ports behind a host are those of publishers and subscribers.
                        .map(server -> said == null ? server.at(server.host(), usual.port()) : server)
                        .orElseThrow(() -> new ConfigurationException(List.of(file + ": hub " + named
                                + " does not say where its management server is: add " + named
                                + ".management=HOST:PORT, of a pair HOST:PORT,HOST:PORT"))))
                .toList();
    }

    private static Stream<String> split(String list) {
        return Stream.of(list.split(",", -1)).map(String::strip);
    }

    private static Optional<ManagementAddress> server(Pattern form, String text, ManagementAddress usual) {
        Matcher server = form.matcher(text);
        return server.matches()
                ? Optional.of(usual.at(
                        server.group(1), server.group(2) == null ? usual.port() : Long.parseLong(server.group(2))))
                : Optional.empty();
    }

    private static ConfigurationException noServer(String named) {
        return new ConfigurationException(
                List.of(
                        "--hub = " + named
                                + " is neither the name of a hub nor HOST or HOST:PORT of its management server, of a pair HOST:PORT,HOST:PORT"));
    }

    private static String impliedSecurity(Map<Option, String> hub) {
        if (hub.containsKey(Option.curveKeyFile)) {
            return ZeroMqSecurity.curve.name();
        }
        return (hub.containsKey(Option.plainUsername) ? ZeroMqSecurity.plain : ZeroMqSecurity.none).name();
    }

    private @Nullable String value(Map<Option, String> hub, String option) {
        String value = hub.get(Option.valueOf(option));
        return value == null || !option.endsWith("File")
                ? value
                : file.resolveSibling(value).toString();
    }
}
