package io.bactrian.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of a Java process of a test, on this Java and this class path. */
public final class JavaCommand {
    private JavaCommand() {}

    /**
     * A process that starts fast, compiles little and trusts the class path: half the processor time of a default start.
     *
     * @param options of the virtual machine
     * @return a list that may be added to
     */
    public static List<String> of(List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote",
                "-XX:TieredStopAtLevel=1",
                // On two processors a second thread that compiles takes one from the tests.
                "-XX:CICompilerCount=1",
                "-XX:+UseSerialGC",
                // What is touched first is zeroed by the kernel: a young generation of 128 MiB costs more than its
                // collections.
                "-Xmn32m",
                "-XX:-UsePerfData",
                // A sixth of a hub's start; what is packed is tested with Camel's MBeans.
                "-Dorg.apache.camel.jmx.disabled=true"));
        command.addAll(LibraryArchive.options());
        command.addAll(options);
        command.addAll(List.of("-cp", LibraryArchive.classPath(), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The Java of this process. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
