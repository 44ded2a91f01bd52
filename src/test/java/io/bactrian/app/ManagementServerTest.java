package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.console.DevConsole;
import org.apache.camel.console.DevConsoleRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The management server of a hub, asked by raw HTTP as anybody on this machine can ask it, or a page in its browser. */
class ManagementServerTest {
    private static final Set<String> READS = Set.of(
            "/observe/health",
            "/observe/health/live",
            "/observe/health/ready",
            "/observe/metrics",
            "/q/dev",
            "/q/dev/bactrian",
            "/q/dev/bactrian-backup",
            "/q/dev/zeromq",
            "/q/dev/journal",
            "/q/dev/pair",
            "/q/dev/speed",
            "/q/dev/witness",
            "/q/dev/discovery",
            "/q/dev/context",
            "/q/dev/memory",
            "/q/dev/inflight");

    @TempDir
    static Path folder;

    private static final int PORT = Ports.free();
    private static Application application;

    /** One hub for most of the tests, as none of them may change anything. */
    @BeforeAll
    static void startHub() {
        application =
                start(List.of("hub", "backup"), Map.of("bactrian.management.hosts", "hub.example, other.example"));
    }

    @AfterAll
    static void stopHub() {
        application.close();
    }

    private static Application start(List<String> roles, Map<String, String> more) {
        Map<String, String> overrides = new HashMap<>(Map.of(
                "bactrian.hub.publish", "tcp://127.0.0.1:" + Ports.free(),
                "bactrian.hub.subscribe", "tcp://127.0.0.1:" + Ports.free(),
                "bactrian.hub.plain.in", "tcp://127.0.0.1:" + Ports.free(),
                "bactrian.hub.plain.out", "tcp://127.0.0.1:" + Ports.free(),
                "bactrian.management.port", String.valueOf(PORT),
                "bactrian.data", folder.resolve("data").toString(),
                "bactrian.backup.intervalMs", "86400000"));
        overrides.putAll(more);
        return Application.start(Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                roles,
                overrides,
                Map.of(),
                new Properties()));
    }

    /** Sends a request as it is, and returns the status and the body. */
    private String ask(String method, String target, String... headers) throws IOException {
        return ask(PORT, method, target, headers);
    }

    private static String ask(int port, String method, String target, String... headers) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            List<String> lines = new ArrayList<>(List.of(method + " " + target + " HTTP/1.1", "Connection: close"));
            if (Stream.of(headers).noneMatch(header -> header.startsWith("Host:"))) {
                lines.add("Host: 127.0.0.1:" + port);
            }
            lines.addAll(List.of(headers));
            socket.getOutputStream().write((String.join("\r\n", lines) + "\r\n\r\n").getBytes(UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            return answer.substring("HTTP/1.1 ".length());
        }
    }

    @Test
    void everyPathThatTheServerOffersIsAReadOfTheListOrIsRefused() throws Exception {
        Path file = folder.resolve("touched");
        Set<String> paths = new TreeSet<>(READS);
        application.context().getCamelContextExtension().getContextPlugin(DevConsoleRegistry.class).stream()
                .map(DevConsole::getId)
                .forEach(id -> paths.add("/q/dev/" + id));
        Stream.of("info", "send/", "upload/x", "download/x", "jolokia/", "dev/all", "dev/index", "dev/")
                .forEach(path -> paths.add("/q/" + path));
        paths.addAll(List.of("/", "/observe", "/observe/info", "/q", "/q/dev/%73end", "/q/dev/bactrian/../send"));
        assertThat(paths).as("Camel offers consoles that act").contains("/q/dev/send", "/q/dev/receive");
        for (String path : paths) {
            String query = "?endpoint=exec:touch%3Fargs=" + file + "&now=true&action=stop&command=gc&body=x";
            for (String method : List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH")) {
                boolean good = method.equals("GET") && READS.contains(path);
                assertThat(ask(method, path + query)).as(method + " " + path).startsWith(good ? "200" : "40");
            }
        }
        assertThat(file).doesNotExist();
        assertThat(ask("GET", "/q/dev/bactrian-backup?now=true", "Accept: application/json"))
                .doesNotContain("\"request\"");
        assertThat(application.context().getStatus().isStarted()).isTrue();
        assertThat(ask("GET", "/observe/metrics")).containsPattern("bactrian_management_refused_total [1-9]");
    }

    @Test
    void everyConsoleOfOursIsServed() throws Exception {
        List<String> ours =
                application.context().getCamelContextExtension().getContextPlugin(DevConsoleRegistry.class).stream()
                        .filter(console -> console.getClass().getName().startsWith("io.bactrian."))
                        .map(DevConsole::getId)
                        .toList();
        assertThat(ours).hasSizeGreaterThan(5);
        for (String id : ours) {
            assertThat(ask("GET", "/q/dev/" + id)).as(id).startsWith("200");
        }
    }

    @Test
    void pagesOfOtherSitesAreRefused() throws Exception {
        assertThat(ask("GET", "/observe/health", "Host: evil.example")).startsWith("403");
        assertThat(ask("GET", "/observe/health", "Origin: http://evil.example")).startsWith("403");
        assertThat(ask("GET", "/observe/health", "Host: other.example")).startsWith("200");
        assertThat(ask("GET", "/observe/health")).startsWith("200").doesNotContain("Access-Control");
    }

    @Test
    void aBackupIsMadeByPostWithTheTokenAlone() throws Exception {
        Path file = folder.resolve("data/management.token");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String token = Files.readString(file).strip();
        assertThat(token).hasSize(64);
        assertThat(ask("POST", "/q/do/backup")).startsWith("403");
        assertThat(ask("POST", "/q/do/backup", "X-Bactrian-Token: " + token + "0"))
                .startsWith("403");
        assertThat(ask("GET", "/q/do/backup", "X-Bactrian-Token: " + token)).startsWith("405");
        assertThat(ask("POST", "/q/do/backup", "X-Bactrian-Token: " + token, "Origin: http://evil.example"))
                .startsWith("403");
        assertThat(ask("POST", "/q/do/backup", "X-Bactrian-Token: " + token))
                .startsWith("202")
                .contains("\"request\":1");
        assertThat(application.context().isStarted()).isTrue();
    }

    @Test
    void withAUserEveryPathNeedsThePassword() throws Exception {
        int other = Ports.free();
        Map<String, String> user = Map.of(
                "bactrian.management.user",
                "anna",
                "bactrian.management.password",
                "pässword",
                "bactrian.management.port",
                String.valueOf(other),
                "bactrian.data",
                folder.resolve("other").toString(),
                "bactrian.forward.in",
                "tcp://127.0.0.1:" + Ports.free(),
                "bactrian.forward.out",
                "tcp://127.0.0.1:" + Ports.free());
        try (Application forward = start(List.of("forward"), user)) {
            String basic =
                    "Authorization: Basic " + Base64.getEncoder().encodeToString("anna:pässword".getBytes(UTF_8));
            for (String path : READS) {
                assertThat(ask(other, "GET", path)).as(path).startsWith("401");
            }
            assertThat(ask(other, "GET", "/observe/health", basic)).startsWith("200");
            assertThat(ask(other, "GET", "/q/dev/zeromq", basic)).startsWith("200");
            assertThat(forward.context().isStarted()).isTrue();
        }
    }

    @Test
    void whatWouldActForAnybodyStopsTheStart() {
        String other = String.valueOf(Ports.free());
        assertThatThrownBy(() -> start(
                        List.of("forward"),
                        Map.of("camel.management.sendEnabled", "true", "bactrian.management.port", other)))
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining("camel.management.sendEnabled");
        assertThatThrownBy(() -> start(
                        List.of("forward"),
                        Map.of(
                                "camel.server.enabled",
                                "true",
                                "camel.server.host",
                                "127.0.0.1",
                                "camel.server.port",
                                other,
                                "bactrian.management.port",
                                other)))
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining("a port of its own");
    }

    @Test
    void everyMeterOfOursHasAHelpTextAndANameAsPrometheusWantsThem() throws Exception {
        List<String> helps = ask("GET", "/observe/metrics")
                .lines()
                .filter(line -> line.startsWith("# HELP bactrian_"))
                .toList();
        assertThat(helps)
                .anyMatch(help -> help.startsWith("# HELP bactrian_backup_last_success_timestamp_seconds "))
                .anyMatch(help -> help.startsWith("# HELP bactrian_hub_accept_seconds "))
                .allMatch(help -> help.matches("# HELP bactrian(_[a-z]+)+ .+"));
    }

    @Test
    void theFiguresOfTheProcessAndTheJvmAreMetricsToo() throws Exception {
        assertThat(ask("GET", "/observe/metrics"))
                .contains(
                        "jvm_memory_used_bytes{",
                        "jvm_gc_live_data_size_bytes ",
                        "jvm_threads_live_threads ",
                        "process_cpu_usage ",
                        "process_files_open_files ",
                        "process_uptime_seconds ");
        // A pause is a metric once there was one, and the JVM tells of it on a thread of its own.
        System.gc();
        await().until(() -> ask("GET", "/observe/metrics").contains("jvm_gc_pause_seconds"));
    }

    @Test
    void aStartListsTheAddressesThatItServesAndNoOthers() {
        Configuration sameAddress = Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("hub"),
                Map.of(
                        "bactrian.hub.plain.in", address("bactrian.hub.plain.in"),
                        "bactrian.forward.in", address("bactrian.hub.plain.in"),
                        "bactrian.hub.publish", address("bactrian.hub.publish")),
                Map.of(),
                new Properties());
        assertThat(RunCommand.served(sameAddress, application))
                .containsOnlyKeys("bactrian.hub.plain.in", "bactrian.hub.publish");
    }

    @Test
    void anAddressOfIpv6ThatIsServedIsListed() throws Exception {
        String in = "tcp://[::1]:" + Ports.free();
        String out = "tcp://[::1]:" + Ports.free();
        Configuration configuration = Configuration.load(
                new Installation(Optional.of(Path.of("").toAbsolutePath())),
                List.of("forward"),
                Map.of(
                        "bactrian.forward.in",
                        in,
                        "bactrian.forward.out",
                        out,
                        "bactrian.management.port",
                        String.valueOf(Ports.free()),
                        "bactrian.data",
                        folder.resolve("ipv6").toString()),
                Map.of(),
                new Properties());
        try (Application forward = Application.start(configuration)) {
            assertThat(RunCommand.served(configuration, forward)).containsEntry("bactrian.forward.in", in);
        }
    }

    private static String address(String key) {
        return application
                .context()
                .getPropertiesComponent()
                .resolveProperty(key)
                .orElseThrow();
    }
}
