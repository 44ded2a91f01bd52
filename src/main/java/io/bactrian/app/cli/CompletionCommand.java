package io.bactrian.app.cli;

import io.bactrian.app.ExitCode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code bactrian completion}: what makes a shell complete the commands and options. */
@Command(
        name = "completion",
        description = {
            "Prints a script by which bash and zsh complete commands, options and their values.",
            "For this shell: source <(bactrian completion)",
            "For each bash: bactrian completion > ~/.local/share/bash-completion/completions/bactrian"
        })
public final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
        out.flush();
        return ExitCode.OK;
    }
}
