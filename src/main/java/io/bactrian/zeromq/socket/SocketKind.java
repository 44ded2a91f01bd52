package io.bactrian.zeromq.socket;

import org.zeromq.SocketType;

/** The socket types of ZeroMQ, named as in an endpoint URI. Source: RFC 28/REQREP, 29/PUBSUB, 30/PIPELINE, 31/EXPAIR. */
public enum SocketKind {
    pair(SocketType.PAIR, true, true, false),
    pub(SocketType.PUB, true, false, true),
    sub(SocketType.SUB, false, true, false),
    xpub(SocketType.XPUB, true, true, true),
    xsub(SocketType.XSUB, true, true, false),
    push(SocketType.PUSH, true, false, false),
    pull(SocketType.PULL, false, true, true),
    req(SocketType.REQ, true, false, false),
    rep(SocketType.REP, false, true, true),
    dealer(SocketType.DEALER, true, true, false),
    router(SocketType.ROUTER, true, true, true);

    private final SocketType type;
    private final boolean producing;
    private final boolean consuming;
    private final boolean bindsByDefault;

    SocketKind(SocketType type, boolean producing, boolean consuming, boolean bindsByDefault) {
        this.type = type;
        this.producing = producing;
        this.consuming = consuming;
        this.bindsByDefault = bindsByDefault;
    }

    SocketType type() {
        return type;
    }

    /** Whether a producer may use it. An {@code xsub} sends subscriptions, a {@code rep} only answers. */
    public boolean producing() {
        return producing;
    }

    /** Whether a consumer may use it. A {@code req} only receives the answers to its own requests. */
    public boolean consuming() {
        return consuming;
    }

    /** Whether it binds unless told otherwise, by the convention of CZMQ. */
    public boolean bindsByDefault() {
        return bindsByDefault;
    }
}
