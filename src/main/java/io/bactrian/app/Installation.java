package io.bactrian.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where {@code config/} and {@code routes/} are: in a folder (the unpacked distribution, or a checkout), or, where that
 * has none, in the jar.
 *
 * @param folder the folder, empty to take everything from the jar
 */
public record Installation(Optional<Path> folder) {
    /** System property that names the folder; the start scripts set it. */
    static final String PROPERTY = "bactrian.home";

    private static final String CONFIG = "config";
    private static final String ROUTES = "routes";
    private static final String IN_JAR = "io/bactrian/";

    /** Nothing else becomes part of a file's name. */
    private static final Pattern ROLE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

    /**
     * The folder that the start script names, or else the current one if it looks like a checkout or a distribution, or
     * else none.
     */
    public static Installation find() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return new Installation(Optional.of(Path.of(named).toAbsolutePath().normalize()));
        }
        Path here = Path.of("").toAbsolutePath();
        boolean ours = Files.isRegularFile(here.resolve(CONFIG).resolve(Configuration.FILE))
                && Files.isDirectory(here.resolve(ROUTES).resolve("pubsub"));
        return new Installation(ours ? Optional.of(here) : Optional.empty());
    }

    /** The text of a configuration file in the folder, empty if it is not there. */
    Optional<String> configInFolder(String name) {
        Optional<Path> file = folder.map(f -> f.resolve(CONFIG).resolve(name)).filter(Files::isRegularFile);
        return file.map(Installation::read);
    }

    /** The text of a configuration file in the jar, empty if it is not there. */
    static Optional<String> configInJar(String name) {
        try (InputStream in = Installation.class.getClassLoader().getResourceAsStream(IN_JAR + CONFIG + "/" + name)) {
            return in == null ? Optional.empty() : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + name + " in the jar", e);
        }
    }

    /**
     * The arguments that a role declares in its file, empty if there is no such role.
     *
     * @throws ConfigurationException if the declaration is wrong
     */
    Optional<RoleArguments> roleArguments(String role) {
        List<String> texts = roleTexts(role);
        if (texts.isEmpty()) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        for (String text : texts) {
            try {
                properties.load(new StringReader(text));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(List.of(roleFile(role) + " cannot be read: " + e.getMessage()));
            }
        }
        return Optional.of(RoleArguments.parse(role, properties.getProperty(RoleArguments.KEY, "")));
    }

    /** The comment with which the file of a role begins, in one line; empty if there is no such role, or no comment. */
    String roleMeaning(String role) {
        return roleTexts(role).stream()
                .map(text -> text.lines()
                        .takeWhile(line -> line.startsWith("#"))
                        .map(line -> line.substring(1).strip())
                        .collect(Collectors.joining(" ")))
                .reduce("", (before, after) -> after.isEmpty() ? before : after);
    }

    /** The files of a role, the stronger one last. */
    private List<String> roleTexts(String role) {
        if (!ROLE.matcher(role).matches()) {
            return List.of();
        }
        return Stream.of(configInJar(roleFile(role)), configInFolder(roleFile(role)))
                .flatMap(Optional::stream)
                .toList();
    }

    private static String roleFile(String role) {
        return "application-" + role + ".properties";
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    /** Whether routes are read from the folder and not from the jar. */
    boolean hasRoutes() {
        return folder.map(f -> Files.isDirectory(f.resolve(ROUTES))).orElse(false);
    }

    /**
     * Camel's patterns for the route files of a name, such as {@code pubsub/take-in} or {@code pubsub/*}.
     *
     * @throws IllegalArgumentException if the name has no wildcard and there is no such file
     */
    List<String> routePatterns(String name) {
        boolean complete = name.toLowerCase(Locale.ROOT).matches(".*\\.(yaml|xml)");
        List<String> names = complete ? List.of(name) : List.of(name + ".camel.yaml", name + ".camel.xml");
        boolean wild = name.indexOf('*') >= 0 || name.indexOf('?') >= 0;
        List<String> found = names.stream()
                .filter(file -> wild || hasRoute(file))
                .map(this::routePattern)
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("there is no route file " + names.get(0) + " in "
                    + (hasRoutes()
                            ? folder.map(f -> f.resolve(ROUTES).toString()).orElseThrow()
                            : "the jar"));
        }
        return found;
    }

    private boolean hasRoute(String file) {
        return hasRoutes()
                ? folder.map(f -> Files.isRegularFile(f.resolve(ROUTES).resolve(file)))
                        .orElse(false)
                : Installation.class.getClassLoader().getResource(IN_JAR + ROUTES + "/" + file) != null;
    }

    private String routePattern(String file) {
        return hasRoutes()
                ? "file:"
                        + folder.map(f -> f.resolve(ROUTES).resolve(file).toString())
                                .orElseThrow()
                : "classpath:" + IN_JAR + ROUTES + "/" + file;
    }

    /** Where Camel looks for Kamelets: in the folder first. */
    String kameletLocation() {
        String inJar = "classpath:kamelets";
        return hasRoutes()
                ? "file:"
                        + folder.map(f -> f.resolve(ROUTES).resolve("kamelets").toString())
                                .orElseThrow() + "," + inJar
                : inJar;
    }
}
