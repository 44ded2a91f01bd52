package io.bactrian.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.ExitCode;
import io.bactrian.zeromq.socket.PasswordHash;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian hash-password USER}. */
@Command(
        name = "hash-password",
        description = {
            "Prints a line for the file of users of a socket with security=plain.",
            "The password is asked for on a terminal, else it is the first line of standard input."
        })
public final class HashPasswordCommand implements Callable<Integer> {
    private static final int OCTETS_MAX = 127;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "USER", description = "The user's name.")
    private String user = "";

    @Override
    public Integer call() throws IOException {
        if (user.isBlank() || user.startsWith("#") || user.getBytes(UTF_8).length > OCTETS_MAX) {
            throw new ParameterException(
                    spec.commandLine(), "USER must have 1 to " + OCTETS_MAX + " octets and not begin with #");
        }
        String password = read();
        if (password == null || password.isEmpty() || password.getBytes(UTF_8).length > OCTETS_MAX) {
            throw new CommandFailedException("The password must have 1 to " + OCTETS_MAX + " octets");
        }
        spec.commandLine().getOut().println(user + ":" + PasswordHash.of(password));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    @SuppressWarnings(
            "SystemConsoleNull") // from Java 22 on there may be one without a terminal, which reads the same line
    private static @Nullable String read() throws IOException {
        Console console = System.console();
        if (console != null) {
            char[] typed = console.readPassword("Password: ");
            return typed == null ? null : new String(typed);
        }
        return new BufferedReader(new InputStreamReader(System.in, UTF_8)).readLine();
    }
}
