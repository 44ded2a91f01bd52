package io.bactrian.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs the program of somebody who has our jar of the component and other jars, and nothing of this project besides. */
final class Stranger {
    /** The Java of this process. */
    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static final int PATIENCE_S = 90;

    private Stranger() {}

    /**
     * Runs a program of one source file.
     *
     * @param java the Java to run it with
     * @param folder where its source and its output go
     * @param name of its class
     * @param jars those that it has beside the component's
     * @return what it has printed
     */
    static String run(String java, Path folder, String name, String source, List<Path> jars, String... arguments)
            throws Exception {
        Path program = Files.writeString(folder.resolve(name + ".java"), source);
        Path output = folder.resolve(name + ".output");
        List<Path> all = new ArrayList<>(List.of(Built.componentJar()));
        all.addAll(jars);
        List<String> command = new ArrayList<>(List.of(
                java,
                "-cp",
                String.join(File.pathSeparator, all.stream().map(Path::toString).toList()),
                program.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    /** The jars of the tests' class path with such names. */
    static List<Path> jars(Pattern names) {
        List<Path> jars = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> names.matcher(path.getFileName().toString()).matches())
                .toList();
        assertThat(jars).isNotEmpty();
        return jars;
    }
}
