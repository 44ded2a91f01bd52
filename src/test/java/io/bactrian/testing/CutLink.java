package io.bactrian.testing;

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
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP connection between two peers that a test can cut or mute; whoever connects again gets through. */
public final class CutLink implements AutoCloseable {
    private static final int CHUNK_BYTES = 64 << 10;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService pumps = Executors.newCachedThreadPool();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile boolean muted;

    /** A link to a port of this machine. */
    public CutLink(int target) throws IOException {
        this.target = target;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        pumps.execute(this::accept);
    }

    /** Where it is to be connected to. */
    public int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                Socket far = new Socket();
                open.add(near);
                open.add(far);
                far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 1_000);
                pumps.execute(() -> pump(near, far, false));
                pumps.execute(() -> pump(far, near, true));
            } catch (IOException e) {
                // Nobody listens there now, or this link is closed: the peer tries again.
                cutAll();
            }
        }
    }

    private void pump(Socket from, Socket to, boolean answers) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (!(answers && muted)) {
                    out.write(chunk, 0, read);
                }
            }
        } catch (IOException e) {
            // Cut: that is what it is for.
            open.remove(from);
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    /** Swallows what the target says from now on. What it says later means nothing without that: {@link #cut}. */
    public void mute() {
        muted = true;
    }

    /** Cuts all connections, whatever is under way; new ones are heard. */
    public void cut() {
        muted = false;
        cuts.incrementAndGet();
        cutAll();
    }

    private void cutAll() {
        for (Socket socket : open) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException e) {
                open.remove(socket);
            }
        }
    }

    /** How often it was cut. */
    public int cuts() {
        return cuts.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cutAll();
        pumps.shutdownNow();
    }
}
