package io.bactrian.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Starts Bactrian from the command line. */
public final class Main {
    private static final String LOGBACK = "logback.configurationFile";

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command and returns its exit code; nothing may log before. */
    static int run(String... arguments) {
        configureLog();
        return BactrianCommand.commandLine().execute(arguments);
    }

    /**
     * Our log file is not called logback.xml at the root of the jar, because it would then decide about the log of an
     * application that merely uses the jar.
     */
    private static void configureLog() {
        if (System.getProperty(LOGBACK) != null) {
            return;
        }
        Optional<Path> file = Home.find().folder().map(folder -> folder.resolve("config/logback.xml"));
        System.setProperty(
                LOGBACK,
                file.filter(Files::isRegularFile)
                        .map(path -> path.toUri().toString())
                        .orElse("io/bactrian/config/logback.xml"));
    }
}
