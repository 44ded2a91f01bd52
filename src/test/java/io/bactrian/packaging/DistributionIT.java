package io.bactrian.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The distribution as a user unpacks and calls it. */
@DisabledOnOs(OS.WINDOWS)
class DistributionIT {
    private static final String COMPONENTS = "META-INF/services/org/apache/camel/component/";
    private static final Pattern SCHEME = Pattern.compile("\\buri(?:: |=)\"?([a-z][a-z-]*):");

    @TempDir
    static Path folder;

    private static Path unpacked;

    @BeforeAll
    static void unpack() throws Exception {
        Path here = Files.createDirectory(folder.resolve("with a space"));
        Result tar = run(here, "tar", "xzf", Built.distribution().toString());
        assertThat(tar.exitCode()).as(tar.output()).isZero();
        unpacked = here.resolve("bactrian-" + Built.VERSION);
    }

    @Test
    void holdsWhatAUserNeeds() {
        assertThat(unpacked.resolve("bin/bactrian")).isExecutable();
        assertThat(unpacked.resolve("bin/bactrian.bat")).isRegularFile();
        assertThat(unpacked.resolve("lib/bactrian-" + Built.VERSION + ".jar")).isRegularFile();
        assertThat(unpacked.resolve("config/application.properties")).isRegularFile();
        assertThat(unpacked.resolve("LICENSE")).isRegularFile();
        assertThat(unpacked.resolve("lib").toFile().list())
                .as("no libraries of the tests")
                .noneMatch(name -> name.matches("(junit|assertj|awaitility|camel-test|archunit).*"));
    }

    /** The tests of the routes have more on their class path. */
    @Test
    void hasTheComponentOfEachEndpointOfItsRoutes() throws IOException {
        // Beans of the gateway.
        Set<String> components = new TreeSet<>(Set.of("platform-http-balancer", "platform-http-worker"));
        Set<String> schemes = new TreeSet<>();
        try (Stream<Path> jars = Files.list(unpacked.resolve("lib"));
                Stream<Path> routes = Files.walk(unpacked.resolve("routes"))) {
            jars.flatMap(jar -> Built.entries(jar).stream())
                    .filter(entry -> entry.startsWith(COMPONENTS))
                    .map(entry -> entry.substring(COMPONENTS.length()))
                    .forEach(components::add);
            for (Path file : routes.filter(Files::isRegularFile).toList()) {
                SCHEME.matcher(Files.readString(file))
                        .results()
                        .map(found -> found.group(1))
                        .forEach(schemes::add);
            }
        }
        assertThat(schemes).contains("zeromq", "scheduler");
        assertThat(components).containsAll(schemes);
    }

    @Test
    void startsThroughSymbolicLinksFromAnyFolder() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("linked"), unpacked.resolve("bin/bactrian"));
        Path again = Files.createSymbolicLink(folder.resolve("again"), Path.of("linked"));
        assertThat(link).exists();
        Result version = run(folder, again.toString(), "--version");
        assertThat(version.output()).startsWith("bactrian " + Built.VERSION);
        assertThat(version.exitCode()).isZero();
    }

    @Test
    void handsItsExitCodeAndItsOptionsOn() throws Exception {
        Result wrong = run(folder, unpacked.resolve("bin/bactrian").toString(), "no-such-command");
        assertThat(wrong.exitCode()).isEqualTo(2);
        Result options = run(
                folder,
                "env",
                "BACTRIAN_OPTS=-Xmx64m -Dbactrian.stop.timeout=x",
                unpacked.resolve("bin/bactrian").toString(),
                "status");
        assertThat(options.exitCode()).isEqualTo(2);
        assertThat(options.output()).contains("bactrian.stop.timeout = 'x' (-Dbactrian.stop.timeout)");
    }

    @Test
    void readsItsOwnConfiguration() throws Exception {
        Path extra = unpacked.resolve("config/application-mine.properties");
        Files.writeString(extra, "bactrian.routes=mine/none\n");
        Result run = run(folder, unpacked.resolve("bin/bactrian").toString(), "run", "mine");
        Files.delete(extra);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.output()).contains("config/application-mine.properties").doesNotContain("no role 'mine'");
    }

    @Test
    void saysWhenThereIsNoJava() throws Exception {
        Result run = run(
                folder,
                "env",
                "JAVA_HOME=/nowhere",
                unpacked.resolve("bin/bactrian").toString(),
                "--version");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output()).contains("no Java at '/nowhere/bin/java'");
    }

    @Test
    void theJarLeavesLogAndConfigurationOfAHostAlone() {
        assertThat(Built.entries(Built.jar()))
                .contains("io/bactrian/config/application.properties", "io/bactrian/config/logback.xml")
                .doesNotContain("logback.xml", "application.properties", "log4j2.properties");
    }

    private record Result(int exitCode, String output) {}

    private static Result run(Path workingFolder, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(workingFolder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), Files.readString(output));
    }
}
