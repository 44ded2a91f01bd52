package io.bactrian.app;

import io.bactrian.app.RoleArguments.Argument;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The roles that a command line names, with their arguments as values of keys: {@code balancer 5000 worker 6000} names two roles
 * and sets two keys. See {@link RoleArguments} for how a role declares its arguments.
 *
 * @param roles each once, in order
 * @param values the keys that the arguments set
 */
record RoleCommandLine(List<String> roles, Map<String, String> values) {
    RoleCommandLine {
        roles = List.copyOf(roles);
        values = Map.copyOf(values);
    }

    /**
     * Reads the words of a command line.
     *
     * @param words roles, arguments and options, as they stand there
     * @param declared the arguments of a role, empty if there is no such role
     * @throws ConfigurationException if a word is no role, argument or option
     */
    static RoleCommandLine parse(List<String> words, Function<String, Optional<RoleArguments>> declared) {
        Reader reader = new Reader(declared);
        List<String> rest = new ArrayList<>(words);
        while (!rest.isEmpty()) {
            reader.take(rest);
        }
        return new RoleCommandLine(reader.roles, reader.values);
    }

    /** Takes one word after the other, with the value of an option. */
    private static final class Reader {
        private final Function<String, Optional<RoleArguments>> declared;
        private final List<String> roles = new ArrayList<>();
        private final List<RoleArguments> called = new ArrayList<>();
        private final Map<String, String> values = new LinkedHashMap<>();
        private int position;

        Reader(Function<String, Optional<RoleArguments>> declared) {
            this.declared = declared;
        }

        void take(List<String> rest) {
            String word = rest.remove(0);
            if (word.startsWith("-")) {
                takeOption(word, rest);
                return;
            }
            Optional<RoleArguments> role = declared.apply(word);
            if (role.isPresent()) {
                if (!roles.contains(word)) {
                    roles.add(word);
                    called.add(role.get());
                }
                position = 0;
                return;
            }
            if (called.isEmpty()) {
                // The configuration says that there is no such role, along with whatever else is wrong.
                roles.add(word);
                return;
            }
            RoleArguments last = called.get(called.size() - 1);
            if (position >= last.positional().size()) {
                throw problem("there is no role '" + word + "': no file config/application-" + word
                        + ".properties; and role '" + last.role() + "' has no further argument: " + last.usage());
            }
            values.put(last.positional().get(position++).key(), word);
        }

        private void takeOption(String word, List<String> rest) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            Argument option = called.stream()
                    .map(role -> role.options().get(name))
                    .filter(found -> found != null)
                    .reduce((first, second) -> second)
                    .orElseThrow(() -> problem("unknown option '" + name + "'"
                            + (called.isEmpty()
                                    ? "; options of a role stand after its name"
                                    : ": " + called.get(called.size() - 1).usage())));
            if (option.value().isPresent()) {
                if (equals >= 0) {
                    throw problem("option '" + name + "' takes no value");
                }
                values.put(option.key(), option.value().get());
            } else if (equals >= 0) {
                values.put(option.key(), word.substring(equals + 1));
            } else if (rest.isEmpty()) {
                throw problem("option '" + name + "' needs a value");
            } else {
                values.put(option.key(), rest.remove(0));
            }
        }

        private static ConfigurationException problem(String text) {
            return new ConfigurationException(List.of(text));
        }
    }
}
