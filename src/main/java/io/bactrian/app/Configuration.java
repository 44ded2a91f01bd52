package io.bactrian.app;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All values that a process runs with, checked together. From the weakest to the strongest: the defaults in the jar,
 * {@code config/application.properties}, {@code config/application-<role>.properties} of each role in turn, environment
 * variables, system properties, and {@code --set key=value}.
 *
 * <p>Keys that begin with {@code bactrian.} must be declared and their values must fit; all other keys go to Camel as
 * they are.
 */
public final class Configuration {
    /** The file of the declarations and defaults. */
    static final String FILE = "application.properties";

    private static final String ROUTES = "bactrian.routes";

    private final Home home;
    private final List<String> roles;
    private final ConfigKeys keys;
    private final Map<String, Setting> settings;
    private final List<String> routePatterns;

    private Configuration(
            Home home, List<String> roles, ConfigKeys keys, Map<String, Setting> settings, List<String> routePatterns) {
        this.home = home;
        this.roles = List.copyOf(roles);
        this.keys = keys;
        this.settings = settings;
        this.routePatterns = List.copyOf(routePatterns);
    }

    /** A value and where it is set, such as {@code application-hub.properties} or {@code --set}. */
    private record Setting(String value, String source) {}

    /**
     * Reads and checks everything.
     *
     * @param roles the roles to run, may be empty for a command that only asks
     * @param overrides what the command line sets, strongest
     * @param environment the environment variables
     * @param systemProperties the system properties
     * @throws ConfigurationException listing every problem
     */
    public static Configuration load(
            Home home,
            List<String> roles,
            Map<String, String> overrides,
            Map<String, String> environment,
            Properties systemProperties) {
        return new Loader(home, roles).load(overrides, environment, systemProperties);
    }

    /** The declared keys with their defaults, as in the jar. */
    public static ConfigKeys declared() {
        return ConfigKeys.parse(Home.configInJar(FILE)
                .orElseThrow(() -> new IllegalStateException("The jar does not contain its default configuration")));
    }

    public List<String> roles() {
        return roles;
    }

    public Home home() {
        return home;
    }

    /** Camel's patterns for the route files of all roles, in the order in which they are named. */
    public List<String> routePatterns() {
        return routePatterns;
    }

    /**
     * A value with its references to other keys resolved.
     *
     * @throws IllegalArgumentException if the key is neither declared with a default nor set
     */
    public String get(String key) {
        Setting setting = settings.get(key);
        if (setting == null) {
            throw new IllegalArgumentException("No such key: " + key);
        }
        return new Placeholders(this::raw).resolve(setting.value());
    }

    /** A number, duration (in ms) or size (in octets); the load has checked that it is one. */
    public long number(String key) {
        return keys.find(key)
                .map(ConfigKey::type)
                .flatMap(Configuration::unit)
                .orElseThrow(() -> new IllegalArgumentException(key + " is not declared as a number"))
                .parse(get(key));
    }

    /** All declared keys of a type, with their values: {@code address} for the addresses, for instance. */
    public Map<String, String> ofType(String typeWord) {
        Map<String, String> found = new TreeMap<>();
        for (String key : settings.keySet()) {
            keys.find(key)
                    .filter(declared -> declared.typeWords().equals(typeWord)
                            || declared.typeWords().startsWith(typeWord + " "))
                    .ifPresent(declared -> found.put(key, get(key)));
        }
        return found;
    }

    /** All values for Camel, with references left to it; sizes are plain numbers of octets, as Camel knows no units. */
    public Map<String, String> forCamel() {
        Map<String, String> values = new TreeMap<>();
        settings.forEach((key, setting) -> values.put(key, forCamel(key, setting.value())));
        return values;
    }

    private String forCamel(String key, String value) {
        Optional<Unit> unit = keys.find(key).map(ConfigKey::type).flatMap(Configuration::unit);
        return unit.filter(u -> u == Unit.SIZE).isPresent() && !value.isEmpty()
                ? Long.toString(Unit.SIZE.parse(get(key)))
                : value;
    }

    private Optional<String> raw(String key) {
        return Optional.ofNullable(settings.get(key)).map(Setting::value);
    }

    private static Optional<Unit> unit(KeyType type) {
        if (type instanceof KeyType.Maybe maybe) {
            return unit(maybe.type());
        }
        return type instanceof KeyType.Quantity quantity ? Optional.of(quantity.unit()) : Optional.empty();
    }

    /** Builds one configuration and gathers its problems. */
    private static final class Loader {
        private final Home home;
        private final List<String> roles;
        private final ConfigKeys keys = declared();
        private final Map<String, Setting> settings = new LinkedHashMap<>();
        private final List<String> routes = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();

        Loader(Home home, List<String> roles) {
            this.home = home;
            this.roles = roles;
        }

        Configuration load(
                Map<String, String> overrides, Map<String, String> environment, Properties systemProperties) {
            readFiles();
            readEnvironment(environment);
            readSystemProperties(systemProperties);
            overrides.forEach((key, value) -> put(key, value, "--set"));
            settings.forEach(this::check);
            List<String> patterns = routePatterns();
            if (!problems.isEmpty()) {
                throw new ConfigurationException(problems);
            }
            return new Configuration(home, roles, keys, settings, patterns);
        }

        private void readFiles() {
            Home.configInJar(FILE).ifPresent(text -> readFile(text, FILE + " in the jar"));
            home.configInFolder(FILE).ifPresent(text -> readFile(text, "config/" + FILE));
            for (String role : roles) {
                String name = "application-" + role + ".properties";
                Optional<String> inJar = Home.configInJar(name);
                Optional<String> inFolder = home.configInFolder(name);
                if (inJar.isEmpty() && inFolder.isEmpty()) {
                    problems.add("there is no role '" + role + "': no file config/" + name);
                    continue;
                }
                settings.remove(ROUTES);
                inJar.ifPresent(text -> readFile(text, name + " in the jar"));
                inFolder.ifPresent(text -> readFile(text, "config/" + name));
                addRoutes(role);
            }
        }

        private void addRoutes(String role) {
            Setting named = settings.get(ROUTES);
            List<String> ofRole = named == null ? List.of() : split(named.value());
            if (ofRole.isEmpty()) {
                problems.add("role '" + role + "' names no route files in " + ROUTES);
            }
            ofRole.stream().filter(route -> !routes.contains(route)).forEach(routes::add);
            settings.put(ROUTES, new Setting(String.join(",", routes), "the roles"));
        }

        private void readFile(String text, String source) {
            Properties properties = new Properties();
            try {
                properties.load(new StringReader(text));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (IllegalArgumentException e) {
                problems.add(source + " cannot be read: " + e.getMessage());
                return;
            }
            for (String key : new TreeSet<>(properties.stringPropertyNames())) {
                put(key, properties.getProperty(key).strip(), source);
            }
        }

        private void readEnvironment(Map<String, String> environment) {
            for (ConfigKey key : keys.keys()) {
                String variable = key.name().replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
                String value = environment.get(variable);
                if (value != null && !key.isPattern()) {
                    put(key.name(), value, "environment variable " + variable);
                }
            }
        }

        private void readSystemProperties(Properties systemProperties) {
            for (String key : new TreeSet<>(systemProperties.stringPropertyNames())) {
                if (keys.find(key).isPresent()) {
                    put(key, systemProperties.getProperty(key), "-D" + key);
                }
            }
        }

        private void put(String key, String value, String source) {
            settings.put(key, new Setting(value, source));
        }

        private void check(String key, Setting setting) {
            if (!key.startsWith(ConfigKeys.PREFIX)) {
                return;
            }
            Optional<ConfigKey> declared = keys.find(key);
            if (declared.isEmpty()) {
                String hint = keys.nearest(key)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
                problems.add(key + " (" + setting.source() + ") is not a key of Bactrian" + hint);
                return;
            }
            Placeholders placeholders = new Placeholders(
                    name -> Optional.ofNullable(settings.get(name)).map(Setting::value));
            try {
                String value = placeholders.resolve(setting.value());
                declared.get()
                        .type()
                        .wrong(value)
                        .ifPresent(right -> problems.add(key + " = " + shown(key, value) + " (" + setting.source()
                                + ") is not right: give " + right));
            } catch (IllegalArgumentException e) {
                problems.add(
                        key + " = " + shown(key, setting.value()) + " (" + setting.source() + "): " + e.getMessage());
            }
        }

        private static String shown(String key, String value) {
            return key.toLowerCase(Locale.ROOT).contains("password") ? "***" : "'" + value + "'";
        }

        private List<String> routePatterns() {
            Setting named = settings.get(ROUTES);
            List<String> patterns = new ArrayList<>();
            for (String route : named == null ? List.<String>of() : split(named.value())) {
                try {
                    patterns.addAll(home.routePatterns(route));
                } catch (IllegalArgumentException e) {
                    problems.add(ROUTES + " names '" + route + "' (" + (named == null ? "" : named.source()) + "), but "
                            + e.getMessage());
                }
            }
            return patterns;
        }

        private static List<String> split(String list) {
            return List.of(list.split(",")).stream()
                    .map(String::strip)
                    .filter(item -> !item.isEmpty())
                    .toList();
        }
    }
}
