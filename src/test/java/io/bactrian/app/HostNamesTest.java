package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.BareHub;
import io.bactrian.testing.JavaCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hubs by names, as a file of hosts gives them to processes of their own. */
@Timeout(600)
class HostNamesTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final List<Process> processes = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void kill() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process bactrian(int publishPort, int subscribePort, String... arguments) throws IOException {
        List<String> command = JavaCommand.of(
                List.of("-Djdk.net.hosts.file=" + folder.resolve("hosts"), "-Dsun.net.inetaddr.negative.ttl=0"),
                Main.class);
        command.addAll(List.of(arguments));
        command.addAll(List.of("--publish-port", "" + publishPort, "--subscribe-port", "" + subscribePort));
        command.addAll(List.of("--data", folder.resolve("data").toString()));
        Process process = new ProcessBuilder(command)
                .redirectOutput(folder.resolve(arguments[0] + ".out").toFile())
                .redirectError(folder.resolve(arguments[0] + ".err").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private String told(String file) throws IOException {
        Path path = folder.resolve(file);
        return Files.exists(path) ? Files.readString(path, UTF_8) : "";
    }

    @Test
    @Tag("slow")
    void aNameThatIsNotKnownYetIsTriedUntilItIs() throws Exception {
        Files.writeString(folder.resolve("hosts"), "127.0.0.1 other\n");
        try (BareHub hub = new BareHub(folder.resolve("hub"))) {
            int publish = hub.publishPort();
            int subscribe = hub.subscribePort();
            Process put = bactrian(publish, subscribe, "put", "t", "hello", "--hub", "later");
            Process get = bactrian(
                    publish,
                    subscribe,
                    "get",
                    "t",
                    "--subscriber",
                    "s",
                    "--from",
                    "oldest",
                    "--count",
                    "1",
                    "--hub",
                    "later");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(List.of(told("put.err"), told("get.err")))
                            .allMatch(text -> text.contains("nobody knows the name later")));
            // The hub listens on IPv4 only.
            Files.writeString(folder.resolve("hosts"), "127.0.0.1 later\n::1 later\n");
            assertThat(put.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(get.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(put.exitValue()).as(told("put.err")).isZero();
            assertThat(get.exitValue()).as(told("get.err")).isZero();
            assertThat(told("get.out")).contains("hello");
        }
    }

    @Test
    void aRouteStartsAndLooksUpANameUntilItStops() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("zeromq:pull:tcp://no.such.name.invalid:5555?bind=false")
                            .to("mock:got");
                }
            });
            context.start();
            await().atMost(LONG).until(HostNamesTest::isLookingUp);
        }
        await().atMost(LONG).until(() -> !isLookingUp());
    }

    private static boolean isLookingUp() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().contains("bactrian-names-")
                        && thread.getName().contains("no.such.name.invalid"));
    }

    @Test
    @Tag("slow")
    void aNameThatHasOnlyIpv6IsReached() throws Exception {
        Files.writeString(folder.resolve("hosts"), "::1 six\n");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            server.setSoTimeout((int) LONG.toMillis());
            bactrian(server.getLocalPort(), server.getLocalPort(), "put", "t", "hello", "--hub", "six");
            try (Socket accepted = server.accept()) {
                assertThat(accepted.getInputStream().read()).as("the greeting").isEqualTo(0xff);
            }
        }
    }
}
