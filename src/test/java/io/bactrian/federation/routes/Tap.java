package io.bactrian.federation.routes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A relay between two nodes that keeps all that goes over it, both ways, and can be cut. */
final class Tap implements AutoCloseable {
    private static final int CHUNK_BYTES = 64 << 10;

    private final int target;
    private final ByteArrayOutputStream captured = new ByteArrayOutputStream();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService pumps = Executors.newCachedThreadPool();
    private ServerSocket server;

    Tap(int target) throws IOException {
        this.target = target;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        accept();
    }

    /** Ends all connections, and refuses new ones. */
    void cut() throws IOException {
        server.close();
        closeAll();
    }

    /** Lets connections through again. */
    void restore() throws IOException {
        ServerSocket again = new ServerSocket();
        again.setReuseAddress(true);
        again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()), 50);
        server = again;
        accept();
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        ServerSocket from = server;
        pumps.execute(() -> accept(from));
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket near = from.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(near);
                open.add(far);
                pumps.execute(() -> pump(near, far));
                pumps.execute(() -> pump(far, near));
            } catch (IOException e) {
                // Nobody listens there yet, or the tap is closed: the peer tries again.
                closeAll();
            }
        }
    }

    private void pump(Socket from, Socket to) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                synchronized (captured) {
                    captured.write(chunk, 0, read);
                }
                out.write(chunk, 0, read);
            }
        } catch (IOException e) {
            // The connection has ended.
            open.remove(from);
        }
    }

    /** All octets so far. */
    byte[] captured() {
        synchronized (captured) {
            return captured.toByteArray();
        }
    }

    /** The entropy of the octets, as a part of the 8 bits that random ones have. */
    static double entropy(byte[] octets) {
        int[] counts = new int[256];
        for (byte octet : octets) {
            counts[octet & 0xff]++;
        }
        double bits = 0;
        for (int count : counts) {
            if (count > 0) {
                double share = (double) count / octets.length;
                bits -= share * Math.log(share) / Math.log(2);
            }
        }
        return bits / 8;
    }

    private void closeAll() {
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        open.clear();
    }

    @Override
    public void close() throws IOException {
        server.close();
        closeAll();
        pumps.shutdownNow();
    }
}
