package io.bactrian.zeromq.socket.jeromq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMonitor;
import zmq.poll.IPollEvents;

class EagerListenerTest {
    private final List<Socket> peers = new ArrayList<>();
    private final List<SocketChannel> accepted = new ArrayList<>();
    private final IPollEvents one = new IPollEvents() {
        @Override
        public void acceptEvent() {
            try {
                accepted.add(Objects.requireNonNull(listener.accept()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };
    private ServerSocketChannel listener;

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        listener.configureBlocking(false);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket peer : peers) {
            peer.close();
        }
        for (SocketChannel connection : accepted) {
            connection.close();
        }
        listener.close();
    }

    @Test
    void allWhoWaitAreAccepted() throws IOException {
        connect(10, listener.socket().getLocalPort());
        new EagerListener(one, listener).acceptEvent();
        assertThat(accepted).hasSize(10);
    }

    @Test
    void noMoreAreAcceptedAtOnceThanTheOthersCanWaitFor() throws IOException {
        connect(EagerListener.AT_ONCE + 5, listener.socket().getLocalPort());
        EagerListener eager = new EagerListener(one, listener);
        eager.acceptEvent();
        assertThat(accepted).hasSize(EagerListener.AT_ONCE);
        eager.acceptEvent();
        assertThat(accepted).hasSize(EagerListener.AT_ONCE + 5);
    }

    /** The selector that looks who waits must not keep the port. */
    @Test
    void thePortIsFreeWhenTheListenerIsClosed() throws IOException {
        connect(3, listener.socket().getLocalPort());
        new EagerListener(one, listener).acceptEvent();
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        listener.close();
        close();
        listener = ServerSocketChannel.open();
        listener.bind(address);
        assertThat(listener.getLocalAddress()).isEqualTo(address);
    }

    /** Fails with a JeroMQ that has other fields: then look whether it still needs this. */
    @Test
    void aListenerOfThisJeroMqAcceptsAllOnceItHasAcceptedTheFirst() throws Exception {
        AtomicReference<JeroMqEngines> engines = new AtomicReference<>(JeroMqEngines.BLIND);
        AtomicReference<SelectableChannel> channel = new AtomicReference<>();
        LinkedBlockingQueue<Boolean> eager = new LinkedBlockingQueue<>();
        try (ZMQ.Context context = ZMQ.context(1);
                ZMQ.Socket router = context.socket(SocketType.ROUTER)) {
            engines.set(JeroMqEngines.of(context));
            router.setEventHook(
                    event -> {
                        if (event.getEvent() == ZMonitor.Event.LISTENING) {
                            channel.set(event.getValue());
                        } else if (event.getEvent() == ZMonitor.Event.ACCEPTED) {
                            engines.get().acceptAll(channel.get());
                            eager.add(StackWalker.getInstance()
                                    .walk(frames -> frames.anyMatch(
                                            frame -> frame.getClassName().equals(EagerListener.class.getName()))));
                        }
                    },
                    ZMQ.EVENT_ALL);
            int port = router.bindToRandomPort("tcp://127.0.0.1");
            connect(1, port);
            assertThat(eager.poll(60, TimeUnit.SECONDS)).isFalse();
            connect(1, port);
            assertThat(eager.poll(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void connect(int count, int port) throws IOException {
        for (int i = 0; i < count; i++) {
            peers.add(new Socket(InetAddress.getLoopbackAddress(), port));
        }
    }
}
