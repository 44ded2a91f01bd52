package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.TopicSequence;
import io.bactrian.wire.WireException;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** A command at a hub from before headers, which calls a batch that has some malformed. */
@Timeout(120)
@Tag("system")
class OlderHubTest {
    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();
    private final ZContext context = new ZContext();
    private final AtomicBoolean ending = new AtomicBoolean();
    private Thread hub;
    private int port;

    @BeforeEach
    void start() {
        ZMQ.Socket socket = context.createSocket(SocketType.ROUTER);
        port = socket.bindToRandomPort("tcp://127.0.0.1");
        socket.setReceiveTimeOut(20);
        hub = new Thread(() -> serve(socket), "older-hub");
        hub.start();
    }

    @AfterEach
    void stop() throws Exception {
        ending.set(true);
        hub.join();
        context.close();
    }

    private void serve(ZMQ.Socket socket) {
        while (!ending.get()) {
            ZMsg message = ZMsg.recvMsg(socket);
            if (message != null) {
                byte[] peer = message.pop().getData();
                answer(message.getLast().getData()).forEach(answer -> {
                    socket.sendMore(peer);
                    socket.send(answer.encode());
                });
            }
        }
        socket.close();
    }

    private static List<Command> answer(byte[] frame) {
        if (Batch.isBatch(frame)) {
            Batch batch = Batch.parseTrusted(frame);
            return List.of(
                    batch.hasHeaders()
                            ? new Command.Error(0, 0, Code.MALFORMED, "unknown flags of a batch")
                            : new Command.Ack(
                                    batch.epoch(), 1, List.of(new TopicSequence(batch.topic(), batch.last()))));
        }
        try {
            Command asked = Commands.decode(frame);
            if (asked instanceof Command.Hello hello) {
                return List.of(new Command.Welcome(hello.instance(), 1, 1, 1 << 20, 1 << 20));
            }
            if (asked instanceof Command.Open open) {
                return List.of(new Command.Opened(
                        open.epoch(),
                        open.accepted().stream()
                                .map(topic -> new TopicSequence(topic.topic(), 0))
                                .collect(Collectors.toList())));
            }
            return List.of();
        } catch (WireException e) {
            throw new IllegalStateException(e);
        }
    }

    private int put(String... more) {
        List<String> all = new ArrayList<>(List.of(
                "put",
                "t",
                "x",
                "--timeout",
                "3s",
                "--hub",
                "127.0.0.1:" + port + "/" + port,
                "--data",
                folder.resolve("data").toString()));
        all.addAll(List.of(more));
        err.getBuffer().setLength(0);
        return Main.run(new ByteArrayOutputStream(), new PrintWriter(err, true), all.toArray(String[]::new));
    }

    @Test
    void putWithHeadersSaysWhatToDoAndWithoutThemItIsAccepted() {
        assertThat(put("--header", "k=v")).isEqualTo(ExitCode.FAILED);
        String whatToDo =
                "the hub takes no headers, as it is older than this client: put without headers, or update the hub";
        assertThat(err.toString()).contains("waiting: ", whatToDo).doesNotContain("\tat ");
        assertThat(err.toString().lines().reduce((a, b) -> b).orElseThrow())
                .as("the last line")
                .contains("message 1: ", whatToDo);

        assertThat(put()).as(err::toString).isEqualTo(ExitCode.OK);
    }
}
