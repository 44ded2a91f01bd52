package io.bactrian.app;

import io.bactrian.support.config.NumberUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

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

    /** The key that names a role's route files. */
    static final String ROUTES = "bactrian.routes";

    private final Installation home;
    private final List<String> roles;
    private final ConfigKeys keys;
    private final Map<String, Setting> settings;
    private final List<String> routePatterns;

    Configuration(
            Installation home,
            List<String> roles,
            ConfigKeys keys,
            Map<String, Setting> settings,
            List<String> routePatterns) {
        this.home = home;
        this.roles = List.copyOf(roles);
        this.keys = keys;
        this.settings = settings;
        this.routePatterns = List.copyOf(routePatterns);
    }

    /** A value and where it is set, such as {@code application-hub.properties} or {@code --set}. */
    record Setting(String value, String source) {}

    /**
     * Reads and checks everything. A node of a federation also has the roles that the topology gives to it.
     *
     * @param roles the roles to run, may be empty for a command that only asks
     * @param overrides what the command line sets, strongest
     * @param environment the environment variables
     * @param systemProperties the system properties
     * @throws ConfigurationException listing every problem
     */
    public static Configuration load(
            Installation home,
            List<String> roles,
            Map<String, String> overrides,
            Map<String, String> environment,
            Properties systemProperties) {
        Configuration named = new ConfigurationLoader(home, roles).load(overrides, environment, systemProperties);
        List<String> further = TopologyRoles.missing(named);
        if (further.isEmpty()) {
            return named;
        }
        List<String> all = new ArrayList<>(roles);
        all.addAll(further);
        return new ConfigurationLoader(home, all).load(overrides, environment, systemProperties);
    }

    /** The declared keys with their defaults, as in the jar. */
    public static ConfigKeys declared() {
        return ConfigKeys.parse(Installation.configInJar(FILE)
                .orElseThrow(() -> new IllegalStateException("The jar does not contain its default configuration")));
    }

    public List<String> roles() {
        return roles;
    }

    public Installation home() {
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

    /** A value, empty if the key is neither declared with a default nor set. */
    public Optional<String> find(String key) {
        return settings.containsKey(key) ? Optional.of(get(key)) : Optional.empty();
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
        Optional<NumberUnit> unit = keys.find(key).map(ConfigKey::type).flatMap(Configuration::unit);
        return unit.filter(u -> u == NumberUnit.SIZE).isPresent() && !value.isEmpty()
                ? Long.toString(NumberUnit.SIZE.parse(get(key)))
                : value;
    }

    private Optional<String> raw(String key) {
        return Optional.ofNullable(settings.get(key)).map(Setting::value);
    }

    private static Optional<NumberUnit> unit(KeyType type) {
        if (type instanceof KeyType.Maybe maybe) {
            return unit(maybe.type());
        }
        return type instanceof KeyType.Quantity quantity ? Optional.of(quantity.unit()) : Optional.empty();
    }
}
