package io.bactrian.discovery.routes;

import io.bactrian.support.thread.NamedThreads;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells other routers of the same network that this one is there, and hears them, so that none needs to be configured. A
 * beacon is one datagram of text, {@code bactrian-beacon/1 CLUSTER ID PORT}, to a multicast or broadcast address; the host is
 * where it came from. With the key of the cluster it is sealed as gossip is. A beacon only introduces: what comes of it is
 * gossip, which checks everything itself.
 */
final class Beacon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Beacon.class);
    private static final int BYTES_MAX = 512;
    private static final Pattern TEXT = Pattern.compile("bactrian-beacon/1 (\\S{1,128}) (\\S{1,128}) (\\d{1,5})");
    private static final int PORT_MAX = 65_535;

    private final DatagramChannel channel;
    private final InetSocketAddress address;
    private final DatagramSeal seal;
    private final String cluster;
    private final byte[] own;
    private final String id;
    private final Listener listener;
    private final DatagramReceiver datagrams;
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** What is told of beacons, on the thread of the beacon. */
    interface Listener {
        /** Another router of this cluster is there. */
        void received(String id, String gossipAddress);

        /** A datagram was no beacon of this cluster. */
        void refused(String from, String reason);
    }

    /**
     * Binds.
     *
     * @param address where beacons go and are heard: a multicast group, or the broadcast address of a network
     * @param through an address of the interface by which they go and come
     * @param cluster the name of the cluster
     * @param id this router's id
     * @param port this router's port of gossip
     * @throws IOException if the address cannot be bound or there is no such interface
     */
    Beacon(
            InetSocketAddress address,
            InetSocketAddress through,
            DatagramSeal seal,
            String cluster,
            String id,
            int port,
            Listener listener,
            NamedThreads threads)
            throws IOException {
        this.address = address;
        this.seal = seal;
        this.cluster = cluster;
        this.id = id;
        this.listener = listener;
        own = ("bactrian-beacon/1 " + cluster + " " + id + " " + port).getBytes(StandardCharsets.UTF_8);
        if (own.length > BYTES_MAX || !TEXT.matcher(text(own)).matches()) {
            throw new IOException("bactrian.discovery.cluster=" + cluster + " and bactrian.discovery.id=" + id
                    + " must not hold spaces, so that a beacon can tell them");
        }
        channel = open(address, through);
        // One octet more, so that a longer datagram is seen as such.
        datagrams = new DatagramReceiver("beacon", channel, BYTES_MAX + 1, this::take, threads);
    }

    private static DatagramChannel open(InetSocketAddress address, InetSocketAddress through) throws IOException {
        boolean ipv4 = address.getAddress() instanceof Inet4Address;
        DatagramChannel channel =
                DatagramChannel.open(ipv4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            // Several routers of one machine hear the same beacons.
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            NetworkInterface by = NetworkInterface.getByInetAddress(through.getAddress());
            if (by == null) {
                throw new IOException("no interface has the address " + through.getHostString());
            }
            channel.bind(address);
            if (address.getAddress().isMulticastAddress()) {
                channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, by);
                channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 1);
                channel.join(address.getAddress(), by);
            } else {
                channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException("Cannot use " + address + " for beacons (" + e.getMessage()
                    + "); set bactrian.discovery.beacon to a multicast group and bactrian.discovery.beacon.interface to an"
                    + " address of this host");
        }
    }

    void start() {
        datagrams.start();
    }

    /** Sends one beacon; one that cannot be sent is as if it were lost. */
    void send() {
        try {
            channel.send(ByteBuffer.wrap(seal.seal(own)), address);
            sent.increment();
        } catch (IOException e) {
            LOG.debug("a beacon was not sent to={} reason={}", address, e.toString());
        }
    }

    private void take(InetSocketAddress sender, byte[] bytes) {
        String host = GossipSocket.host(sender.getAddress());
        if (bytes.length > BYTES_MAX) {
            refuse(host, "it has more than " + BYTES_MAX + " octets");
            return;
        }
        byte[] opened = seal.open(bytes);
        Matcher beacon = TEXT.matcher(opened == null ? "" : text(opened));
        if (!beacon.matches()) {
            refuse(host, opened == null ? "it is not sealed with the key of this cluster" : "it is no beacon");
            return;
        }
        int port = Integer.parseInt(beacon.group(3));
        if (!beacon.group(1).equals(cluster) || port == 0 || port > PORT_MAX) {
            refuse(host, "it is of another cluster, or its port is wrong");
        } else if (!beacon.group(2).equals(id)) {
            received.increment();
            listener.received(beacon.group(2), host + ":" + port);
        }
    }

    private void refuse(String host, String reason) {
        refused.increment();
        listener.refused(host, reason);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    void figures(Map<String, Long> into) {
        into.put("beaconsSent", sent.sum());
        into.put("beaconsHeard", received.sum());
        into.put("beaconsRefused", refused.sum());
        into.put("beaconsFailed", datagrams.failed());
    }

    @Override
    public void close() {
        datagrams.close();
    }
}
