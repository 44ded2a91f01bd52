package io.bactrian.app;

import io.bactrian.support.text.Secrets;
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
import java.util.TreeSet;

/** Reads the layers of one configuration, weakest first, and gathers its problems. For one use by one thread. */
final class ConfigurationLoader {
    private final Installation home;
    private final List<String> roles;
    private final ConfigKeys keys = Configuration.declared();
    private final Map<String, Configuration.Setting> settings = new LinkedHashMap<>();
    private final Map<String, String> routeSources = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    ConfigurationLoader(Installation home, List<String> roles) {
        this.home = home;
        this.roles = roles;
    }

    Configuration load(Map<String, String> overrides, Map<String, String> environment, Properties systemProperties) {
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
        Installation.configInJar(Configuration.FILE)
                .ifPresent(text -> readFile(text, Configuration.FILE + " in the jar"));
        home.configInFolder(Configuration.FILE).ifPresent(text -> readFile(text, "config/" + Configuration.FILE));
        for (String role : roles) {
            String name = "application-" + role + ".properties";
            Optional<String> inJar = Installation.configInJar(name);
            Optional<String> inFolder = home.configInFolder(name);
            if (inJar.isEmpty() && inFolder.isEmpty()) {
                problems.add("there is no role '" + role + "': no file config/" + name);
                continue;
            }
            settings.remove(Configuration.ROUTES);
            inJar.ifPresent(text -> readFile(text, name + " in the jar"));
            inFolder.ifPresent(text -> readFile(text, "config/" + name));
            addRoutes(role);
        }
    }

    private void addRoutes(String role) {
        Configuration.Setting named = settings.get(Configuration.ROUTES);
        List<String> ofRole = named == null ? List.of() : split(named.value());
        if (ofRole.isEmpty()) {
            problems.add("role '" + role + "' names no route files in " + Configuration.ROUTES);
        }
        if (named != null) {
            ofRole.forEach(route -> routeSources.putIfAbsent(route, named.source()));
        }
        settings.put(
                Configuration.ROUTES, new Configuration.Setting(String.join(",", routeSources.keySet()), "the roles"));
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
        settings.put(key, new Configuration.Setting(value, source));
    }

    private void check(String key, Configuration.Setting setting) {
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
        Placeholders placeholders =
                new Placeholders(name -> Optional.ofNullable(settings.get(name)).map(Configuration.Setting::value));
        try {
            String value = placeholders.resolve(setting.value());
            declared.get()
                    .type()
                    .wrong(value)
                    .ifPresent(right -> problems.add(key + " = " + shown(key, value) + " (" + setting.source()
                            + ") is not right: give " + right));
        } catch (IllegalArgumentException e) {
            problems.add(key + " = " + shown(key, setting.value()) + " (" + setting.source() + "): " + e.getMessage());
        }
    }

    private static String shown(String key, String value) {
        return Secrets.isNamed(key) ? Secrets.HIDDEN : "'" + Secrets.hide(value) + "'";
    }

    private List<String> routePatterns() {
        List<String> patterns = new ArrayList<>();
        Configuration.Setting named = settings.get(Configuration.ROUTES);
        if (named == null) {
            return patterns;
        }
        for (String route : split(named.value())) {
            try {
                patterns.addAll(home.routePatterns(route));
            } catch (IllegalArgumentException e) {
                String source = routeSources.getOrDefault(route, named.source());
                problems.add(Configuration.ROUTES + " names '" + route + "' (" + source + "), but " + e.getMessage());
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
