package io.bactrian.discovery.routes;

import io.bactrian.support.thread.NamedThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The UDP socket of a router. One thread of its own receives; any thread may send. Datagrams are sealed with the key of the
 * cluster if there is one.
 */
final class GossipSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GossipSocket.class);
    private static final int DATAGRAM_MAX = 65_535;
    private static final int BUFFER_BYTES = 1 << 20;

    private final DatagramChannel channel;
    private final DatagramSeal seal;
    private final BiConsumer<String, byte[]> receiver;
    private final DatagramReceiver datagrams;
    private final PeerAddresses addresses;
    private final LongAdder sent = new LongAdder();
    private final LongAdder sentBytes = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder receivedBytes = new LongAdder();
    private final LongAdder notSent = new LongAdder();
    private final LongAdder notOpened = new LongAdder();

    /**
     * Binds.
     *
     * @param receiver is given {@code host:port} of the sender and the datagram, on the thread of this socket
     * @throws IOException if the address cannot be bound
     */
    GossipSocket(
            InetSocketAddress address, DatagramSeal seal, BiConsumer<String, byte[]> receiver, NamedThreads threads)
            throws IOException {
        this.seal = seal;
        this.receiver = receiver;
        channel = DatagramChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
            channel.bind(address);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException("Cannot bind the UDP address " + address + " (" + e.getMessage()
                    + "); set bactrian.discovery.gossip to a free one");
        }
        datagrams = new DatagramReceiver("gossip", channel, DATAGRAM_MAX, this::take, threads);
        addresses = new PeerAddresses(
                InetAddress::getByName, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), threads);
    }

    void start() {
        datagrams.start();
    }

    /** The port that is bound. */
    int port() throws IOException {
        return channel.getLocalAddress() instanceof InetSocketAddress address ? address.getPort() : 0;
    }

    private void take(InetSocketAddress sender, byte[] bytes) {
        received.increment();
        receivedBytes.add(bytes.length);
        byte[] opened = seal.open(bytes);
        if (opened == null) {
            notOpened.increment();
        } else {
            receiver.accept(text(sender), opened);
        }
    }

    private static String text(InetSocketAddress address) {
        return host(address.getAddress()) + ":" + address.getPort();
    }

    /** An address as it stands before a colon and a port. */
    static String host(InetAddress address) {
        String host = address.getHostAddress();
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    /** Sends one datagram; one that cannot be sent is counted, as if it were lost. */
    void send(String to, byte[] datagram) {
        try {
            InetSocketAddress address = addresses.of(to);
            if (address == null) {
                notSent.increment();
                return;
            }
            byte[] sealed = seal.seal(datagram);
            channel.send(ByteBuffer.wrap(sealed), address);
            sent.increment();
            sentBytes.add(sealed.length);
        } catch (IOException | RuntimeException e) {
            notSent.increment();
            LOG.debug("a datagram was not sent to={} reason={}", to, e.toString());
        }
    }

    void figures(Map<String, Long> into) {
        into.put("datagramsSent", sent.sum());
        into.put("bytesSent", sentBytes.sum());
        into.put("datagramsReceived", received.sum());
        into.put("bytesReceived", receivedBytes.sum());
        into.put("datagramsNotSent", notSent.sum());
        into.put("datagramsNotOpened", notOpened.sum());
        into.put("datagramsFailed", datagrams.failed());
    }

    @Override
    public void close() {
        addresses.close();
        datagrams.close();
    }
}
