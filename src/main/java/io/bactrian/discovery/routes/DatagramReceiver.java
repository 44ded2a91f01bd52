package io.bactrian.discovery.routes;

import io.bactrian.support.text.RateLimitedLog;
import io.bactrian.support.thread.NamedThreads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the datagrams of a socket on one thread of its own, until it is closed. A datagram that cannot be taken is
 * counted, and told within the bounds of {@link RateLimitedLog}; a socket that fails is tried again after a pause.
 */
final class DatagramReceiver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatagramReceiver.class);
    private static final long PAUSE_MS = 100;
    private static final long STOP_MS = 5_000;

    private final String name;
    private final DatagramChannel channel;
    private final int bytesMax;
    private final BiConsumer<InetSocketAddress, byte[]> taker;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final LongAdder failed = new LongAdder();
    private final RateLimitedLog limit = new RateLimitedLog(() -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));

    /**
     * Receives nothing yet.
     *
     * @param name what is received, in the name of the thread and in the log
     * @param channel the bound socket, closed by {@link #close}
     * @param bytesMax how much of a datagram is read
     * @param taker is given the sender and the octets, on the thread of this receiver
     * @param threads makes that thread
     */
    DatagramReceiver(
            String name,
            DatagramChannel channel,
            int bytesMax,
            BiConsumer<InetSocketAddress, byte[]> taker,
            NamedThreads threads) {
        this.name = name;
        this.channel = channel;
        this.bytesMax = bytesMax;
        this.taker = taker;
        thread = threads.newThread("bactrian-" + name, this::receive);
    }

    void start() {
        thread.start();
    }

    /** How many datagrams could not be taken, and how often the socket failed. */
    long failed() {
        return failed.sum();
    }

    private void receive() {
        ByteBuffer buffer = ByteBuffer.allocate(bytesMax);
        while (channel.isOpen()) {
            try {
                buffer.clear();
                SocketAddress from = channel.receive(buffer);
                buffer.flip();
                if (from instanceof InetSocketAddress sender) {
                    byte[] bytes = new byte[buffer.remaining()];
                    buffer.get(bytes);
                    taker.accept(sender, bytes);
                }
            } catch (ClosedChannelException end) {
                LOG.debug("socket closed for {}", name);
            } catch (RuntimeException e) {
                tell("a datagram could not be taken", e);
            } catch (IOException e) {
                tell("the socket cannot receive and is tried again", e);
                if (ends()) {
                    return;
                }
            }
        }
    }

    private void tell(String problem, Exception e) {
        failed.increment();
        long suppressed = limit.admit(name, problem);
        if (suppressed >= 0) {
            LOG.warn("{}: {} reason={} suppressed={}", name, problem, e.toString(), suppressed);
        }
    }

    /** Waits a little; true if the receiver is closed meanwhile. */
    private boolean ends() {
        try {
            return closed.await(PAUSE_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            channel.close();
            if (thread.isAlive()) {
                thread.join(STOP_MS);
            }
        } catch (IOException e) {
            LOG.warn("{}: the socket was not closed: {}", name, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
