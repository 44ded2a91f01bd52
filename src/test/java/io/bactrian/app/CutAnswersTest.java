package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands that ask over HTTP say when an answer is cut off or is not what it should be: one line, without Java's terms alone. */
@Timeout(600)
@Tag("system")
class CutAnswersTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    @TempDir
    Path folder;

    private ServerSocket server;
    private volatile String answer = "";

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::answerAll, "answers");
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void answerAll() {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                BufferedReader request = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
                String line = request.readLine();
                while (line != null && !line.isEmpty()) {
                    line = request.readLine();
                }
                client.getOutputStream().write(answer.getBytes(UTF_8));
            } catch (IOException e) {
                // The client has gone, or the test has ended; its assertions tell.
                continue;
            }
        }
    }

    private String failure(String... command) {
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of(command));
        all.add("--set=bactrian.management.port=" + server.getLocalPort());
        all.add("--set=bactrian.discovery.http.port=" + server.getLocalPort());
        all.add("--set=bactrian.data=" + folder);
        assertThat(BactrianCommand.commandLine()
                        .setOut(new PrintWriter(new StringWriter()))
                        .setErr(new PrintWriter(err))
                        .execute(all.toArray(String[]::new)))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err.toString().lines()).as(err.toString()).hasSize(1);
        return err.toString();
    }

    @ParameterizedTest
    @CsvSource({"topics", "subscribers", "nodes", "nodes --json", "pair status"})
    void anAnswerThatIsNotWholeIsTold(String command) {
        String[] words = command.split(" ");
        answer = HEAD + "Content-Length: 100\r\n\r\n{\"bactrian\": {\"topics\"";
        assertThat(failure(words)).contains("its answer was cut off");
        answer = HEAD + "Transfer-Encoding: chunked\r\n\r\n7\r\n{\"bactri";
        assertThat(failure(words)).contains("its answer was cut off");
        answer = HEAD + "\r\n{\"bactrian\": {\"topics\"";
        assertThat(failure(words)).contains("its answer is not a complete JSON object: '{\"bactrian\": {\"topics\"'");
        answer = "";
        assertThat(failure(words)).contains("its answer was cut off");
        answer = "+PONG\r\n";
        assertThat(failure(words)).contains("127.0.0.1:" + server.getLocalPort());
    }

    @Test
    void ofAProcessThatIsDownTheChecksThatAreDownAreTold() {
        answer =
                "HTTP/1.1 503 Service Unavailable\r\n\r\n{\"status\": \"DOWN\", \"checks\": [{\"name\": \"context\", \"status\": \"UP\"},"
                        + " {\"name\": \"hub\", \"status\": \"DOWN\", \"message\": \"the disk of \\\\\\/data is full\"}]}";
        assertThat(failure("topics"))
                .contains("runs no hub: health says 503: hub is down: the disk of /data is full")
                .doesNotContain("context");
        answer = "HTTP/1.1 401 Unauthorized\r\n\r\ngive the user\n";
        assertThat(failure("topics")).contains("runs no hub: health says 401: give the user");
    }

    @Test
    void anActionWhoseAnswerIsNotWholeIsTold() throws IOException {
        Files.writeString(folder.resolve("management.token"), "0".repeat(64));
        answer = HEAD + "\r\n{\"request\": ";
        assertThat(failure("backup", "now")).contains("its answer is not a complete JSON object: '{\"request\": '");
    }

    @Test
    void aHostWithoutAnAddressIsTold() {
        // Too long for a name, so that no resolver is asked.
        assertThat(failure("topics", "--set=bactrian.management.host=" + "x".repeat(64) + ".invalid"))
                .contains("this host has no address");
    }
}
