package io.bactrian.zeromq.socket;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** The process's limit of open files, which is what ends first when there are many sockets. Any thread. */
final class Descriptors {
    /**
     * A socket takes 7 by itself: a pipe, two selectors with 2 each, and a listener; 29 with a context of its own for
     * CURVE. The others are for its first connections.
     */
    private static final int FOR_ONE_SOCKET = 32;

    private Descriptors() {}

    /**
     * Returns if there are descriptors for one more socket. To be asked first, as JeroMQ leaks those that it has got when
     * it does not get all.
     *
     * @throws IOException if there are not; the message says what to do
     */
    static void require(String socket) throws IOException {
        List<SocketChannel> channels = new ArrayList<>(FOR_ONE_SOCKET);
        try {
            for (int i = 0; i < FOR_ONE_SOCKET; i++) {
                channels.add(SocketChannel.open());
            }
        } catch (IOException e) {
            throw new IOException(
                    "cannot open " + socket + ", as the process has too many open files: a socket takes up to "
                            + FOR_ONE_SOCKET
                            + " at first, and one for each connection; raise the limit (ulimit -n) or open fewer sockets",
                    e);
        } finally {
            for (SocketChannel channel : channels) {
                channel.close();
            }
        }
    }
}
