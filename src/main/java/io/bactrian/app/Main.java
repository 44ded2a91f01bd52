package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Starts Bactrian from the command line. */
public final class Main {
    /** What Java puts in place of octets that are no text in the locale's encoding. */
    private static final char UNDECODABLE = '\uFFFD';

    private static final String LOGBACK = "logback.configurationFile";

    /** Levels of what sockets and what clients of a hub log where commands say it themselves; config/logback.xml reads them. */
    private static final Map<String, String> SAID_BY_COMMANDS =
            Map.of("bactrian.log.sockets", "ERROR", "bactrian.log.hubErrors", "OFF");

    /** Commands whose log is for operators. Others say themselves what they wait for. */
    private static final Set<String> OPERATED = Set.of("run", "bench");

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command and returns its exit code; nothing may log before. */
    static int run(String... arguments) {
        configureLog(arguments.length > 0 && OPERATED.contains(arguments[0]));
        return run(new FileOutputStream(FileDescriptor.out), new PrintWriter(System.err, true, UTF_8), arguments);
    }

    /** A command whose output was not written has failed, whatever it has done. */
    public static int run(OutputStream target, PrintWriter err, String... arguments) {
        for (String argument : arguments) {
            if (argument.indexOf(UNDECODABLE) >= 0) {
                err.println("An argument holds octets that Java cannot decode in this locale: '" + argument
                        + "'; set LC_ALL=C.UTF-8, or give the message by --file or standard input");
                return ExitCode.USAGE;
            }
        }
        PrintStream former = System.out;
        StandardOutput out = new StandardOutput(target);
        System.setOut(out);
        PrintWriter writer = out.writer();
        try {
            int code = BactrianCommand.commandLineFor(arguments)
                    .setOut(writer)
                    .setErr(err)
                    .execute(arguments);
            writer.flush();
            out.flush();
            IOException failure = out.failure();
            if (failure == null) {
                return code;
            }
            if (code == ExitCode.OK && !StandardOutput.isClosedPipe(failure)) {
                err.println("Standard output cannot be written: " + failure.getMessage());
            }
            return code == ExitCode.OK ? ExitCode.FAILED : code;
        } finally {
            System.setOut(former);
        }
    }

    /**
     * Our log file is not called logback.xml at the root of the jar, because it would then decide about the log of an
     * application that merely uses the jar.
     */
    private static void configureLog(boolean operated) {
        if (!operated) {
            SAID_BY_COMMANDS.forEach((key, level) -> System.setProperty(key, System.getProperty(key, level)));
        }
        if (System.getProperty(LOGBACK) != null) {
            return;
        }
        Optional<Path> file = Installation.find().folder().map(folder -> folder.resolve("config/logback.xml"));
        System.setProperty(
                LOGBACK,
                file.filter(Files::isRegularFile)
                        .map(path -> path.toUri().toString())
                        .orElse("io/bactrian/config/logback.xml"));
    }
}
