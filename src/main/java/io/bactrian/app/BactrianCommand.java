package io.bactrian.app;

import io.bactrian.app.cli.AlarmsCommand;
import io.bactrian.app.cli.BenchCommand;
import io.bactrian.app.cli.CompletionCommand;
import io.bactrian.app.cli.GetCommand;
import io.bactrian.app.cli.HashPasswordCommand;
import io.bactrian.app.cli.JournalCommand;
import io.bactrian.app.cli.KeygenCommand;
import io.bactrian.app.cli.NodeCommand;
import io.bactrian.app.cli.NodesCommand;
import io.bactrian.app.cli.PeekCommand;
import io.bactrian.app.cli.PutCommand;
import io.bactrian.app.cli.SendCommand;
import io.bactrian.app.cli.ShipCommand;
import io.bactrian.app.cli.SpeedCommand;
import io.bactrian.app.cli.StateCommand;
import io.bactrian.app.cli.SubscribeCommand;
import io.bactrian.app.cli.TailCommand;
import io.bactrian.app.cli.TopologyCommand;
import io.bactrian.app.cli.UnsubscribeCommand;
import io.bactrian.backup.core.BackupException;
import io.bactrian.journal.log.JournalException;
import io.bactrian.pubsub.client.BactrianException;
import io.bactrian.support.database.StoreException;
import io.bactrian.support.text.FileErrors;
import io.bactrian.support.text.Secrets;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code bactrian}; each subcommand is a class of its own, listed here. */
@Command(
        name = "bactrian",
        description = "Reliable messaging over ZeroMQ, as Apache Camel components and routes.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Done.",
            "1:Failed; standard error says why.",
            "2:The command line or the configuration is wrong; nothing was done."
        })
public final class BactrianCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(BactrianCommand.class);

    /** In the order of the help. */
    private static final List<Class<?>> SUBCOMMANDS = List.of(
            RunCommand.class,
            StatusCommand.class,
            PairCommand.class,
            SpeedCommand.class,
            TopicsCommand.class,
            SubscribersCommand.class,
            PutCommand.class,
            GetCommand.class,
            TailCommand.class,
            PeekCommand.class,
            SubscribeCommand.class,
            UnsubscribeCommand.class,
            RoutesCommand.class,
            JournalCommand.class,
            KeygenCommand.class,
            HashPasswordCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            ShipCommand.class,
            NodesCommand.class,
            NodeCommand.class,
            TopologyCommand.class,
            StateCommand.class,
            SendCommand.class,
            AlarmsCommand.class,
            BenchCommand.class,
            CompletionCommand.class);

    @Spec
    private CommandSpec spec;

    /** All of it; tests give it writers of their own. */
    static CommandLine commandLine() {
        return commandLine(SUBCOMMANDS);
    }

    /** For one call: if that names a subcommand, the others are left out, which take a quarter of the time of a start. */
    static CommandLine commandLineFor(String... arguments) {
        for (Class<?> one : SUBCOMMANDS) {
            // The script for completions tells of all.
            if (arguments.length > 0
                    && one != CompletionCommand.class
                    && one.getAnnotation(Command.class).name().equals(arguments[0])) {
                return commandLine(List.of(one));
            }
        }
        return commandLine();
    }

    private static CommandLine commandLine(List<Class<?>> subcommands) {
        CommandLine line = new CommandLine(new BactrianCommand());
        subcommands.forEach(line::addSubcommand);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        CommandLine run = line.getSubcommands().get("run");
        if (run != null) {
            // Which options there are depends on the roles that it is called with.
            run.setUnmatchedOptionsArePositionalParams(true);
            RunCommand.explainRoles(run);
        }
        line.setParameterExceptionHandler((exception, arguments) -> usage(exception));
        line.setExecutionExceptionHandler((exception, command, parsed) -> report(exception, command));
        return line;
    }

    /** Without a subcommand: not an error of a person who looks around, but a script must not take it for success. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE;
    }

    /** The exception of a command that only groups others and is called with none of them. */
    public static ParameterException missing(CommandSpec group) {
        return new ParameterException(
                group.commandLine(),
                "Say which: " + String.join(", ", group.subcommands().keySet()));
    }

    /** The error and where the help is: the whole help would push the error off the screen. */
    private static int usage(ParameterException exception) {
        CommandLine command = exception.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(Secrets.hide(String.valueOf(exception.getMessage())));
        CommandLine.UnmatchedArgumentException.printSuggestions(exception, err);
        err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return ExitCode.USAGE;
    }

    private static int report(Exception exception, CommandLine command) {
        PrintWriter err = command.getErr();
        if (exception instanceof OutputClosedException) {
            LOG.debug("command ended", exception);
        } else if (exception instanceof ConfigurationException
                || exception instanceof CommandFailedException
                || exception instanceof BackupException) {
            err.println(Secrets.hide(String.valueOf(exception.getMessage())));
            LOG.debug("command failed", exception);
        } else if (isExpected(exception)) {
            err.println("Failed: " + Secrets.hide(FileErrors.say(exception)));
            LOG.debug("command failed", exception);
        } else {
            err.println("Failed: "
                    + Secrets.hide(Objects.requireNonNullElse(exception.getMessage(), exception.toString())));
            LOG.error("command={} failed", command.getCommandName(), exception);
        }
        err.flush();
        return exception instanceof ConfigurationException || exception instanceof IllegalArgumentException
                ? ExitCode.USAGE
                : ExitCode.FAILED;
    }

    /** What a person or a disk can cause: its message says it all. Anything else is an error of ours, with its trace. */
    private static boolean isExpected(Exception exception) {
        return exception instanceof IOException
                || exception instanceof UncheckedIOException
                || exception instanceof StoreException
                || exception instanceof BactrianException
                || exception instanceof JournalException
                || exception instanceof IllegalArgumentException;
    }
}
