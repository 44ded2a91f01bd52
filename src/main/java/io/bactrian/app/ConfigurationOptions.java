package io.bactrian.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that reads the configuration; use it as a mixin. */
public final class ConfigurationOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The folder of journals and databases; short for --set bactrian.data=DIR.")
    private @Nullable Path data;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets a key of the configuration, stronger than files and environment. May be repeated.")
    private Map<String, String> set = new LinkedHashMap<>();

    /**
     * The checked configuration of some roles.
     *
     * @throws ConfigurationException listing every problem
     */
    public Configuration load(List<String> roles) {
        return load(roles, Map.of());
    }

    /**
     * The checked configuration of the roles that a command line names, with the arguments of each.
     *
     * @param words roles, each followed by its arguments, see {@link RoleArguments}
     * @throws ConfigurationException listing every problem
     */
    public Configuration loadCalled(List<String> words) {
        Installation home = Installation.find();
        RoleCommandLine line = RoleCommandLine.parse(words, home::roleArguments);
        return load(line.roles(), line.values());
    }

    /**
     * The checked configuration of some roles, with what the options of a command set; {@code --set} is stronger.
     *
     * @throws ConfigurationException listing every problem
     */
    public Configuration load(List<String> roles, Map<String, String> options) {
        Map<String, String> overrides = new LinkedHashMap<>(options);
        overrides.putAll(set);
        if (data != null) {
            overrides.put("bactrian.data", data.toString());
        }
        return Configuration.load(Installation.find(), roles, overrides, System.getenv(), System.getProperties());
    }
}
