package io.bactrian.app;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The arguments that a role takes on the command line. Each stands for a key of the configuration, so whatever an argument can
 * say a file, the environment and {@code --set} can say too.
 *
 * <p>A role declares its arguments in {@code config/application-<role>.properties}, and needs no Java for them:
 *
 * <pre>
 * bactrian.role.arguments=PORT:bactrian.worker.port, HOST:bactrian.worker.host, --count:bactrian.worker.count, \
 *     --quiet:bactrian.worker.print=false
 * </pre>
 *
 * <p>An entry is a name, a colon and a key, with commas between entries. A name without dashes is positional: the words after
 * the role are its values, in this order, and all of them may be left out from the right. A name that begins with a dash is an
 * option: {@code --count 5} or {@code --count=5}. An option whose key has a value is a flag: {@code --quiet} sets that value.
 * The keys are declared in {@code config/application.properties} like all others, with types that check the values. The
 * positional words of a role end where the name of the next role stands.
 *
 * @param role the role
 * @param positional the positional arguments in their order
 * @param options the options by name
 */
record RoleArguments(String role, List<Argument> positional, Map<String, Argument> options) {
    /** The key of a role's file that declares its arguments. */
    static final String KEY = "bactrian.role.arguments";

    private static final Pattern ENTRY = Pattern.compile("(?<name>[^:\\s]+):(?<key>[^=\\s]+)(=(?<value>.*))?");

    RoleArguments {
        positional = List.copyOf(positional);
        options = Map.copyOf(options);
    }

    /**
     * One argument.
     *
     * @param name such as {@code PORT} or {@code --count}
     * @param key what it sets
     * @param value the value that a flag sets, empty if the command line gives it
     */
    record Argument(String name, String key, Optional<String> value) {}

    /**
     * Reads the declaration of a role.
     *
     * @param declaration the value of {@value #KEY}, may be empty
     * @throws ConfigurationException if an entry is not {@code NAME:key}
     */
    static RoleArguments parse(String role, String declaration) {
        List<Argument> positional = new ArrayList<>();
        Map<String, Argument> options = new LinkedHashMap<>();
        for (String entry : List.of(declaration.split(","))) {
            if (entry.isBlank()) {
                continue;
            }
            Matcher matcher = ENTRY.matcher(entry.strip());
            if (!matcher.matches()) {
                throw new ConfigurationException(List.of("role '" + role + "' declares the argument '" + entry.strip()
                        + "' in " + KEY + ", which is not of the form NAME:key"));
            }
            Argument argument = new Argument(
                    matcher.group("name"), matcher.group("key"), Optional.ofNullable(matcher.group("value")));
            if (argument.name().startsWith("-")) {
                options.put(argument.name(), argument);
            } else {
                positional.add(argument);
            }
        }
        return new RoleArguments(role, positional, options);
    }

    /** What each argument means: the meaning of the key that it sets. In the order of {@link #usage}. */
    Map<String, String> meanings(ConfigKeys keys) {
        Map<String, String> meanings = new LinkedHashMap<>();
        Stream.concat(positional.stream(), options.values().stream().sorted(Comparator.comparing(Argument::name)))
                .forEach(argument -> meanings.put(
                        argument.name(),
                        keys.find(argument.key())
                                        .map(key -> key.meaning() + " ")
                                        .orElse("")
                                + "Sets " + argument.key()
                                + argument.value().map(value -> "=" + value).orElse("") + "."));
        return meanings;
    }

    /** How the role is called, as in {@code bactrian run worker [PORT] [--count VALUE]}. */
    String usage() {
        String words = positional.stream()
                .map(argument -> " [" + argument.name() + "]")
                .collect(Collectors.joining());
        String named = options.values().stream()
                .map(option -> " [" + option.name() + (option.value().isPresent() ? "]" : " VALUE]"))
                .sorted()
                .collect(Collectors.joining());
        return "bactrian run " + role + words + named;
    }
}
