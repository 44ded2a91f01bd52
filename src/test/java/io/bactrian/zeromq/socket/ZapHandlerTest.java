package io.bactrian.zeromq.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.zeromq.socket.ZapAuthenticator.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/** The ZAP handler as ZeroMQ asks it, and the rules behind it. */
class ZapHandlerTest {
    private static final int PATIENCE_MS = 60_000;

    @TempDir
    Path folder;

    private final SocketContext context = new SocketContext(1, 300);
    private final List<ZMQ.Socket> sockets = new ArrayList<>();
    private final Queue<Decision> decisions = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        sockets.forEach(ZMQ.Socket::close);
        context.close();
    }

    /** Asks as a server's session does; returns the status, or null without an answer. */
    private String ask(String domain, int waitMs, byte[]... credentials) throws IOException {
        ZMQ.Socket socket = context.open(SocketType.REQ);
        socket.setLinger(0);
        socket.setReceiveTimeOut(waitMs);
        sockets.add(socket);
        socket.connect("inproc://zeromq.zap.01");
        for (String frame :
                new String[] {"1.0", "1", domain, "127.0.0.1", "", credentials.length == 1 ? "CURVE" : "PLAIN"}) {
            socket.send(frame.getBytes(UTF_8), ZMQ.SNDMORE);
        }
        for (int i = 0; i < credentials.length; i++) {
            socket.send(credentials[i], i < credentials.length - 1 ? ZMQ.SNDMORE : 0);
        }
        String version = socket.recvStr();
        if (version == null) {
            return "no answer";
        }
        assertThat(version).isEqualTo("1.0");
        assertThat(socket.recvStr()).isEqualTo("1");
        String status = socket.recvStr();
        assertThat(socket.recvStr()).isNotEmpty();
        assertThat(socket.recvStr()).isEmpty();
        assertThat(socket.recv()).isEmpty();
        assertThat(socket.hasReceiveMore()).isFalse();
        return status;
    }

    private void register(String domain, ZapAuthenticator rule) throws Exception {
        context.zap().register(domain, rule, (address, decision) -> decisions.add(decision));
    }

    private static byte[] octets(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void eachDomainHasItsOwnRuleAndAnUnknownOneAdmitsNobody() throws Exception {
        byte[] key = CurveKeys.generate().publicKey().octets();
        register("open", new AnyKey());
        register("shut", new ClientKeys(folder, System::nanoTime));
        assertThat(ask("open", PATIENCE_MS, key)).isEqualTo("200");
        assertThat(ask("shut", PATIENCE_MS, key)).isEqualTo("400");
        assertThat(ask("other", PATIENCE_MS, key)).isEqualTo("400");
        assertThat(ask("open", PATIENCE_MS, octets("me"), octets("too"))).isEqualTo("400");
        assertThat(decisions).extracting(Decision::status).containsExactly(200, 400, 400);
        assertThatThrownBy(() -> register("open", new AnyKey())).hasMessageContaining("zapDomain=open is taken");
        context.zap().deregister("open");
        assertThat(ask("open", PATIENCE_MS, key)).isEqualTo("400");
    }

    @Test
    void whatCannotBeJudgedIsRefusedAndTheHandlerLives() throws Exception {
        register("broken", (request, slow, answer) -> {
            throw new IllegalStateException("for the test");
        });
        assertThat(ask("broken", PATIENCE_MS, new byte[32])).isEqualTo("400");
        register("open", new AnyKey());
        assertThat(ask("open", PATIENCE_MS, new byte[32])).isEqualTo("200");
    }

    @Test
    void aHandlerThatDiedAdmitsNobodyAndIsReported() throws Exception {
        register("open", new AnyKey());
        register("deadly", (request, slow, answer) -> {
            throw new StackOverflowError("for the test");
        });
        assertThat(context.failure()).isNull();
        assertThat(ask("deadly", 300, new byte[32])).isEqualTo("no answer");
        await().until(() -> context.failure() != null);
        assertThat(ask("open", 300, new byte[32])).isEqualTo("no answer");
    }

    /** Without a ZAP socket ZeroMQ would let everybody in. */
    @Test
    void behindADeadHandlerNoConnectionIsMade() throws Exception {
        CurveKeys keys = CurveKeys.generate();
        register("open", new AnyKey());
        register("deadly", (request, slow, answer) -> {
            throw new StackOverflowError("for the test");
        });
        ZMQ.Socket pull = secured(SocketType.PULL, keys);
        pull.setZapDomain("open");
        pull.setCurveServer(true);
        pull.setReceiveTimeOut(PATIENCE_MS);
        int port = pull.bindToRandomPort("tcp://127.0.0.1");
        connect(keys, port).send("before");
        assertThat(pull.recvStr()).isEqualTo("before");
        assertThat(ask("deadly", 300, new byte[32])).isEqualTo("no answer");
        await().until(() -> context.failure() != null);
        pull.setReceiveTimeOut(1_000);
        connect(keys, port).send("after");
        assertThat(pull.recvStr()).isNull();
    }

    private ZMQ.Socket connect(CurveKeys server, int port) throws IOException {
        ZMQ.Socket push = secured(SocketType.PUSH, CurveKeys.generate());
        push.setCurveServerKey(server.publicKey().octets());
        push.connect("tcp://127.0.0.1:" + port);
        return push;
    }

    private ZMQ.Socket secured(SocketType type, CurveKeys keys) throws IOException {
        ZMQ.Socket socket = context.open(type);
        socket.setLinger(0);
        socket.setHandshakeIvl(300);
        socket.setCurvePublicKey(keys.publicKey().octets());
        socket.setCurveSecretKey(keys.secretOctets());
        sockets.add(socket);
        return socket;
    }

    @Test
    void passwordsAreCheckedElsewhereAndWhatIsTooMuchIsPutOff() throws Exception {
        Path file = folder.resolve("users");
        Files.writeString(file, "# users\n\nann:" + PasswordHash.of("secret", 400_000) + "\n");
        register("users", new PlainUsers(file, System::nanoTime));
        register("open", new AnyKey());
        List<ZMQ.Socket> guessing = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ZMQ.Socket socket = context.open(SocketType.REQ);
            socket.setLinger(0);
            socket.connect("inproc://zeromq.zap.01");
            for (String frame : new String[] {"1.0", "1", "users", "127.0.0.1", "", "PLAIN", "ann"}) {
                socket.send(frame, ZMQ.SNDMORE);
            }
            socket.send("guess " + i);
            guessing.add(socket);
        }
        sockets.addAll(guessing);
        assertThat(ask("open", PATIENCE_MS, new byte[32])).isEqualTo("200");
        // The one who asked last may be answered before those who guess are read.
        await().untilAsserted(() -> assertThat(decisions)
                .filteredOn(d -> d.status() == Decision.LATER)
                .hasSizeGreaterThanOrEqualTo(30));
        assertThat(decisions).filteredOn(d -> d.status() == Decision.REFUSED).hasSizeLessThan(66);
    }

    @Test
    void usersAreAdmittedByTheirPasswordsAndTheFileIsReadAgain() throws Exception {
        Path file = folder.resolve("users");
        AtomicLong clock = new AtomicLong();
        Files.writeString(file, "ann:" + PasswordHash.of("sécret", 1_000) + "\n");
        register("users", new PlainUsers(file, clock::get));
        assertThat(ask("users", PATIENCE_MS, octets("ann"), octets("sécret"))).isEqualTo("200");
        assertThat(ask("users", PATIENCE_MS, octets("ann"), octets("sécret"))).isEqualTo("200");
        assertThat(ask("users", PATIENCE_MS, octets("ann"), octets("wrong"))).isEqualTo("400");
        assertThat(ask("users", PATIENCE_MS, octets("bob"), octets("sécret"))).isEqualTo("400");
        assertThat(ask("users", PATIENCE_MS, octets("bob"), octets(""))).isEqualTo("400");
        Files.writeString(file, "ann:" + PasswordHash.of("new", 1_000) + "\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        clock.addAndGet(1_000_000_000);
        assertThat(ask("users", PATIENCE_MS, octets("ann"), octets("sécret"))).isEqualTo("400");
        assertThat(ask("users", PATIENCE_MS, octets("ann"), octets("new"))).isEqualTo("200");
        Files.delete(file);
        clock.addAndGet(1_000_000_000);
        assertThat(ask("users", PATIENCE_MS, octets("ann"), octets("new"))).isEqualTo("400");
    }

    @Test
    void aWrongFileOfUsersIsNamedWithItsLine() throws Exception {
        Path file = folder.resolve("users");
        String good = "ann:" + PasswordHash.of("a", 1_000) + "\n";
        for (String bad : new String[] {"ann", ":x", "bob:clear", "ann:pbkdf2-sha256$1$YQ==$YQ==", good}) {
            Files.writeString(file, good + bad + "\n");
            assertThatThrownBy(() -> new PlainUsers(file, System::nanoTime))
                    .hasMessageContaining(file + " line 2 is wrong");
        }
    }

    @Test
    void aFolderOfKeysIsReadAgainWhenItChanges() throws Exception {
        CurveKeys keys = CurveKeys.generate();
        AtomicLong clock = new AtomicLong();
        register("keys", new ClientKeys(folder, clock::get));
        byte[] key = keys.publicKey().octets();
        assertThat(ask("keys", PATIENCE_MS, key)).isEqualTo("400");
        Files.writeString(folder.resolve("bad"), "no certificate");
        Files.writeString(folder.resolve("good"), CurveCertificate.publicText(keys.publicKey(), Map.of()));
        assertThat(ask("keys", PATIENCE_MS, key)).isEqualTo("400");
        clock.addAndGet(1_000_000_000);
        assertThat(ask("keys", PATIENCE_MS, key)).isEqualTo("200");
        Files.delete(folder.resolve("good"));
        clock.addAndGet(1_000_000_000);
        assertThat(ask("keys", PATIENCE_MS, key)).isEqualTo("400");
        Files.writeString(folder.resolve("good"), CurveCertificate.publicText(keys.publicKey(), Map.of()));
        clock.addAndGet(1_000_000_000);
        assertThat(ask("keys", PATIENCE_MS, key)).isEqualTo("200");
        Files.delete(folder.resolve("good"));
        Files.delete(folder.resolve("bad"));
        Files.delete(folder);
        clock.addAndGet(1_000_000_000);
        assertThat(ask("keys", PATIENCE_MS, key)).isEqualTo("400");
        Files.createDirectory(folder);
        assertThat(decisions)
                .extracting(Decision::peer)
                .containsOnly(keys.publicKey().fingerprint());
    }
}
