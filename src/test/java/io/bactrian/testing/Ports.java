package io.bactrian.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback interface on which nobody listens, each given out once. They lie below those that systems give to
 * outgoing connections: there, a client that tries to reach a stopped server can meet itself, and keep the port.
 */
public final class Ports {
    /** One range for each process of tests, so that two never choose one port. */
    private static final int RANGE = 5_000;

    private static final int LOWEST = 10_000 + RANGE * (Integer.getInteger("bactrian.test.fork", 1) - 1);
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    public static synchronized int free() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, LOWEST + RANGE);
            if (GIVEN.add(port) && isFree(port)) {
                return port;
            }
        }
    }

    /** Whether nobody listens there now. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
