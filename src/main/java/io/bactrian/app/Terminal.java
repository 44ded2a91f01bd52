package io.bactrian.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Whether standard error is a terminal, and may be coloured. */
public final class Terminal {
    /** System property: {@code always}, {@code never} or {@code auto}, the default. */
    static final String PROPERTY = "bactrian.colour";

    /** System property that the start script sets when standard error is a terminal. */
    private static final String SCRIPT_SAYS = "bactrian.terminal";

    private static final Path STDERR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    /** Whether the log of this process is coloured. */
    static boolean coloured() {
        return coloured(System.getProperty(PROPERTY, "auto"), System.getenv(), Terminal::stderrIsTerminal);
    }

    /**
     * Decides: the property first, then {@code NO_COLOR} (https://no-color.org) and {@code TERM=dumb}, then whether
     * standard error is a terminal.
     */
    static boolean coloured(String property, Map<String, String> environment, BooleanSupplier terminal) {
        return switch (property) {
            case "always" -> true;
            case "never" -> false;
            default ->
                environment.getOrDefault("NO_COLOR", "").isEmpty()
                        && !"dumb".equals(environment.get("TERM"))
                        && terminal.getAsBoolean();
        };
    }

    /** Whether somebody sees what goes to standard error. */
    public static boolean stderrIsTerminal() {
        // Java only tells of standard input and output. Linux says where standard error goes, elsewhere the start
        // script does.
        return target(STDERR)
                .map(to -> to.startsWith("/dev/pts/") || to.toString().startsWith("/dev/tty"))
                .orElseGet(() -> Boolean.getBoolean(SCRIPT_SAYS));
    }

    private static Optional<Path> target(Path link) {
        try {
            return Files.isSymbolicLink(link) ? Optional.of(Files.readSymbolicLink(link)) : Optional.empty();
        } catch (IOException e) {
            // Not readable: as if it were not there, and the start script decides.
            return Optional.empty();
        }
    }
}
