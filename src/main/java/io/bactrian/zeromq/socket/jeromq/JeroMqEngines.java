package io.bactrian.zeromq.socket.jeromq;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;
import zmq.SocketBase;
import zmq.io.IOObject;
import zmq.io.IOThread;
import zmq.io.StreamEngine;
import zmq.io.coder.Decoder;
import zmq.io.mechanism.Mechanism;
import zmq.poll.IPollEvents;
import zmq.poll.Poller;

/**
 * Looks into the I/O threads of a context, of which JeroMQ 0.7.0 tells too little: whether a connection has completed its
 * handshake, and which frame it is about to receive. Its own limit ends with the greeting, so that a peer may be silent
 * afterwards for ever. And it has looked at what is received: an {@link InspectedMechanism} takes the place of the mechanism of
 * each connection. It also sees to it that an I/O thread waits on each connection that it has made, see {@link
 * #attend}. Other private fields of JeroMQ are only read. If JeroMQ has others, or does not open them to us, nothing is
 * known about any connection. Any thread, where not said otherwise.
 */
final class JeroMqEngines {
    private static final Logger LOG = LoggerFactory.getLogger(JeroMqEngines.class);

    /** The fields, found once. */
    private record Fields(
            Field poller,
            Field selector,
            Field handler,
            Field engine,
            Field handshaking,
            Field greeting,
            Field version,
            Field mechanism,
            Field decoder,
            Field inProgress,
            Field worker,
            Field handles,
            Field changed,
            Field socket,
            Field channel,
            Field identity,
            Field userId) {}

    private final List<Poller> pollers;
    private final Fields fields;

    private JeroMqEngines(List<Poller> pollers, Fields fields) {
        this.pollers = pollers;
        this.fields = fields;
    }

    static final JeroMqEngines BLIND = new JeroMqEngines(List.of(), noFields());

    @SuppressWarnings("NullAway") // never read, as there are no pollers
    private static Fields noFields() {
        return new Fields(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** The engines of a context that has its I/O threads, which come with its first socket. */
    static JeroMqEngines of(ZMQ.Context context) {
        try {
            Object ctx = PrivateFields.read(ZMQ.Context.class, context, "ctx");
            Fields fields = new Fields(
                    PrivateFields.open(IOThread.class, "poller"),
                    PrivateFields.open(Poller.class, "selector"),
                    PrivateFields.open(Poller.Handle.class, "handler"),
                    PrivateFields.open(IOObject.class, "handler"),
                    PrivateFields.open(StreamEngine.class, "handshaking"),
                    PrivateFields.open(StreamEngine.class, "greetingRecv"),
                    PrivateFields.open(StreamEngine.class, "zmtpVersion"),
                    PrivateFields.open(StreamEngine.class, "mechanism"),
                    PrivateFields.open(StreamEngine.class, "decoder"),
                    PrivateFields.open(Decoder.class, "inProgress"),
                    PrivateFields.open(Poller.class.getSuperclass(), "worker"),
                    PrivateFields.open(Poller.class, "fdTable"),
                    PrivateFields.open(Poller.class, "retired"),
                    PrivateFields.open(StreamEngine.class, "socket"),
                    PrivateFields.open(StreamEngine.class, "fd"),
                    PrivateFields.open(Mechanism.class, "identity"),
                    PrivateFields.open(Mechanism.class, "userId"));
            List<Poller> pollers = new ArrayList<>();
            for (Object thread : (List<?>) PrivateFields.read(zmq.Ctx.class, ctx, "ioThreads")) {
                pollers.add((Poller) fields.poller().get(thread));
            }
            return new JeroMqEngines(pollers, fields);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.warn("this JeroMQ does not show its connections: most limits of peers do not hold", e);
            return BLIND;
        }
    }

    /** Returns the state of the connection of a channel. */
    ConnectionState state(SelectableChannel channel) {
        StreamEngine engine = engine(channel);
        try {
            return engine == null ? ConnectionState.UNKNOWN : state(engine);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("the state of a connection cannot be read", e);
            return ConnectionState.UNKNOWN;
        }
    }

    private ConnectionState state(StreamEngine engine) throws IllegalAccessException {
        if (fields.handshaking().getBoolean(engine)) {
            return ConnectionState.HANDSHAKE;
        }
        Mechanism mechanism = (Mechanism) fields.mechanism().get(engine);
        if (mechanism == null) {
            return "V3".equals(String.valueOf(fields.version().get(engine)))
                    ? ConnectionState.HANDSHAKE
                    : ConnectionState.OLD;
        }
        return mechanism.status() == Mechanism.Status.READY ? ConnectionState.READY : ConnectionState.HANDSHAKE;
    }

    /** On the I/O thread of the connection: whether its peer has not sent an octet yet. */
    boolean isSilent(SelectableChannel channel) {
        try {
            StreamEngine engine = ownEngine(channel);
            return engine != null
                    && fields.handshaking().getBoolean(engine)
                    && ((ByteBuffer) fields.greeting().get(engine)).position() == 0;
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("the greeting of a connection cannot be read", e);
            return false;
        }
    }

    /** On the I/O thread of a connection, which need not wait on it yet. */
    private @Nullable StreamEngine ownEngine(SelectableChannel channel) throws IllegalAccessException {
        for (Poller poller : pollers) {
            if (fields.worker().get(poller) == Thread.currentThread()) {
                for (Object handle : (Set<?>) fields.handles().get(poller)) {
                    StreamEngine engine = engine((Poller.Handle) handle);
                    if (engine != null && fields.channel().get(engine) == channel) {
                        return engine;
                    }
                }
            }
        }
        return null;
    }

    /** On the I/O thread of the connection: the frame that is on its way in, or the last one, or null. */
    @Nullable Object frame(SelectableChannel channel) {
        StreamEngine engine = engine(channel);
        try {
            Object decoder = engine == null ? null : fields.decoder().get(engine);
            return decoder instanceof Decoder ? fields.inProgress().get(decoder) : null;
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("the frame of a connection cannot be read", e);
            return null;
        }
    }

    /** Whether nothing is known about any connection. */
    boolean blind() {
        return pollers.isEmpty();
    }

    /** On an I/O thread: gives an inspector to each connection of a socket that has greeted and has none. */
    void inspect(SocketBase socket, Function<SocketChannel, PeerInspector> inspectors) {
        try {
            for (Poller poller : pollers) {
                if (fields.worker().get(poller) == Thread.currentThread()) {
                    for (Object handle : (Set<?>) fields.handles().get(poller)) {
                        StreamEngine engine = engine((Poller.Handle) handle);
                        if (engine != null && fields.socket().get(engine) == socket) {
                            inspect(engine, inspectors);
                        }
                    }
                }
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.error("the limits of a peer do not hold", e);
        }
    }

    private void inspect(StreamEngine engine, Function<SocketChannel, PeerInspector> inspectors)
            throws IllegalAccessException {
        Mechanism mechanism = (Mechanism) fields.mechanism().get(engine);
        if (mechanism != null && !(mechanism instanceof InspectedMechanism)) {
            PeerInspector inspector =
                    inspectors.apply((SocketChannel) fields.channel().get(engine));
            fields.mechanism().set(engine, new InspectedMechanism(mechanism, inspector, this));
        }
    }

    /**
     * On the I/O thread that has made a connection: sees to it that one waits on it. JeroMQ 0.7.0 cancels the key with
     * which it has waited for the connection, and hands the channel over with a command. If the command is taken in
     * before the next select, the channel has its cancelled key still, is given no new one, and nobody waits on it until
     * another channel comes or goes: to both peers the handshake stalls, in about 1 of 40 connections on a busy machine.
     */
    void attend(SocketChannel connection) {
        try {
            for (Poller poller : pollers) {
                if (fields.worker().get(poller) == Thread.currentThread()) {
                    new Attendance(poller, connection).again();
                }
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the fields of JeroMQ were open before", e);
        }
    }

    /** Looks each millisecond whether a connection has come to its engine, and has its I/O thread look, too. */
    private final class Attendance implements IPollEvents {
        private static final int LOOKS_MAX = 1_000;

        private final Poller poller;
        private final SocketChannel connection;
        private int looks;

        Attendance(Poller poller, SocketChannel connection) {
            this.poller = poller;
            this.connection = connection;
        }

        void again() {
            looks++;
            poller.addTimer(1, this, 0);
        }

        @Override
        public void timerEvent(int id) {
            if (!connection.isOpen() || engine(connection) != null || looks > LOOKS_MAX) {
                return;
            }
            try {
                fields.changed().setBoolean(poller, true);
                again();
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("the fields of JeroMQ were open before", e);
            }
        }
    }

    /** What one mechanism knows about its peer, another one knows then, too. */
    void copyPeer(Mechanism from, Mechanism to) {
        try {
            fields.identity().set(to, fields.identity().get(from));
            fields.userId().set(to, fields.userId().get(from));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("the fields of JeroMQ were open before", e);
        }
    }

    private @Nullable StreamEngine engine(Poller.Handle handle) throws IllegalAccessException {
        Object handler = fields.handler().get(handle);
        Object engine = handler instanceof IOObject object ? fields.engine().get(object) : handler;
        return engine instanceof StreamEngine stream ? stream : null;
    }

    private @Nullable StreamEngine engine(SelectableChannel channel) {
        try {
            for (Poller poller : pollers) {
                SelectionKey key = channel.keyFor((Selector) fields.selector().get(poller));
                if (key != null && key.attachment() instanceof Poller.Handle handle) {
                    return engine(handle);
                }
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("a connection cannot be seen", e);
        }
        return null;
    }

    /**
     * Closes what the I/O threads wait on. Only then the system closes the channels that were registered there and are
     * closed, or will be; an I/O thread that lives goes on with those that are open.
     */
    void closeSelectors() {
        for (Poller poller : pollers) {
            try {
                ((Selector) fields.selector().get(poller)).close();
            } catch (ReflectiveOperationException | IOException | RuntimeException e) {
                LOG.warn("a dead I/O thread keeps its connections", e);
            }
        }
    }
}
