package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.ExitCode;
import io.bactrian.federation.routes.CommandRefusedException;
import io.bactrian.federation.routes.StateClient;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bactrian alarms}: the alarms of a federation, as one node sees them. */
@Command(
        name = "alarms",
        description = {
            "Lists the alarms of a federation that are not closed, as one node sees them: state, since when, the name, and"
                    + " what it is about.",
            "Exit code 1 if --acknowledge was refused."
        })
public final class AlarmsCommand implements Callable<Integer> {
    private static final String ALARMS = ".alarms.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions where = new NodeOptions();

    @Option(names = "--all", description = "Also those that are closed.")
    private boolean all;

    @Option(
            names = "--acknowledge",
            paramLabel = "NAME",
            description = "Says that somebody has seen an alarm; NAME as it is listed, node.alarms.name.")
    private @Nullable String acknowledged;

    @Override
    @SuppressWarnings("try") // closing is what the notice is for
    public Integer call() {
        try (StateClient client = where.client();
                WaitingNotice notice = where.waiting(spec)) {
            if (acknowledged != null) {
                acknowledge(client, acknowledged);
            } else {
                list(client.snapshot("nodes.", where.answerMs()));
            }
            return ExitCode.OK;
        } catch (CommandRefusedException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    private void acknowledge(StateClient client, String key) {
        int at = key.indexOf(ALARMS);
        if (at < 1) {
            throw new ParameterException(
                    spec.commandLine(), "an alarm is named node.alarms.name, as bactrian alarms lists it, not: " + key);
        }
        String name = key.substring(at + ALARMS.length());
        client.command("alarms@" + key.substring(0, at), name.getBytes(StandardCharsets.UTF_8), where.answerMs());
    }

    private void list(Map<String, String> state) {
        PrintWriter out = spec.commandLine().getOut();
        state.forEach((key, value) -> {
            String[] words = value.split(" ", 3);
            if (key.contains(ALARMS) && words.length == 3 && (all || !words[0].equals("closed"))) {
                out.printf(
                        "%-12s %s  %s  %s%n", words[0], Instant.ofEpochMilli(Long.parseLong(words[1])), key, words[2]);
            }
        });
        out.flush();
    }
}
