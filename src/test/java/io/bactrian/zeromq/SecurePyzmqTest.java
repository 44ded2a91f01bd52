package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Tools;
import io.bactrian.zeromq.socket.PasswordHash;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CURVE and PLAIN with libzmq, both ways, with certificates that pyzmq has written. */
@Tag("slow")
class SecurePyzmqTest extends ZeroMqTest {
    private static final String CLIENT = """
            import sys, zmq, zmq.auth
            address, folder, who = sys.argv[1:4]
            c = zmq.Context(); s = c.socket(zmq.REQ); s.linger = 0
            s.curve_publickey, s.curve_secretkey = zmq.auth.load_certificate(folder + '/' + who + '.key_secret')
            s.curve_serverkey = zmq.auth.load_certificate(folder + '/server.key')[0]
            s.connect(address)
            s.send(b'from ' + who.encode())
            print(s.recv().decode() if s.poll(int(sys.argv[4])) else 'silence')
            """;

    private static final String SERVER = """
            import sys, zmq, zmq.auth
            from zmq.auth.thread import ThreadAuthenticator
            mechanism, folder = sys.argv[1:3]
            c = zmq.Context(); a = ThreadAuthenticator(c); a.start()
            s = c.socket(zmq.REP)
            if mechanism == 'curve':
                a.configure_curve(domain='*', location=folder + '/admitted')
                s.curve_publickey, s.curve_secretkey = zmq.auth.load_certificate(folder + '/server.key_secret')
                s.curve_server = True
            else:
                a.configure_plain(domain='*', passwords={'ann': 'right'})
                s.plain_server = True
            print(s.bind_to_random_port('tcp://127.0.0.1'), flush=True)
            while True: s.send(b're: ' + s.recv())
            """;

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void makeCertificates() throws Exception {
        Files.createDirectory(folder.resolve("admitted"));
        run("""
                import sys, shutil, zmq.auth
                for name in ('server', 'client', 'stranger'):
                    zmq.auth.create_certificates(sys.argv[1], name, {'e-mail': name + '@example.org'})
                shutil.copy(sys.argv[1] + '/client.key', sys.argv[1] + '/admitted')
                """, folder.toString());
    }

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process start(String program, String... arguments) throws Exception {
        Process process = Tools.python(program, arguments);
        processes.add(process);
        return process;
    }

    private String run(String program, String... arguments) throws Exception {
        Process process = start(program, arguments);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.strip();
    }

    private SocketView socket(String name) {
        return sockets().stream()
                .filter(s -> s.settings().socketName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private String answering(String options) throws Exception {
        String rep = "zeromq:rep:" + FREE + "?socketName=server&" + options;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(rep).transform(body().prepend("re: "));
            }
        });
        return bound(rep);
    }

    private Exchange ask(String uri) {
        return context.createProducerTemplate().request(uri, e -> e.getMessage().setBody("hello"));
    }

    @Test
    void pyzmqClientsOfACurveServer() throws Exception {
        String address = answering("security=curve&curveKeyFile=" + folder + "/server.key_secret&curveClientKeys="
                + folder.resolve("admitted"));
        assertThat(run(CLIENT, address, folder.toString(), "client", "20000")).isEqualTo("re: from client");
        assertThat(run(CLIENT, address, folder.toString(), "stranger", "500")).isEqualTo("silence");
        assertThat(socket("server").counters().get(Counter.ADMITTED)).isEqualTo(1);
        assertThat(socket("server").counters().get(Counter.REFUSED)).isPositive();
    }

    @Test
    void clientOfAPyzmqCurveServer() throws Exception {
        String address = "tcp://127.0.0.1:"
                + start(SERVER, "curve", folder.toString()).inputReader().readLine();
        String options = "&security=curve&curveServerKeyFile=" + folder + "/server.key&curveKeyFile=" + folder;
        Exchange answer = ask("zeromq:req:" + address + "?socketName=friend" + options + "/client.key_secret");
        assertThat(answer.getException()).isNull();
        assertThat(answer.getMessage().getBody(String.class)).isEqualTo("re: hello");
        Exchange refused = ask("zeromq:req:" + address + "?socketName=stranger&requestTimeout=500&retries=0" + options
                + "/stranger.key_secret");
        assertThat(refused.getException()).isNotNull();
        assertThat(socket("stranger").counters().get(Counter.NOT_ADMITTED)).isPositive();
    }

    @Test
    void pyzmqClientsOfAPlainServer() throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "ann:" + PasswordHash.of("right", 1_000));
        String address = answering("security=plain&plainUsers=" + users);
        String program = """
                import sys, zmq
                c = zmq.Context(); s = c.socket(zmq.REQ); s.linger = 0
                s.plain_username = b'ann'; s.plain_password = sys.argv[2].encode()
                s.connect(sys.argv[1]); s.send(b'x')
                print(s.recv().decode() if s.poll(int(sys.argv[3])) else 'silence')
                """;
        assertThat(run(program, address, "right", "20000")).isEqualTo("re: x");
        assertThat(run(program, address, "wrong", "500")).isEqualTo("silence");
        assertThat(socket("server").counters().get(Counter.REFUSED)).isPositive();
    }

    @Test
    void clientOfAPyzmqPlainServer() throws Exception {
        String address = "tcp://127.0.0.1:"
                + start(SERVER, "plain", folder.toString()).inputReader().readLine();
        String options = "&security=plain&plainUsername=ann&plainPassword=";
        assertThat(ask("zeromq:req:" + address + "?socketName=friend" + options + "right")
                        .getMessage()
                        .getBody(String.class))
                .isEqualTo("re: hello");
        Exchange refused =
                ask("zeromq:req:" + address + "?socketName=stranger&requestTimeout=500&retries=0" + options + "wrong");
        assertThat(refused.getException()).isNotNull();
        // libzmq 4.3.4 writes the name of its refusal wrongly ("^RROR"), so only the lost connection tells.
        await().atMost(Duration.ofSeconds(60))
                .until(() -> socket("stranger").counters().get(Counter.DISCONNECTED) > 0);
    }
}
