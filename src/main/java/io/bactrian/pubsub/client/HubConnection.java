package io.bactrian.pubsub.client;

import io.bactrian.pubsub.core.HubChoice;
import io.bactrian.support.service.ServiceDirectory;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.zeromq.socket.ProtocolSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of a client to its hub, which may be one of a pair: then there is a connection to each of the two, and one
 * is in use. A hub that is named as a service may be one of a pair, too; its line follows the service by itself. The client
 * moves on to the other when the hub says that it is not active, when its connection is closed while
 * that to the other stands, and when it is silent. The agent sees a hub that was connected again.
 *
 * <p>Any thread. The agent is called by one thread at a time.
 */
final class HubConnection {
    private static final Logger LOG = LoggerFactory.getLogger(HubConnection.class);
    private static final long START_NANOS = System.nanoTime();
    private static final long IDLE_MS = 1_000;

    private final List<String> addresses;
    private final ProtocolSocket.Agent agent;
    private final byte[] probe;
    private final List<ProtocolSocket> sockets = new ArrayList<>();
    private final HubChoice choice;

    private HubConnection(List<String> addresses, ProtocolSocket.Agent agent, byte[] probe) {
        this.addresses = addresses;
        this.agent = agent;
        this.probe = probe;
        this.choice = new HubChoice(addresses.size());
    }

    /**
     * Connects to each address, or goes on trying; the first is used first.
     *
     * @param probe a frame that changes nothing, and that every hub answers
     */
    static HubConnection open(
            Transport transport,
            List<String> addresses,
            ClientSettings settings,
            ProtocolSocket.Agent agent,
            Command probe) {
        HubConnection connection = new HubConnection(addresses, agent, probe.encode());
        synchronized (connection) {
            try {
                for (int i = 0; i < addresses.size(); i++) {
                    boolean alone = addresses.size() == 1 && !addresses.get(0).startsWith(ServiceDirectory.SCHEME);
                    ProtocolSocket.Agent one = alone ? agent : connection.new OneOf(i);
                    connection.sockets.add(transport.connect(addresses.get(i), settings, one));
                }
            } catch (BactrianException e) {
                connection.closeQuietly();
                throw e;
            }
        }
        return connection;
    }

    /** Never 0. */
    private static long nowMs() {
        return 1 + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - START_NANOS);
    }

    /** See {@link ProtocolSocket#send(byte[])}. */
    boolean send(byte[] frame) {
        if (Commands.isAnswered(frame)) {
            choice.waits(nowMs());
        }
        choice.asked(nowMs());
        return sockets.get(choice.used()).send(frame);
    }

    /** Has {@link ProtocolSocket.Agent#work} called soon. */
    void wake() {
        sockets.get(choice.used()).wake();
    }

    private void probe() {
        for (int i = 0; i < sockets.size(); i++) {
            if (i != choice.used() && isConnected(i)) {
                sockets.get(i).send(probe);
            }
        }
    }

    List<ProtocolSocket> sockets() {
        return sockets;
    }

    /** Where the hub is that is in use. */
    String address() {
        return addresses.get(choice.used());
    }

    /** See {@link ProtocolSocket#obstacle}. */
    @Nullable String obstacle() {
        return sockets.get(choice.used()).obstacle();
    }

    private void closeQuietly() {
        try {
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** See {@link ProtocolSocket#close}. */
    void close() throws InterruptedException {
        for (ProtocolSocket socket : sockets) {
            socket.close();
        }
    }

    private boolean isConnected(int number) {
        return sockets.get(number).isConnected();
    }

    /** Another hub may be in use. Holds the lock. */
    private void moved(int from) {
        int used = choice.used();
        if (used != from) {
            LOG.debug("{} is left: goes on at {}", addresses.get(from), addresses.get(used));
        }
        wake();
    }

    /** Says once that a hub was not used as its log is of an older epoch. Holds the lock. */
    private void tellOutdated(int number, byte[] frame) {
        if (choice.outdated() == 1 && Commands.logEpochOf(frame) > 0) {
            LOG.warn(
                    "{} of {} answers with a lower log epoch than the other: it was active before that one and does not know it"
                            + " yet, so nothing is sent to it or taken from it. If both were made anew, this client uses them"
                            + " 10 s after the other has said that it is not active, or when it is started anew",
                    addresses.get(number),
                    addresses);
        }
    }

    /** What runs on the line to one of several hubs. */
    private final class OneOf implements ProtocolSocket.Agent {
        private final int number;

        private OneOf(int number) {
            this.number = number;
        }

        @Override
        public void received(List<byte[]> frames) {
            synchronized (HubConnection.this) {
                byte[] frame = frames.get(0);
                if (choice.isAnswer(number, frame)) {
                    agent.received(frames);
                } else if (choice.refused(number, frame, nowMs(), HubConnection.this::isConnected)
                        == HubChoice.Next.MOVED) {
                    tellOutdated(number, frame);
                    moved(number);
                } else if (choice.probed(number, frame, nowMs()) == HubChoice.Next.MOVED) {
                    LOG.debug("{} is active", addresses.get(number));
                    sockets.get(number).wake();
                }
            }
        }

        @Override
        public long work() {
            synchronized (HubConnection.this) {
                if (number != choice.used()) {
                    return IDLE_MS;
                }
                long now = nowMs();
                switch (choice.work(now, HubConnection.this::isConnected)) {
                    case BEGIN -> agent.connected();
                    case MOVED -> moved(number);
                    case NOTHING -> {
                        if (choice.probes(now)) {
                            probe();
                        }
                    }
                }
                long waitMs = agent.work();
                return Math.max(1, Math.min(waitMs, choice.dueMs() - now));
            }
        }

        @Override
        public void connected() {
            synchronized (HubConnection.this) {
                if (choice.connected(number) == HubChoice.Next.BEGIN) {
                    agent.connected();
                } else {
                    wake();
                }
            }
        }

        @Override
        public void failed(Throwable cause) {
            synchronized (HubConnection.this) {
                if (number == choice.used()) {
                    agent.failed(cause);
                }
            }
        }
    }
}
