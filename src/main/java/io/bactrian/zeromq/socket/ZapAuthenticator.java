package io.bactrian.zeromq.socket;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Decides about the peers of one ZAP domain. */
interface ZapAuthenticator {

    /**
     * The request of a peer to be admitted.
     *
     * @param address its IP address, or what the system names a local peer
     * @param mechanism PLAIN or CURVE
     * @param credentials for CURVE the 32 octets of its key, for PLAIN user and password
     */
    record Request(String address, String mechanism, List<byte[]> credentials) {}

    /**
     * The answer.
     *
     * @param status 200, or 300 for a refusal that may end by itself, or 400
     * @param peer whom it was about, to be shown
     * @param reason why, to be shown; not told to the peer
     */
    record Decision(int status, String peer, String reason) {
        static final int ADMITTED = 200;
        static final int LATER = 300;
        static final int REFUSED = 400;

        boolean admitted() {
            return status == ADMITTED;
        }
    }

    /**
     * Decides, at once on the caller's thread, or later.
     *
     * @param slow runs what takes time; it throws {@link java.util.concurrent.RejectedExecutionException} when it
     *     has too much to do
     * @param answer to be called once, on any thread
     */
    void decide(Request request, Executor slow, Consumer<Decision> answer);
}
