package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.app.cli.GetCommand;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.WireException;
import io.bactrian.zeromq.socket.ProtocolSocket;
import io.bactrian.zeromq.socket.SocketContext;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The hub says once in a session that its log is damaged where a subscriber stands: here before it confirms the pattern. */
@Timeout(600)
class DamagedPlaceTest {
    private static final int SESSION = 3;

    @TempDir
    Path folder;

    private SocketContext context;
    private ProtocolSocket line;

    @BeforeEach
    void start() throws Exception {
        context = new SocketContext(1, 100);
        line = BareHub.router(context, 0, new DamagedHub());
    }

    @AfterEach
    void stop() throws Exception {
        line.close();
        context.close();
    }

    private final class DamagedHub implements ProtocolSocket.Agent {
        @Override
        public void received(List<byte[]> frames) {
            byte[] peer = frames.get(0);
            try {
                Command command = Commands.decode(frames.get(1));
                if (command instanceof Command.Attach attach) {
                    say(peer, new Command.Attached(attach.instance(), SESSION, 1, 1, 0, 10, 0, 0, Cause.NONE));
                } else if (command instanceof Command.Subscribe subscribe) {
                    say(peer, new Command.Error(SESSION, 0, Code.DAMAGED, "position 1 is damaged"));
                    say(peer, new Command.Subscribed(SESSION, subscribe.request(), 1, 1, 0));
                }
            } catch (WireException e) {
                throw new IllegalStateException(e);
            }
        }

        private void say(byte[] peer, Command command) {
            line.send(List.of(peer, command.encode()));
        }

        @Override
        public long work() {
            return 1_000;
        }

        @Override
        public void connected() {}

        @Override
        public void failed(Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    @Test
    void aConfirmedPatternDoesNotMakeASubscriberForgetThatItWaits() throws Exception {
        ClientSettings settings = ClientSettings.builder("s")
                .subscribePort(BareHub.port(line))
                .data(folder.resolve("data"))
                .build();
        try (Subscriber subscriber = Subscriber.open(settings)) {
            subscriber.subscribe("t", Start.OLDEST).get();
            assertThat(subscriber.waitsForRepair()).isTrue();
        }
    }

    @Test
    void getExitsWith1() {
        StringWriter err = new StringWriter();
        int code = new CommandLine(new GetCommand())
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true))
                .execute(
                        "t",
                        "--subscriber",
                        "s",
                        "--data",
                        folder.resolve("get").toString(),
                        "--subscribe-port",
                        String.valueOf(BareHub.port(line)));
        assertThat(code).as(err.toString()).isEqualTo(1);
        assertThat(err.toString()).contains("Not everything came", "position 1 is damaged");
    }
}
