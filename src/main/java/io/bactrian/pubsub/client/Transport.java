package io.bactrian.pubsub.client;

import io.bactrian.support.service.ServiceDirectory;
import io.bactrian.support.thread.NamedThreads;
import io.bactrian.wire.Limits;
import io.bactrian.zeromq.socket.ConnectionTimes;
import io.bactrian.zeromq.socket.PatternOptions;
import io.bactrian.zeromq.socket.PeerLimits;
import io.bactrian.zeromq.socket.ProtocolSocket;
import io.bactrian.zeromq.socket.QueueLimits;
import io.bactrian.zeromq.socket.SocketContext;
import io.bactrian.zeromq.socket.SocketKind;
import io.bactrian.zeromq.socket.SocketSettings;
import io.bactrian.zeromq.socket.Tuning;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ZeroMQ context of clients; several of them may share one. Any thread. */
public final class Transport implements AutoCloseable {
    private static final int SOCKETS_MAX = 1_000;
    private static final int HIGH_WATER_MARK = 1_000;
    private static final int LINGER_MS = 500;
    private static final int FRAME_BYTES_MAX = Limits.BATCH_BYTES_MAX + (4 << 20);
    private static final int FRAMES_MAX = 2;
    private static final int QUEUE_FRAMES = 10_000;
    private static final int BACKLOG_BYTES = 32 << 20;
    private static final QueueLimits QUEUES = new QueueLimits(
            HIGH_WATER_MARK, HIGH_WATER_MARK, LINGER_MS, FRAME_BYTES_MAX, FRAMES_MAX, QUEUE_FRAMES, BACKLOG_BYTES);

    /**
     * Of a thousand clients that connect at once to a hub that was started again each waits for its turn. One that gives its
     * connection up leaves it to the hub all the same, which then greets nobody, and comes later than the others. But for as long as this a connection stays that JeroMQ has stalled.
     */
    private static final int GREETING_MS = 1_000;

    private static final ConnectionTimes TIMES = ConnectionTimes.DEFAULT.withHandshakeInterval(GREETING_MS);

    private final SocketContext context;

    /** Clients name hosts. */
    public Transport() {
        this(null, NamedThreads.PLAIN);
    }

    /**
     * @param directory says where hubs are that clients name as {@code registry:NAME}
     * @param threads makes the threads of clients
     */
    public Transport(@Nullable ServiceDirectory directory, NamedThreads threads) {
        context = new SocketContext(1, SOCKETS_MAX, directory, threads);
    }

    /** Who makes the threads of clients. */
    NamedThreads threads() {
        return context.threads();
    }

    /** Connects a DEALER to a hub, or goes on trying. */
    ProtocolSocket connect(String address, ClientSettings client, ProtocolSocket.Agent agent) {
        try {
            return ProtocolSocket.open(context, settings(address, client), agent);
        } catch (IOException e) {
            throw new BactrianException("cannot connect to " + address + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BactrianException("interrupted while connecting to " + address, e);
        }
    }

    private static SocketSettings settings(String address, ClientSettings client) {
        return new SocketSettings(
                SocketKind.dealer,
                List.of(address),
                client.id,
                false,
                List.of(),
                QUEUES,
                TIMES,
                PatternOptions.DEFAULT,
                client.security,
                PeerLimits.DEFAULT,
                Tuning.DEFAULT);
    }

    @Override
    public void close() {
        context.close();
    }
}
