package io.bactrian.testing;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Programs of the operating system that some tests need; see {@link Required} for what happens without them.
 */
public final class Tools {
    private static final String PYTHON = "/usr/bin/python3";
    private static final long PROBE_TIMEOUT_S = 60;

    private Tools() {}

    /** The path of a Python 3 that has pyzmq; skips the test if there is none. */
    public static String pythonWithZmq() {
        require(runs(PYTHON, "-c", "import zmq"), "python3-zmq");
        return PYTHON;
    }

    /** The path of a program in the search path; skips the test if it is not installed. */
    public static String program(String name, String debianPackage) {
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            File file = new File(folder, name);
            if (file.canExecute()) {
                return file.getPath();
            }
        }
        require(false, debianPackage);
        throw new IllegalStateException("unreachable");
    }

    /** Skips the test, or fails it, unless something is present. */
    public static void require(boolean present, String debianPackage) {
        if (!present) {
            Required.missing(debianPackage + ": apt-get install " + debianPackage);
        }
    }

    /** Starts a Python program from its text; its output and errors go to the test's output. */
    public static Process python(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(pythonWithZmq(), "-c", program));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static boolean runs(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(PROBE_TIMEOUT_S, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
