package io.bactrian.zeromq.socket;

import org.zeromq.ZMQ;

/** Describes JeroMQ's error numbers for whoever has given an address. */
final class SocketErrors {
    private SocketErrors() {}

    /** Why an address was not bound or connected, with what to do if that is known. */
    static String say(int code) {
        ZMQ.Error error = ZMQ.Error.findByCode(code);
        return switch (error) {
            case EADDRINUSE -> "the address is in use: end the process that has it, or choose another port or path";
            case EADDRNOTAVAIL -> "no network interface of this machine has the address, or nobody knows its name";
            case EACCESS ->
                "this user may not bind it: ports below 1024 need a right, an ipc path needs a folder that can be"
                        + " written";
            case EPROTONOSUPPORT, ENOCOMPATPROTO -> "this socket cannot use an address of that kind";
            default -> error.getMessage() + " (" + error + ")";
        };
    }
}
