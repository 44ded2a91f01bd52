package io.bactrian.pubsub.client;

import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.WireException;
import io.bactrian.zeromq.socket.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of a client to its hub, which may be one of a pair: then there is a connection to each of the two, and one
 * is in use. The client moves on to the other when the hub says that it is not active, when its connection is closed while
 * that to the other stands, and when it is silent. The agent sees a hub that was connected again.
 *
 * <p>Any thread. The agent is called by one thread at a time.
 */
final class HubConnection {
    private static final Logger LOG = LoggerFactory.getLogger(HubConnection.class);
    private static final long START_NANOS = System.nanoTime();
    private static final long AGAIN_MIN_MS = 20;
    private static final long AGAIN_MAX_MS = 500;
    private static final long IDLE_MS = 100;

    private final List<String> addresses;
    private final Line.Agent agent;
    private final long silenceMs;
    private final List<Line> lines = new ArrayList<>();
    private volatile int used;
    /** Since when something that was sent has had no answer, 0 if nothing has. */
    private volatile long askedMs;

    // Guarded by this.
    private long againAtMs;
    private long againMs = AGAIN_MIN_MS;

    private HubConnection(List<String> addresses, long silenceMs, Line.Agent agent) {
        this.addresses = addresses;
        this.silenceMs = silenceMs;
        this.agent = agent;
    }

    /** Connects to each address, or goes on trying; the first is used first. */
    static HubConnection open(Transport transport, List<String> addresses, ClientSettings settings, Line.Agent agent) {
        HubConnection connection = new HubConnection(addresses, settings.silenceTime.toMillis(), agent);
        synchronized (connection) {
            try {
                for (int i = 0; i < addresses.size(); i++) {
                    Line.Agent one = addresses.size() == 1 ? agent : connection.new OneOf(i);
                    connection.lines.add(transport.connect(addresses.get(i), settings, one));
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

    /** See {@link Line#send(byte[])}. */
    boolean send(byte[] frame) {
        if (askedMs == 0) {
            askedMs = nowMs();
        }
        return lines.get(used).send(frame);
    }

    List<Line> lines() {
        return lines;
    }

    /** Where the hub is that is in use. */
    String address() {
        return addresses.get(used);
    }

    /** See {@link Line#obstacle}. */
    @Nullable String obstacle() {
        return lines.get(used).obstacle();
    }

    private void closeQuietly() {
        try {
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** See {@link Line#close}. */
    void close() throws InterruptedException {
        for (Line line : lines) {
            line.close();
        }
    }

    /** Goes on with the next hub that is connected, or with this one after a while if there is none. Holds the lock. */
    private void moveOn(String why, boolean atOnce) {
        int from = used;
        for (int step = 1; step < lines.size(); step++) {
            int next = (from + step) % lines.size();
            if (lines.get(next).isConnected()) {
                used = next;
                break;
            }
        }
        if (used != from) {
            LOG.debug("{} {}: goes on at {}", addresses.get(from), why, addresses.get(used));
        }
        askedMs = 0;
        againAtMs = nowMs() + (atOnce ? 0 : againMs);
        againMs = Math.min(AGAIN_MAX_MS, 2 * againMs);
        lines.get(used).wake();
    }

    private static boolean isNotActive(byte[] frame) {
        int code = Commands.codeOf(frame);
        if (code != Command.Refuse.CODE && code != Command.Error.CODE) {
            return false;
        }
        try {
            Command command = Commands.decode(frame);
            return command instanceof Command.Refuse refuse
                    ? refuse.reason() == Code.NOT_ACTIVE
                    : command instanceof Command.Error error && error.reason() == Code.NOT_ACTIVE;
        } catch (WireException e) {
            return false; // the agent counts it
        }
    }

    /** What runs on the line to one of several hubs. */
    private final class OneOf implements Line.Agent {
        private final int number;

        private OneOf(int number) {
            this.number = number;
        }

        @Override
        public void received(List<byte[]> frames) {
            synchronized (HubConnection.this) {
                if (number != used) {
                    return; // a late answer of the hub that was left
                }
                if (isNotActive(frames.get(0))) {
                    // The answers to all that was sent before say so too: once is enough.
                    if (againAtMs == 0) {
                        moveOn("is not active", false);
                    }
                    return;
                }
                askedMs = 0;
                againMs = AGAIN_MIN_MS;
                agent.received(frames);
            }
        }

        @Override
        public long work() {
            synchronized (HubConnection.this) {
                if (number != used) {
                    return IDLE_MS;
                }
                long now = nowMs();
                if (againAtMs > 0 && now >= againAtMs) {
                    againAtMs = 0;
                    agent.connected();
                } else if (againAtMs == 0) {
                    leaveIfGone(now);
                }
                long waitMs = agent.work();
                return againAtMs > 0 ? Math.max(1, Math.min(waitMs, againAtMs - now)) : waitMs;
            }
        }

        private void leaveIfGone(long now) {
            boolean otherStands = false;
            for (int i = 0; i < lines.size(); i++) {
                otherStands |= i != number && lines.get(i).isConnected();
            }
            if (otherStands && !lines.get(number).isConnected()) {
                moveOn("has closed the connection", true);
            } else if (otherStands && askedMs > 0 && now - askedMs > silenceMs) {
                moveOn("is silent", true);
            }
        }

        @Override
        public void connected() {
            synchronized (HubConnection.this) {
                if (number == used) {
                    againAtMs = 0;
                    agent.connected();
                }
            }
        }

        @Override
        public void failed(Throwable cause) {
            synchronized (HubConnection.this) {
                if (number == used) {
                    agent.failed(cause);
                }
            }
        }
    }
}
