package io.bactrian.zeromq.socket.jeromq;

import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;
import zmq.io.net.ipc.IpcAddress;

/**
 * The facade of one ZeroMQ context for what JeroMQ {@value #VERSION} does not offer and its private parts give. Each
 * intrusion behind it checks by itself whether it works with the JeroMQ of the class path. The context is <em>blind</em>
 * if connections cannot be seen, so that most limits of peers do not hold. Any thread, where not said otherwise.
 */
public final class JeroMq {
    /** The version of {@code fr.loghub:jeromq} whose private parts are known here. */
    public static final String VERSION = "0.7.0";

    private static final JeroMq BLIND = new JeroMq(JeroMqEngines.BLIND, IoTimers.NONE);

    private final JeroMqEngines engines;
    private final IoTimers timers;

    private JeroMq(JeroMqEngines engines, IoTimers timers) {
        this.engines = engines;
        this.timers = timers;
    }

    /** Looks into a context that has its I/O threads, which come with its first socket. To be called once for it. */
    public static JeroMq of(ZMQ.Context context) {
        PatientIoThreads.in(context);
        return new JeroMq(JeroMqEngines.of(context), IoTimers.of(context));
    }

    /** Sees nothing, as with another JeroMQ. */
    public static JeroMq blind() {
        return BLIND;
    }

    /** Whether connections cannot be seen. */
    public boolean isBlind() {
        return engines.blind();
    }

    /** Returns the state of the handshake of a connection. */
    public ConnectionState state(SelectableChannel connection) {
        return engines.state(connection);
    }

    /** On the I/O thread of the connection: whether its peer has not sent an octet yet. */
    public boolean isSilent(SelectableChannel connection) {
        return engines.isSilent(connection);
    }

    /** On the I/O thread of the connection: the frame that is on its way in, or the last one, or null. */
    public @Nullable Object frame(SelectableChannel connection) {
        return engines.frame(connection);
    }

    /** On an I/O thread: gives an inspector to each connection of a socket that has greeted and has none. */
    public void inspect(ZMQ.Socket socket, Function<SocketChannel, PeerInspector> inspectors) {
        engines.inspect(socket.base(), inspectors);
    }

    /** On the I/O thread that has made a connection: sees to it that one waits on it. */
    public void attend(SocketChannel connection) {
        engines.attend(connection);
    }

    /** The wall clock was set back by so many milliseconds a moment ago. */
    public void clockSetBack(long byMs) {
        timers.clockSetBack(byMs);
    }

    /** After the death of an I/O thread: has the system close the channels that were closed. */
    public void closeSelectors() {
        engines.closeSelectors();
    }

    /** Keeps connections of a socket that closes from staying open. To be called before anything is asked of the socket. */
    public static void keepLateSignals(ZMQ.Context context, ZMQ.Socket socket) {
        LateSignals.in(context, socket);
    }

    /**
     * Tells how many subscribers miss a message because their queues are full. To be called before the socket is bound or
     * connected; does nothing for one that does not publish.
     *
     * @param missed is called by the owner of the socket
     */
    public static void countDrops(ZMQ.Socket socket, IntConsumer missed) {
        CountingDist.count(socket, missed);
    }

    /** Sets an option that JeroMQ has, but no method for: what the peer receives in our name when the connection ends. */
    public static void setDisconnectMessage(ZMQ.Socket socket, byte[] message) {
        socket.base().setSocketOpt(zmq.ZMQ.ZMQ_DISCONNECT_MSG, message);
    }

    /** Whether {@code ipc} opens Unix sockets. A jar without Multi-Release has a class that opens TCP ports. */
    public static boolean hasUnixSockets() {
        return opensUnixSockets(IpcAddress.class);
    }

    static boolean opensUnixSockets(Class<?> ipcAddress) {
        try {
            return ipcAddress.getDeclaredField("address").getType() == UnixDomainSocketAddress.class;
        } catch (NoSuchFieldException e) {
            return false;
        }
    }
}
