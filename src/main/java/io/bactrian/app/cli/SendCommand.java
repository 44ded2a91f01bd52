package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.ExitCode;
import io.bactrian.federation.routes.CommandRefusedException;
import io.bactrian.federation.routes.StateClient;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian send TO BODY}: a command to an actor of any node, through one node. */
@Command(
        name = "send",
        description = {
            "Sends a command to an actor of a node, such as fan@nodes.root.a, and prints its answer.",
            "Exit code 1 if it was not done; the message says why and where."
        })
public final class SendCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions where = new NodeOptions();

    @Parameters(index = "0", paramLabel = "TO", description = "The receiver, actor@node.path.")
    private String to = "";

    @Parameters(index = "1", paramLabel = "BODY", defaultValue = "", description = "What the actor gets.")
    private String body = "";

    @Option(names = "--wait-ms", paramLabel = "MS", hidden = true, description = "As --timeout, in milliseconds.")
    private @Nullable Long waitMs;

    @Override
    @SuppressWarnings("try") // closing is what the notice is for
    public Integer call() {
        try (StateClient client = where.client();
                WaitingNotice notice = where.waiting(spec)) {
            long answerMs = waitMs == null ? where.answerMs() : waitMs;
            spec.commandLine().getOut().println(client.command(to, body.getBytes(StandardCharsets.UTF_8), answerMs));
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        } catch (CommandRefusedException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
    }
}
