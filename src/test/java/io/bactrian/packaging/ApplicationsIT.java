package io.bactrian.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The applications of the page about them, as it has them: one Maven builds them all, from the artifacts as they are installed. They talk to
 * the hub of the installed program.
 */
@DisabledOnOs(OS.WINDOWS)
class ApplicationsIT {
    private static final Path PAGE = Path.of("docs/how-to/in-your-application.md");
    private static final Pattern FILE = Pattern.compile("(?ms)^`([\\w./-]+/[\\w.-]+)`\n\n```\\w+\n(.*?)^```");
    /** The command for jbang; its groups are the version of Camel and what Camel JBang gets. */
    private static final Pattern JBANG =
            Pattern.compile("(?m)^ {4}jbang -Dcamel\\.jbang\\.version=(\\S+) camel@apache/camel (run .+)$");

    private static final String MAIN = "org.apache.camel.main.Main";
    private static final String COPY_DEPENDENCIES =
            "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
    private static final Duration PATIENCE = Duration.ofSeconds(180);
    /** The first time in a repository of the build that has never heard of Spring Boot's plugin, all of it comes from afar. */
    private static final Duration BUILD_PATIENCE = Duration.ofMinutes(10);

    /** A local repository of Maven of its own, which is filled from the one of the build. It outlives a run, to be quick the next time. */
    private static final Path REPOSITORY = Built.folder().resolve("applications-repository");

    @TempDir
    static Path folder;

    private static Process hub;
    private static int publish;
    private static int subscribe;

    @BeforeAll
    static void buildAndStartTheHub() throws Exception {
        install("bactrian", Path.of("pom.xml"), Built.jar());
        install("camel-zeromq", Built.pom("camel-zeromq"), Built.componentJar());
        install("bactrian-hub", Built.pom("bactrian-hub"), null);
        writeTheFilesOfThePage();
        for (String file : List.of(
                "java/org/example/Application.java",
                "resources/application.yaml",
                "resources/db/migration/V1__orders.sql")) {
            copy("spring-boot/src/main/" + file, "boots-h2/src/main/" + file);
        }
        write(
                "boots-h2/pom.xml",
                Files.readString(folder.resolve("spring-boot/pom.xml"))
                        .replace("with-spring-boot", "with-boots-h2")
                        .replaceFirst("(?m)^ *<h2.version>.*\n", ""));
        for (String house : List.of("camel-main", "spring-boot", "boots-h2")) {
            copy("orders/application.properties", house + "/src/main/resources/application.properties");
            copy("orders/orders.camel.yaml", house + "/src/main/resources/camel/orders.camel.yaml");
        }
        write("component/pom.xml", bare("camel-zeromq", ""));
        write("client/pom.xml", bare("bactrian", ""));
        write("hub/pom.xml", bare("bactrian-hub", "<type>pom</type>"));
        write("jbang/pom.xml", bare("org.apache.camel", "camel-jbang-core", jbang().group(1), ""));
        build("plain", "camel-main", "spring-boot", "boots-h2", "component", "client", "hub", "jbang");
        startTheHub();
    }

    @AfterAll
    static void stopTheHub() throws InterruptedException {
        if (hub != null) {
            hub.destroyForcibly().waitFor();
        }
    }

    @Test
    void theArtifactsBringNoMoreThanTheyMust() throws IOException {
        assertBrings("component", 14, 3_700_000);
        assertBrings("client", 35, 18_500_000);
        assertBrings("plain", 80, 26_000_000);
        assertBrings("camel-main", 42, 20_000_000);
        assertBrings("spring-boot", 120, 35_000_000);
        assertBrings("hub", 190, 95_000_000);
    }

    @Test
    void aPlainContext() throws Exception {
        assertThat(plain("plain", "-cp", classPath("plain"), "Example")).contains("got hello", "answer");
    }

    @Test
    void aPlainContextInOneJar() throws Exception {
        assertThat(plain("shaded", "-jar", path("plain/target/plain-1.jar"))).contains("got hello", "answer");
    }

    @Test
    void camelMain() throws Exception {
        runRoutes("camel-main", List.of("-cp", classPath("camel-main"), MAIN));
    }

    @Test
    void springBootWithTablesAndFlywayOfItsOwn() throws Exception {
        String output = runRoutes("spring-boot", List.of("-jar", path("spring-boot/target/with-spring-boot-1.jar")));
        assertThat(output)
                .containsOnlyOnce("Successfully applied 1 migration to schema \"PUBLIC\"")
                .doesNotContain("is tested to keep after a crash");
    }

    /** Without the line of the page's POM that names the version of H2. */
    @Test
    void springBootWithItsOwnH2IsToldThatItIsAnother() throws Exception {
        assertThat(runRoutes("boots-h2", List.of("-jar", path("boots-h2/target/with-boots-h2-1.jar"))))
                .containsOnlyOnce("H2 is 2.3.232, but only 2.4.240 is tested to keep after a crash what was synced");
    }

    /**
     * Camel JBang itself, without the program that fetches and starts it. It finds the artifacts where Maven installs them, and keeps its own
     * files in the home of the user, which is one of the test.
     */
    @Test
    void camelJBang() throws Exception {
        write("jbang/CamelJBang.java", """
                public class CamelJBang {
                    public static void main(String[] arguments) {
                        org.apache.camel.dsl.jbang.core.commands.CamelJBangMain.run(arguments);
                    }
                }
                """);
        copy("orders/application.properties", "jbang-home/application.properties");
        copy("orders/orders.camel.yaml", "jbang-home/orders.camel.yaml");
        List<String> command = new ArrayList<>(List.of(
                "-Duser.home=" + path("jbang-home"),
                "-Dmaven.repo.local=" + REPOSITORY.toAbsolutePath(),
                "-cp",
                path("jbang/target/dependency/*"),
                path("jbang/CamelJBang.java")));
        command.addAll(List.of(jbang().group(2).split(" ")));
        assertThat(runRoutes("jbang", command)).doesNotContain("Error downloading");
    }

    private static Matcher jbang() throws IOException {
        Matcher command = JBANG.matcher(Files.readString(PAGE));
        assertThat(command.find()).as("the page has a command for jbang").isTrue();
        return command;
    }

    /** Runs the plain application, which ends by itself. */
    private static String plain(String name, String... command) throws Exception {
        Path home = Files.createDirectory(folder.resolve(name + "-home"));
        List<String> all = new ArrayList<>(List.of(Stranger.JAVA));
        all.addAll(List.of(command));
        all.addAll(List.of(
                String.valueOf(publish),
                String.valueOf(subscribe),
                home.resolve("data").toString()));
        Path output = home.resolve("output");
        Process process = start(home, output, all);
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    /** Runs the routes of the page until they have done their work, and says what the process has printed. */
    private static String runRoutes(String name, List<String> command) throws Exception {
        Path home = Files.createDirectories(folder.resolve(name + "-home"));
        List<String> all = new ArrayList<>(List.of(
                Stranger.JAVA,
                "-Dhub.publish=" + publish,
                "-Dhub.subscribe=" + subscribe,
                "-Dhub.subscriber=" + name,
                "-Dsocket=" + home.resolve("socket")));
        all.addAll(command);
        Path output = home.resolve("output");
        Process process = start(home, output, all);
        try {
            await().atMost(PATIENCE)
                    .until(() -> !process.isAlive() || Files.readString(output).contains("got answer to hello"));
            assertThat(process.isAlive()).as(Files.readString(output)).isTrue();
            assertThat(listeningPorts(process.pid()))
                    .as("ports that nobody asked for")
                    .isEmpty();
            assertThat(home.resolve("data/journal/orders")).isDirectory();
            assertThat(home.resolve("data/client")).isDirectory();
        } finally {
            process.destroyForcibly().waitFor();
        }
        return Files.readString(output);
    }

    private static Process start(Path home, Path output, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static void startTheHub() throws IOException {
        int ports = Ports.free(5);
        publish = ports;
        subscribe = ports + 1;
        List<String> command =
                new ArrayList<>(List.of(Stranger.JAVA, "-cp", classPath("hub"), "io.bactrian.app.Main", "run", "hub"));
        List.of(
                        "bactrian.hub.publish=tcp://127.0.0.1:" + publish,
                        "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribe,
                        "bactrian.hub.plain.in=tcp://127.0.0.1:" + (ports + 2),
                        "bactrian.hub.plain.out=tcp://127.0.0.1:" + (ports + 3),
                        "bactrian.management.port=" + (ports + 4))
                .forEach(set -> command.addAll(List.of("--set", set)));
        Path home = Files.createDirectory(folder.resolve("hub-home"));
        hub = start(home, home.resolve("output"), command);
    }

    /** The TCP ports that a process listens to, as the kernel of Linux tells them. */
    private static List<String> listeningPorts(long pid) throws IOException {
        Path sockets = Path.of("/proc/" + pid + "/fd");
        if (!Files.isDirectory(sockets)) {
            return List.of();
        }
        List<String> own = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(sockets)) {
            for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
                if (Files.isSymbolicLink(descriptor)) {
                    own.add(Files.readSymbolicLink(descriptor).toString());
                }
            }
        }
        List<String> ports = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
                String[] columns = line.trim().split("\\s+");
                if (columns[3].equals("0A") && own.contains("socket:[" + columns[9] + "]")) {
                    ports.add(columns[1]);
                }
            }
        }
        return ports;
    }

    private static void assertBrings(String application, int jarsMax, long octetsMax) throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.list(folder.resolve(application).resolve("target/dependency"))) {
            jars = files.toList();
        }
        long octets = 0;
        for (Path jar : jars) {
            octets += Files.size(jar);
        }
        System.out.println(application + ": " + jars.size() + " jars, " + octets + " octets");
        assertThat(jars).as(application).hasSizeLessThanOrEqualTo(jarsMax);
        assertThat(octets).as(application).isLessThanOrEqualTo(octetsMax);
    }

    private static String classPath(String application) {
        return path(application + "/target/classes") + File.pathSeparator + path(application + "/target/dependency/*");
    }

    private static String path(String name) {
        return folder.resolve(name).toString();
    }

    private static void install(String artifact, Path pom, Path jar) throws IOException {
        Path target = Files.createDirectories(
                REPOSITORY.resolve("io/bactrian").resolve(artifact).resolve(Built.VERSION));
        String name = artifact + "-" + Built.VERSION;
        Files.copy(pom, target.resolve(name + ".pom"), StandardCopyOption.REPLACE_EXISTING);
        if (jar != null) {
            Files.copy(jar, target.resolve(name + ".jar"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void writeTheFilesOfThePage() throws IOException {
        Matcher file = FILE.matcher(Files.readString(PAGE));
        while (file.find()) {
            write(file.group(1), file.group(2));
        }
    }

    private static void write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static void copy(String from, String to) throws IOException {
        write(to, Files.readString(folder.resolve(from)));
    }

    /** The POM of an application that has nothing but one artifact of ours. */
    private static String bare(String artifact, String type) {
        return bare("io.bactrian", artifact, Built.VERSION, type);
    }

    private static String bare(String group, String artifact, String version, String type) {
        return """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>org.example</groupId>
                  <artifactId>with-%2$s</artifactId>
                  <version>1</version>
                  <packaging>pom</packaging>
                  <dependencies>
                    <dependency>
                      <groupId>%1$s</groupId>
                      <artifactId>%2$s</artifactId>
                      <version>%3$s</version>
                      %4$s
                    </dependency>
                  </dependencies>
                </project>
                """.formatted(group, artifact, version, type);
    }

    private static void build(String... applications) throws Exception {
        String modules = String.join("</module><module>", applications);
        write("pom.xml", """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>org.example</groupId>
                  <artifactId>applications</artifactId>
                  <version>1</version>
                  <packaging>pom</packaging>
                  <modules><module>%s</module></modules>
                </project>
                """.formatted(modules));
        String built = """
                <repository>
                  <id>build</id>
                  <url>%s</url>
                  <releases><checksumPolicy>ignore</checksumPolicy></releases>
                  <snapshots><enabled>false</enabled></snapshots>
                </repository>
                """.formatted(
                        Path.of(System.getProperty("bactrian.build.repository")).toUri());
        write("settings.xml", """
                <settings>
                  <profiles>
                    <profile>
                      <id>build</id>
                      <repositories>%s</repositories>
                      <pluginRepositories>%s</pluginRepositories>
                    </profile>
                  </profiles>
                  <activeProfiles><activeProfile>build</activeProfile></activeProfiles>
                </settings>
                """.formatted(built, built.replace("repository>", "pluginRepository>")));
        Path output = folder.resolve("build.output");
        Process maven = start(
                folder,
                output,
                List.of(
                        Path.of(System.getProperty("bactrian.build.maven"), "bin", "mvn")
                                .toString(),
                        "-B",
                        "-gs",
                        path("settings.xml"),
                        "-Dmaven.repo.local=" + REPOSITORY.toAbsolutePath(),
                        // Maven's own file says which repository a jar is from; Camel JBang would fetch those of
                        // another one again.
                        "-Daether.enhancedLocalRepository.trackingFilename=applications.repositories",
                        "-Dmaven.test.skip=true",
                        "package",
                        COPY_DEPENDENCIES,
                        "-DincludeScope=runtime"));
        try {
            assertThat(maven.waitFor(BUILD_PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("Maven has ended")
                    .isTrue();
        } finally {
            maven.destroyForcibly();
        }
        assertThat(maven.exitValue()).as(Files.readString(output)).isZero();
    }
}
