package io.bactrian.app.bench;

import io.bactrian.zeromq.socket.CurveKeys;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * Hand-written JeroMQ loops: the measure for the component, and the far ends of its routes. Each loop has a
 * thread of its own; the sources have a context of their own, as if they were another process.
 */
final class RawLoops implements AutoCloseable {
    private static final int HIGH_WATER_MARK = 1_000;
    private static final int RECEIVE_TIMEOUT_MS = 100;
    /** Now and then a connection gets no answer in JeroMQ, and is made again only when this time is over. */
    private static final int HANDSHAKE_MS = 300;

    private static final int WINDOW = 256;
    private static final String FREE_PORT = "tcp://127.0.0.1:*";

    /** The keys of whoever binds. */
    static final CurveKeys SERVER = CurveKeys.generate();

    private static final CurveKeys CLIENT = CurveKeys.generate();

    private final boolean curve;
    private final ZMQ.Context near = ZMQ.context(1);
    private final ZMQ.Context far = ZMQ.context(1);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    private interface Loop {
        void run(ZMQ.Socket socket);
    }

    /** Loops in clear, or with CURVE: whoever binds has the server's keys, whoever connects keys of its own. */
    RawLoops(boolean curve) {
        this.curve = curve;
    }

    private void secure(ZMQ.Socket socket, boolean server) {
        if (!curve) {
            return;
        }
        CurveKeys keys = server ? SERVER : CLIENT;
        socket.setCurvePublicKey(keys.publicKey().z85().getBytes(StandardCharsets.US_ASCII));
        socket.setCurveSecretKey(keys.secretZ85().getBytes(StandardCharsets.US_ASCII));
        if (server) {
            socket.setCurveServer(true);
        } else {
            socket.setCurveServerKey(SERVER.publicKey().z85().getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static ZMQ.Socket socket(ZMQ.Context context, SocketType type) {
        ZMQ.Socket socket = context.socket(type);
        socket.setHWM(HIGH_WATER_MARK);
        socket.setLinger(0);
        socket.setReceiveTimeOut(RECEIVE_TIMEOUT_MS);
        socket.setHandshakeIvl(HANDSHAKE_MS);
        return socket;
    }

    private String loop(SocketType type, Loop loop) throws InterruptedException {
        CountDownLatch open = new CountDownLatch(1);
        String[] bound = new String[1];
        Thread thread = new Thread(
                () -> {
                    ZMQ.Socket socket = socket(near, type);
                    secure(socket, true);
                    socket.bind(FREE_PORT);
                    bound[0] = socket.getLastEndpoint();
                    open.countDown();
                    loop.run(socket);
                    socket.close();
                },
                "bench-raw-" + type);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        open.await();
        return bound[0];
    }

    /** Binds a PULL that counts what it gets. */
    String sink(Meter meter) throws InterruptedException {
        return receiver(message -> meter.add(1));
    }

    /** Binds a PULL that gives each message it gets to a receiver. */
    String receiver(Consumer<byte[]> receiver) throws InterruptedException {
        return loop(SocketType.PULL, socket -> {
            while (!stopping) {
                byte[] message = socket.recv(0);
                if (message != null) {
                    receiver.accept(message);
                }
            }
        });
    }

    /** Binds a PULL that sends what it gets on to an address. */
    String forwarder(String to) throws InterruptedException {
        return loop(SocketType.PULL, socket -> {
            ZMQ.Socket out = socket(near, SocketType.PUSH);
            secure(out, false);
            out.connect(to);
            while (!stopping) {
                byte[] message = socket.recv(0);
                if (message != null) {
                    out.send(message, 0);
                }
            }
            out.close();
        });
    }

    /** Binds a ROUTER that sends everything back. */
    String echo() throws InterruptedException {
        return loop(SocketType.ROUTER, socket -> {
            while (!stopping) {
                byte[] id = socket.recv(0);
                if (id != null) {
                    byte[] body = socket.recv(0);
                    socket.send(id, ZMQ.SNDMORE);
                    socket.send(body, 0);
                }
            }
        });
    }

    /** A PUSH that is connected to an address. */
    Source push(String address) {
        return new RawSource(address, SocketType.PUSH) {
            @Override
            void run(byte[] body, long messages) {
                for (long i = 0; i < messages; i++) {
                    socket().send(body, 0);
                }
            }

            @Override
            void one(byte[] body, Meter meter) {
                long total = meter.count() + 1;
                socket().send(body, 0);
                meter.await(total);
            }
        };
    }

    /** A DEALER that gets back what it sends, with a window of messages under way. */
    Source dealer(String address, Meter meter) {
        return new RawSource(address, SocketType.DEALER) {
            @Override
            void run(byte[] body, long messages) {
                long sent = 0;
                for (long back = 0; back < messages; back++) {
                    while (sent < messages && sent < back + WINDOW) {
                        socket().send(body, 0);
                        sent++;
                    }
                    receive();
                }
            }

            @Override
            void one(byte[] body, Meter unused) {
                socket().send(body, 0);
                receive();
            }

            private void receive() {
                while (socket().recv(0) == null) {
                    if (stopping) {
                        throw new IllegalStateException("stopped while an answer was due");
                    }
                }
                meter.add(1);
            }
        };
    }

    private abstract class RawSource implements Source {
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final ZMQ.Socket[] socket = new ZMQ.Socket[1];

        RawSource(String address, SocketType type) {
            thread.execute(() -> {
                socket[0] = RawLoops.socket(far, type);
                secure(socket[0], false);
                socket[0].connect(address);
            });
        }

        ZMQ.Socket socket() {
            return socket[0];
        }

        abstract void run(byte[] body, long messages);

        abstract void one(byte[] body, Meter meter);

        @Override
        public void burst(byte[] body, long messages) throws Exception {
            thread.submit(() -> run(body, messages)).get();
        }

        @Override
        public long[] oneAtATime(byte[] body, int messages, Meter meter) throws Exception {
            return thread.submit(() -> {
                        long[] nanos = new long[messages];
                        for (int i = 0; i < messages; i++) {
                            long start = System.nanoTime();
                            one(body, meter);
                            nanos[i] = System.nanoTime() - start;
                        }
                        return nanos;
                    })
                    .get();
        }

        @Override
        public void close() {
            thread.execute(() -> socket[0].close());
            thread.shutdown();
        }
    }

    @Override
    public void close() {
        stopping = true;
        for (Thread thread : threads) {
            join(thread);
        }
        far.term();
        near.term();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
