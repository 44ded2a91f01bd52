package io.bactrian.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * Ports of the loopback interface on which nobody listens, each given out once. They lie below those that systems give to
 * outgoing connections: there, a client that tries to reach a stopped server can meet itself, and keep the port.
 */
public final class Ports {
    /** One range for each process of tests, so that two never choose one port; six are below what systems give, from 32768 on. */
    private static final int RANGE = 3_700;

    private static final int LOWEST = 10_000 + RANGE * (Integer.getInteger("bactrian.test.fork", 1) - 1);
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    public static int free() {
        return free(1);
    }

    /**
     * Several ports in a row, for what derives ports from one.
     *
     * @return the first of them
     */
    public static synchronized int free(int count) {
        while (true) {
            int first = ThreadLocalRandom.current().nextInt(LOWEST, LOWEST + RANGE - count);
            List<Integer> row = IntStream.range(first, first + count).boxed().toList();
            if (Collections.disjoint(GIVEN, row) && row.stream().allMatch(Ports::isFree)) {
                GIVEN.addAll(row);
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
