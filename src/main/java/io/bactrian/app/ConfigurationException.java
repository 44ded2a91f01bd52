package io.bactrian.app;

import java.util.List;
import java.util.stream.Collectors;

/** Says everything that is wrong with a configuration at once: key, value, where it is set, and what would be right. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message that says it all. */
    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }

    public ConfigurationException(List<String> problems) {
        super(problems.stream()
                .map(problem -> "\n  - " + problem)
                .collect(Collectors.joining(
                        "",
                        problems.size() == 1
                                ? "The configuration is wrong:"
                                : "The configuration is wrong in " + problems.size() + " places:",
                        "")));
    }
}
