package io.bactrian.app.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** A sensor on a bare DEALER that keeps so many Speeds under way, and acknowledges the Averages that it gets. */
final class SpeedLoad {
    private static final int HANDSHAKE_MS = 300;
    private static final int WAIT_MS = 30_000;
    /** Until the compilers of both servers take little of the processors. */
    private static final int WARM_UP_S = 30;

    private SpeedLoad() {}

    /**
     * Counts Speeds that are acknowledged in some seconds, after {@value #WARM_UP_S} to warm up.
     *
     * @param measuring is run when counting begins
     */
    static long acknowledged(int port, int outstanding, int seconds, Runnable measuring) throws IOException {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = context.createSocket(SocketType.DEALER);
            socket.setHandshakeIvl(HANDSHAKE_MS);
            socket.setReceiveTimeOut(WAIT_MS);
            socket.setHWM(100_000);
            socket.connect("tcp://127.0.0.1:" + port);
            long sequence = 0;
            for (int i = 0; i < outstanding; i++) {
                send(socket, sequence++);
            }
            long startNs = System.nanoTime();
            long fromNs = startNs + TimeUnit.SECONDS.toNanos(WARM_UP_S);
            long untilNs = fromNs + TimeUnit.SECONDS.toNanos(seconds);
            long acknowledged = 0;
            long averages = 0;
            boolean counts = false;
            for (long nowNs = startNs; nowNs < untilNs; nowNs = System.nanoTime()) {
                if (!counts && nowNs >= fromNs) {
                    counts = true;
                    measuring.run();
                }
                byte[] frame = socket.recv();
                if (frame == null) {
                    throw new IOException("the server has not answered for " + WAIT_MS + " ms");
                }
                String text = new String(frame, StandardCharsets.US_ASCII);
                if (text.contains(",Average,")) {
                    // An acknowledgement stands for all before it.
                    if (++averages % outstanding == 0) {
                        socket.send(("1," + text).getBytes(StandardCharsets.US_ASCII));
                    }
                } else {
                    acknowledged += counts ? 1 : 0;
                    send(socket, sequence++);
                }
            }
            return acknowledged;
        }
    }

    private static void send(ZMQ.Socket socket, long sequence) {
        long nowS = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
        socket.send(("1," + sequence + ",Speed,80," + nowS).getBytes(StandardCharsets.US_ASCII));
    }
}
