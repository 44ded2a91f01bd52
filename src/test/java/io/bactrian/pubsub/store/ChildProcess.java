package io.bactrian.pubsub.store;

import io.bactrian.testing.JavaCommand;
import java.io.IOException;
import java.util.List;

/** Starts a class of the tests as a process of its own, on this Java and this class path. */
final class ChildProcess {
    private ChildProcess() {}

    static Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = JavaCommand.of(List.of("-Xmx128m"), main);
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
