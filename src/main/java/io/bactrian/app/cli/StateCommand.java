package io.bactrian.app.cli;

import io.bactrian.app.BactrianCommand;
import io.bactrian.app.CommandFailedException;
import io.bactrian.app.ExitCode;
import io.bactrian.federation.routes.CommandRefusedException;
import io.bactrian.federation.routes.StateClient;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian state get|set|watch}: the replicated state, as one node has it. */
@Command(
        name = "state",
        description = "Reads and changes the replicated state of a federation, at one of its nodes.",
        synopsisSubcommandLabel = "COMMAND")
public final class StateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw BactrianCommand.missing(spec);
    }

    @SuppressWarnings("try") // closing is what the notice is for
    @Command(name = "get", description = "Prints the keys that begin with a text, each with its value in a line.")
    int get(
            @Parameters(paramLabel = "PREFIX", defaultValue = "", description = "Default: all.") String prefix,
            @Mixin NodeOptions where) {
        try (StateClient client = where.client();
                WaitingNotice notice = where.waiting(spec)) {
            PrintWriter out = spec.commandLine().getOut();
            client.snapshot(prefix, where.answerMs()).forEach((key, value) -> out.println(key + " = " + value));
            out.flush();
            return ExitCode.OK;
        } catch (CommandRefusedException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    @SuppressWarnings("try") // closing is what the notice is for
    @Command(
            name = "set",
            description = "Changes a key: the node passes it to the owner, and the answer says whether it was done.")
    int set(
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", description = "The value; an empty one deletes the key.") String value,
            @Option(names = "--ttl", paramLabel = "SECONDS", description = "After which the key is deleted.") int ttl,
            @Mixin NodeOptions where) {
        try (StateClient client = where.client();
                WaitingNotice notice = where.waiting(spec)) {
            client.set(key, value.getBytes(StandardCharsets.UTF_8), ttl, where.answerMs());
            return ExitCode.OK;
        } catch (CommandRefusedException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    @Command(
            name = "watch",
            description = "Prints the keys that begin with a text, and then each change, until Ctrl-C.")
    int watch(
            @Parameters(paramLabel = "PREFIX", defaultValue = "", description = "Default: all.") String prefix,
            @Option(names = "--count", paramLabel = "N", description = "Ends after so many lines.") int count,
            @Mixin NodeOptions where)
            throws InterruptedException {
        try (StateClient client = where.client()) {
            PrintWriter out = spec.commandLine().getOut();
            client.watch(prefix, count, Duration.ofMillis(where.answerMs()), (key, value) -> {
                out.println(key + " = " + value);
                out.flush();
            });
            return ExitCode.OK;
        } catch (CommandRefusedException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
    }
}
