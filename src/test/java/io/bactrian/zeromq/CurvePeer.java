package io.bactrian.zeromq;

import java.io.IOException;
import zmq.Msg;
import zmq.Options;
import zmq.ZMQ;
import zmq.io.mechanism.Mechanism;
import zmq.io.mechanism.curve.CurveClientMechanism;

/** Speaks ZMTP with CURVE, and sends inside of it what no ZeroMQ would. */
final class CurvePeer implements AutoCloseable {
    private final RawPeer raw;
    private final Mechanism mechanism;

    private CurvePeer(RawPeer raw, Mechanism mechanism) {
        this.raw = raw;
        this.mechanism = mechanism;
    }

    /**
     * A peer whose handshake is done.
     *
     * @param type what it says it is, as a constant of ZeroMQ
     */
    static CurvePeer handshaken(String address, int type, CurveFiles keys) throws IOException {
        Options options = new Options();
        options.type = type;
        options.setSocketOpt(ZMQ.ZMQ_CURVE_SECRETKEY, keys.client().secretZ85());
        options.setSocketOpt(ZMQ.ZMQ_CURVE_PUBLICKEY, keys.client().publicKey().z85());
        options.setSocketOpt(ZMQ.ZMQ_CURVE_SERVERKEY, keys.server().publicKey().z85());
        CurvePeer peer =
                new CurvePeer(RawPeer.connect(address).greet("CURVE"), new CurveClientMechanism(null, options));
        peer.raw.readGreeting();
        while (peer.mechanism.status() != Mechanism.Status.READY) {
            Msg.Builder command = new Msg.Builder();
            if (peer.mechanism.nextHandshakeCommand(command) != 0) {
                throw new IOException("nothing to say");
            }
            peer.raw.frame(RawPeer.COMMAND, command.build().data());
            if (peer.mechanism.processHandshakeCommand(new Msg(peer.raw.readFrame())) != 0) {
                throw new IOException("not admitted");
            }
        }
        return peer;
    }

    /** Sends a frame encrypted. */
    void frame(int flags, byte[] body) throws IOException {
        Msg plain = new Msg(body);
        plain.setFlags((flags & RawPeer.MORE) == 0 ? 0 : Msg.MORE);
        plain.setFlags((flags & RawPeer.COMMAND) == 0 ? 0 : Msg.COMMAND);
        raw.frame(0, mechanism.encode(plain).data());
    }

    /** The connection without what encrypts. */
    RawPeer raw() {
        return raw;
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
