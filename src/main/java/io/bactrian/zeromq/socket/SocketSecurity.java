package io.bactrian.zeromq.socket;

import io.bactrian.zeromq.socket.Security.CurveClient;
import io.bactrian.zeromq.socket.Security.CurveServer;
import io.bactrian.zeromq.socket.Security.PlainClient;
import io.bactrian.zeromq.socket.Security.PlainServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;

/**
 * The security of a socket: its options, its rule at the ZAP handler, and for CURVE a context of its own,
 * because its I/O thread has to encrypt, and is held back by the {@link ReceiveGate}. Owner thread only, where not
 * said otherwise.
 */
final class SocketSecurity {
    /** CURVE adds a command name, a nonce, an authenticator and flags to each frame. Source: RFC 26/CURVEZMQ. */
    private static final int CURVE_OVERHEAD = 33;

    private static final Logger LOG = LoggerFactory.getLogger(SocketSecurity.class);
    private static final String IPC = "ipc://";

    private final SocketContext shared;
    private final SocketSettings settings;
    private final SocketEvents events;
    private final @Nullable ReceiveGate gate;
    private final Frames frames;
    private volatile SocketContext context;
    private @Nullable String domain;

    SocketSecurity(SocketContext shared, SocketSettings settings, SocketEvents events, Frames frames) {
        this.frames = frames;
        this.shared = shared;
        this.context = shared;
        this.settings = settings;
        this.events = events;
        this.gate = frames.gate();
    }

    /** The context in which the socket is to be opened, once {@link #open} has returned. Any thread. */
    SocketContext context() {
        return context;
    }

    /**
     * Prepares what the socket needs to be there before it binds.
     *
     * @throws IOException if the admitted keys or users cannot be read
     */
    void open() throws IOException, InterruptedException {
        if (settings.security().encrypts()) {
            context = shared.dedicated();
        }
        register();
    }

    /** Prepares it once more, in the new life of its context. */
    void reopen() throws IOException, InterruptedException {
        deregister();
        register();
    }

    /**
     * Closes a socket of which an I/O thread is dead, and what that would have closed: connections, listeners, and the
     * files of those over ipc.
     */
    void abandon(ZMQ.Socket former, SocketContext.Life dead, List<String> boundAddresses) {
        former.setLinger(0);
        former.close();
        events.peers().abandon();
        dead.closeSelectors();
        for (String address : settings.bind() ? boundAddresses : List.<String>of()) {
            context.closed(address);
            if (address.startsWith(IPC)) {
                try {
                    Files.deleteIfExists(Path.of(address.substring(IPC.length())));
                } catch (IOException e) {
                    LOG.warn("the file of a socket is left socket={} address={}", settings.key(), address, e);
                }
            }
        }
    }

    private void register() throws IOException, InterruptedException {
        Security security = settings.security();
        if (security instanceof PlainServer server) {
            register(server.zapDomain(), new PlainUsers(server.users(), System::nanoTime));
        } else if (security instanceof CurveServer server) {
            register(
                    server.zapDomain(),
                    server.clientKeys() == null ? new AnyKey() : new ClientKeys(server.clientKeys(), System::nanoTime));
        }
    }

    private void register(@Nullable String name, ZapAuthenticator admission) throws IOException, InterruptedException {
        String registered = name == null ? context.newDomain() : name;
        context.zap().register(registered, admission, events::decided);
        domain = registered;
    }

    /** Sets the options, before the socket is bound or connected. */
    void secure(ZMQ.Socket socket) {
        String registered = domain;
        if (registered != null) {
            socket.setZapDomain(registered);
        }
        Security security = settings.security();
        if (security instanceof PlainServer) {
            socket.setPlainServer(true);
        } else if (security instanceof PlainClient client) {
            socket.setPlainUsername(client.username());
            socket.setPlainPassword(client.password());
        } else if (security instanceof CurveServer server) {
            keys(socket, server.keys());
            socket.setCurveServer(true);
        } else if (security instanceof CurveClient client) {
            keys(socket, client.keys());
            socket.setCurveServerKey(client.serverKey().octets());
        }
        if (security.encrypts()) {
            socket.setMaxMsgSize(socket.getMaxMsgSize() + CURVE_OVERHEAD);
        }
        if (gate != null) {
            socket.setRcvHWM(0);
        }
        socket.setMsgAllocator(frames);
    }

    private static void keys(ZMQ.Socket socket, CurveKeys keys) {
        socket.setCurvePublicKey(keys.publicKey().octets());
        socket.setCurveSecretKey(keys.secretOctets());
    }

    /** The socket has nothing to read. */
    void emptied() {
        if (gate != null) {
            gate.emptied();
        }
    }

    /** Whether the socket has something to send that ZeroMQ does not take. */
    void sending(boolean blocked) {
        if (gate != null) {
            gate.sending(blocked);
        }
    }

    /**
     * Whether what was received and not read has to be thrown away for the socket to go on.
     *
     * @param unread whether nobody is there to read it
     */
    boolean overflowing(boolean unread) {
        return gate != null
                && (gate.overflowing()
                        || (unread && gate.shut() && settings.kind().producing()));
    }

    /** Lets the I/O thread go on, so that it can close listeners. */
    void release() {
        if (gate != null) {
            gate.release();
        }
    }

    private void deregister() {
        String registered = domain;
        if (registered != null) {
            domain = null;
            context.zapIfOpen(zap -> zap.deregister(registered));
        }
    }

    /** Ends the rule and the context of the socket, which is closed. */
    void close() throws InterruptedException {
        deregister();
        SocketContext own = context;
        if (!own.equals(shared)) {
            own.close();
        }
    }
}
