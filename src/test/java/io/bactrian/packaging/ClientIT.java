package io.bactrian.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar in an application that has no more than what comes with it, and Camel's core: the program of the docs. */
class ClientIT {
    /** What Maven resolves for the artifact, without the jar itself. */
    private static final Pattern RESOLVED = Pattern.compile(
            "(HikariCP|h2|jeromq|jnacl|jspecify|slf4j-api|snakeyaml-engine|jakarta\\.(activation|xml\\.bind)-api"
                    + "|spring-(beans|core|jcl|jdbc|tx)"
                    + "|camel-(api|base|base-engine|core-engine|core-model|core-processor|core-reifier|dsl-support|health"
                    + "|kamelet|management-api|support|util|util-json|xml-jaxp-util|yaml-dsl|yaml-dsl-common"
                    + "|yaml-dsl-deserializers))-\\d[^/]*\\.jar");

    /** What the program needs of Camel itself. */
    private static final Pattern CORE = Pattern.compile("camel-(core-languages|direct|bean)-\\d[^/]*\\.jar");

    private static final int JARS_MAX = 35;
    private static final long BYTES_MAX = 18_500_000;
    private static final Pattern PROGRAM = Pattern.compile("(?s)```java\\n(.*?)```");

    @TempDir
    Path folder;

    @Test
    void theProgramOfTheDocsRuns() throws Exception {
        List<Path> jars = Stranger.jars(RESOLVED);
        long bytes = Files.size(Built.jar());
        for (Path jar : jars) {
            bytes += Files.size(jar);
        }
        System.out.println("a client: " + (1 + jars.size()) + " jars, " + bytes + " octets");
        assertThat(jars).hasSizeLessThan(JARS_MAX);
        assertThat(bytes).isLessThan(BYTES_MAX);

        List<Path> all = new ArrayList<>(jars);
        all.add(Built.jar());
        all.addAll(Stranger.jars(CORE));
        int port = Ports.free(4);
        Process hub = hub(port);
        try {
            String output = Stranger.run(
                    Stranger.JAVA,
                    folder,
                    "Example",
                    program(),
                    all,
                    String.valueOf(port),
                    String.valueOf(port + 1),
                    folder.resolve("data").toString());
            assertThat(output).contains("got hello").contains("answer");
        } finally {
            hub.destroyForcibly().waitFor();
        }
    }

    private static String program() throws IOException {
        Matcher program = PROGRAM.matcher(Files.readString(Path.of("docs/how-to/in-your-application.md")));
        assertThat(program.find()).isTrue();
        return program.group(1);
    }

    private Process hub(int port) throws IOException {
        return new ProcessBuilder(
                        Stranger.JAVA,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.bactrian.app.Main",
                        "run",
                        "hub",
                        "--data",
                        folder.resolve("hub").toString(),
                        "--set",
                        "bactrian.management.port=" + Ports.free(),
                        "--set",
                        "bactrian.hub.publish=tcp://127.0.0.1:" + port,
                        "--set",
                        "bactrian.hub.subscribe=tcp://127.0.0.1:" + (port + 1),
                        "--set",
                        "bactrian.hub.plain.in=tcp://127.0.0.1:" + (port + 2),
                        "--set",
                        "bactrian.hub.plain.out=tcp://127.0.0.1:" + (port + 3))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("hub.log").toFile())
                .start();
    }
}
