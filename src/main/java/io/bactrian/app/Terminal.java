package io.bactrian.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Whether standard error and standard output are terminals, and what they may show. */
public final class Terminal {
    /** System property: {@code always}, {@code never} or {@code auto}, the default. */
    static final String PROPERTY = "bactrian.colour";

    /** System property that the start script sets when standard error is a terminal. */
    private static final String SCRIPT_SAYS = "bactrian.terminal";

    private static final Path STDOUT = Path.of("/proc/self/fd/1");
    private static final Path STDERR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    /** Whether the log of this process is coloured. */
    static boolean coloured() {
        return coloured(System.getProperty(PROPERTY, "auto"), System.getenv(), Terminal::stderrIsTerminal);
    }

    /** Whether what a command writes to standard output is coloured. */
    public static boolean outputIsColoured() {
        return coloured(System.getProperty(PROPERTY, "auto"), System.getenv(), Terminal::stdoutIsTerminal);
    }

    /**
     * Decides: the property first, then {@code NO_COLOR} (https://no-color.org) and {@code TERM=dumb}, then whether it is a
     * terminal.
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
        return isTerminal(STDERR).orElseGet(() -> Boolean.getBoolean(SCRIPT_SAYS));
    }

    /** Whether somebody sees what goes to standard output; false where the system does not say so. */
    public static boolean stdoutIsTerminal() {
        return isTerminal(STDOUT).orElse(false);
    }

    /** Whether the locale says that the terminal shows more than ASCII. */
    public static boolean showsBlocks() {
        return Stream.of("LC_ALL", "LC_CTYPE", "LANG")
                .map(name -> System.getenv().getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .map(value -> value.toUpperCase(Locale.ROOT).replace("-", "").contains("UTF8"))
                .orElse(false);
    }

    private static Optional<Boolean> isTerminal(Path link) {
        return target(link)
                .map(to -> to.startsWith("/dev/pts/") || to.toString().startsWith("/dev/tty"));
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
