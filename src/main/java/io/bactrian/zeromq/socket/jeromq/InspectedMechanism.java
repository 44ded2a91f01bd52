package io.bactrian.zeromq.socket.jeromq;

import org.jspecify.annotations.Nullable;
import zmq.Msg;
import zmq.io.mechanism.Mechanism;

/**
 * Stands before the security mechanism of one connection, so that every frame of its peer is seen in plain, one by one:
 * what CURVE has encrypted, what comes over ipc, where no address tells peers apart, and whatever a peer says of itself.
 * I/O thread of the connection only.
 */
final class InspectedMechanism extends Mechanism {
    private final Mechanism inner;
    private final PeerInspector inspector;
    private final JeroMqEngines engines;
    private boolean known;

    @SuppressWarnings("NullAway") // what needs a session or options is left to the one behind
    InspectedMechanism(Mechanism inner, PeerInspector inspector, JeroMqEngines engines) {
        super(null, null, null);
        this.inner = inner;
        this.inspector = inspector;
        this.engines = engines;
        lookReady();
    }

    /** What the engine asks of a mechanism that is ready without calling a method that could be passed on. */
    private void lookReady() {
        if (!known && inner.status() == Status.READY) {
            known = true;
            engines.copyPeer(inner, this);
            zapProperties.set(inner.zapProperties);
            zmtpProperties.set(inner.zmtpProperties);
            inspector.ready();
        }
    }

    /** Any thread. */
    @Override
    public Status status() {
        return inner.status();
    }

    @Override
    public int processHandshakeCommand(Msg msg) {
        inspector.arrived(msg);
        int result = inner.processHandshakeCommand(msg);
        lookReady();
        return result;
    }

    @Override
    public int nextHandshakeCommand(Msg msg) {
        int result = inner.nextHandshakeCommand(msg);
        lookReady();
        return result;
    }

    @Override
    public int zapMsgAvailable() {
        int result = inner.zapMsgAvailable();
        lookReady();
        return result;
    }

    @Override
    public Msg encode(Msg msg) {
        return inner.encode(msg);
    }

    /** Returns a command without a meaning, which ZeroMQ drops, in place of what comes from a peer that is cut. */
    @Override
    @SuppressWarnings("NullAway") // null says that it cannot be decrypted
    public @Nullable Msg decode(Msg received) {
        inspector.arrived(received);
        if (inspector.isCut()) {
            return nothing();
        }
        Msg msg = inner.decode(received);
        if (msg != null) {
            inspector.inspect(msg);
        }
        return inspector.isCut() ? nothing() : msg;
    }

    private static Msg nothing() {
        Msg command = new Msg(0);
        command.setFlags(Msg.COMMAND);
        return command;
    }

    @Override
    public void destroy() {
        inner.destroy();
    }
}
