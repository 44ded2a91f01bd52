package io.bactrian.zeromq.socket.jeromq;

import zmq.Msg;

/** Looks at what the peer of one connection sends. Called on the I/O thread of the connection only. */
public interface PeerInspector {
    /** The handshake is done. */
    void ready();

    /** A frame is there, as it came over the wire. */
    void arrived(Msg frame);

    /** Looks at a frame in plain, after its decryption. */
    void inspect(Msg frame);

    /** Whether the peer has broken a limit: what it sends is dropped until its connection has ended. */
    boolean isCut();
}
