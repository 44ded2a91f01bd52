package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketEvent;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import jdk.net.ExtendedSocketOptions;
import org.apache.camel.Endpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.zeromq.ZMonitor;

/** What the options of connections do, seen from the other end of the connection or at the system's own socket. */
@Tag("slow")
class ConnectionOptionsTest extends ZeroMqTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void disconnect() throws Exception {
        for (AutoCloseable peer : open) {
            peer.close();
        }
    }

    private <T extends AutoCloseable> T keep(T peer) {
        open.add(peer);
        return peer;
    }

    /** The system's socket of a connection that an endpoint with these options has accepted. */
    private SocketChannel accepted(String options) throws Exception {
        String address = consume("zeromq:pull:" + FREE + options);
        Queue<SocketChannel> channels = new ConcurrentLinkedQueue<>();
        IoThreads.hook(context.getComponent("zeromq", ZeroMqComponent.class), address, event -> {
            if (event.getEvent() == ZMonitor.Event.ACCEPTED) {
                channels.add(event.getValue());
            }
        });
        keep(RawPeer.handshaken(address, "PUSH")).frame(0, "x");
        await().until(() -> bodies().contains("x"));
        return channels.remove();
    }

    @Test
    @ShowsEffectOf({"receiveBufferBytes", "typeOfService"})
    void theReceiveBufferAndTheTypeOfServiceAreThoseOfTheConnection() throws Exception {
        SocketChannel channel = accepted("?receiveBufferBytes=50000&typeOfService=" + 0b101110_00);
        // Linux doubles what is asked for.
        assertThat(channel.getOption(StandardSocketOptions.SO_RCVBUF)).isBetween(50_000, 100_000);
        assertThat(channel.getOption(StandardSocketOptions.IP_TOS)).isEqualTo(0b101110_00);
    }

    @Test
    void onlyOnThisMachineTheReceiveBufferHasAFixedSizeByDefault() {
        assertThat(receiveBuffer("pull:tcp://127.0.0.1:*")).isEqualTo(65_536);
        assertThat(receiveBuffer("pull:tcp://localhost:5555,tcp://[::1]:5556")).isEqualTo(65_536);
        assertThat(receiveBuffer("pull:tcp://127.0.0.1:*?receiveBufferBytes=0")).isZero();
        assertThat(receiveBuffer("pull:tcp://127.0.0.1:5555,tcp://10.1.2.3:5555"))
                .isZero();
        assertThat(receiveBuffer("pull:tcp://*:5555")).isZero();
        assertThat(receiveBuffer("push:tcp://127.0.0.1:5555")).isZero();
    }

    private int receiveBuffer(String target) {
        ZeroMqEndpoint endpoint = context.getEndpoint("zeromq:" + target, ZeroMqEndpoint.class);
        return ZeroMqSettings.of(endpoint.getConfiguration()).tuning().receiveBufferBytes();
    }

    @Test
    @ShowsEffectOf("sendBufferBytes")
    void aSmallSendBufferHoldsLessForAPeerThatDoesNotRead() throws Exception {
        assertThat(sentToADeafPeer("?bind=true&socketName=small&sendBufferBytes=10000"))
                .isLessThan(sentToADeafPeer("?bind=true&socketName=large&sendBufferBytes=4000000"));
    }

    /** How many messages of 10,000 octets are sent before the socket is full. */
    private long sentToADeafPeer(String options) throws Exception {
        String push = "zeromq:push:" + FREE + options + "&sendHighWaterMark=1&pendingQueue=1&sendTimeout=200&linger=0";
        context.getEndpoint(push).createProducer().start();
        keep(RawPeer.handshaken(bound(push), "PULL", 10_000));
        long sent = 0;
        while (!send(push, new byte[10_000]).isFailed()) {
            sent++;
        }
        return sent;
    }

    @Test
    @ShowsEffectOf({"tcpKeepAlive", "tcpKeepAliveCount", "tcpKeepAliveIdle", "tcpKeepAliveInterval"})
    void probesOfTcpAreThoseOfTheConnection() throws Exception {
        SocketChannel channel =
                accepted("?tcpKeepAlive=true&tcpKeepAliveCount=4&tcpKeepAliveIdle=77&tcpKeepAliveInterval=11");
        assertThat(channel.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
        assertThat(channel.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(4);
        assertThat(channel.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(77);
        assertThat(channel.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(11);
    }

    @Test
    @ShowsEffectOf("backlog")
    void noMoreConnectionsWaitToBeAcceptedThanTheBacklogHolds() throws Exception {
        assertThat(waiting("")).isEqualTo(6);
        // Linux lets one more in.
        assertThat(waiting("&backlog=1")).isLessThanOrEqualTo(3);
    }

    /** How many of six connections are made while nobody accepts any. */
    private int waiting(String options) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        int connected = 0;
        try (DefaultCamelContext other = context()) {
            other.start();
            String uri = "zeromq:pull:" + FREE + "?handshakeInterval=0" + options;
            Endpoint endpoint = other.getEndpoint(uri);
            endpoint.createConsumer(received::add).start();
            String address = ((ZeroMqEndpoint) endpoint).getBoundAddresses().get(0);
            IoThreads.hook(other.getComponent("zeromq", ZeroMqComponent.class), address, event -> {
                if (event.getEvent() == ZMonitor.Event.ACCEPTED) {
                    held.countDown();
                    awaitQuietly(go);
                }
            });
            InetSocketAddress peer = new InetSocketAddress("127.0.0.1", port(address));
            keep(new Socket()).connect(peer);
            held.await();
            for (int i = 0; i < 6; i++) {
                try {
                    keep(new Socket()).connect(peer, 300);
                    connected++;
                } catch (SocketTimeoutException full) {
                    assertThat(full).hasMessageContaining("timed out");
                }
            }
            go.countDown();
        } finally {
            go.countDown();
        }
        return connected;
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    @ShowsEffectOf("ipv6")
    void aWildcardIsOfBothFamiliesIfThatIsWanted() throws Exception {
        String both = consume("zeromq:pull:tcp://*:*?ipv6=true");
        assertThat(both).startsWith("tcp://[").endsWith(String.valueOf(port(both)));
        for (String host : List.of("[::1]", "127.0.0.1")) {
            send("zeromq:push:tcp://" + host + ":" + port(both), host);
            await().until(() -> bodies().contains(host));
        }
        assertThat(consume("zeromq:pull:tcp://*:*?socketName=one")).startsWith("tcp://0.0.0.0:");
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @Test
    @ShowsEffectOf("immediate")
    void nothingIsQueuedForAConnectionThatIsNotThereIfThatIsWanted() throws Exception {
        String address = "tcp://127.0.0.1:" + Ports.free();
        String immediate = "zeromq:push:" + address + "?immediate=true&socketName=immediate&linger=0";
        String patient = "zeromq:push:" + address + "?socketName=patient&linger=0";
        send(immediate, "only then");
        send(patient, "from the start");
        await().until(() -> sent("patient") == 1);
        assertThat(sent("immediate")).isZero();
        consume("zeromq:pull:" + address);
        await().until(() -> bodies().containsAll(List.of("only then", "from the start")));
    }

    private long sent(String name) {
        return sockets().stream()
                .filter(s -> s.settings().socketName().equals(name))
                .mapToLong(s -> s.counters().get(Counter.SENT_MESSAGES))
                .sum();
    }

    @Test
    @ShowsEffectOf({"reconnectInterval", "reconnectIntervalMax"})
    void theWaitBeforeANewConnectionGrowsFromItsLowerEndToItsUpperEnd() throws Exception {
        // JeroMQ adds up to one lower end at random, and says how long it will wait.
        List<Integer> growing = waits("?reconnectInterval=10&reconnectIntervalMax=40&linger=0");
        assertThat(growing).allMatch(wait -> wait <= 50);
        assertThat(growing.subList(4, 8)).allMatch(wait -> wait >= 30);
        assertThat(waits("?reconnectInterval=10&reconnectIntervalMax=0&linger=0"))
                .allMatch(wait -> wait <= 20);
    }

    private List<Integer> waits(String options) throws Exception {
        String address = "tcp://127.0.0.1:" + Ports.free();
        Queue<SocketEvent> events = new ConcurrentLinkedQueue<>();
        consume("zeromq:monitor:" + address, e -> events.add(e.getMessage().getBody(SocketEvent.class)));
        send("zeromq:push:" + address + options, "x");
        await().until(() -> retried(events).size() >= 8);
        return retried(events);
    }

    private static List<Integer> retried(Queue<SocketEvent> events) {
        return events.stream()
                .filter(event -> event.type() == SocketEvent.Type.RETRIED)
                .map(event -> (int) Duration.parse(event.detail()).toMillis())
                .toList();
    }

    @Test
    @ShowsEffectOf("handshakeInterval")
    void aPeerThatSaysNothingIsDisconnectedAfterTheInterval() throws Exception {
        RawPeer longer = mute("?handshakeInterval=20s");
        RawPeer shorter = mute("?handshakeInterval=100&socketName=short");
        assertThat(shorter.isEnded()).isTrue();
        assertThat(longer.isOpen()).isTrue();
    }

    private RawPeer mute(String options) throws Exception {
        return keep(RawPeer.connect(consume("zeromq:pull:" + FREE + options)));
    }

    @Test
    @ShowsEffectOf({"heartbeatInterval", "heartbeatTtl"})
    void aPeerIsPingedAndToldWhenToGiveUp() throws Exception {
        RawPeer peer = keep(
                RawPeer.handshaken(consume("zeromq:pull:" + FREE + "?heartbeatInterval=50&heartbeatTtl=700"), "PUSH"));
        assertThat(peer.reads(new String(new byte[] {4, 'P', 'I', 'N', 'G', 0, 7}, ISO_8859_1)))
                .isTrue();
    }

    @Test
    @ShowsEffectOf("heartbeatTimeout")
    void aPeerThatDoesNotAnswerAHeartbeatInTimeIsDisconnected() throws Exception {
        RawPeer longer = deaf("?heartbeatInterval=50&heartbeatTimeout=60s");
        RawPeer shorter = deaf("?heartbeatInterval=50&heartbeatTimeout=100&socketName=short");
        assertThat(shorter.isEnded()).isTrue();
        assertThat(longer.isOpen()).isTrue();
    }

    private RawPeer deaf(String options) throws Exception {
        return keep(RawPeer.handshaken(consume("zeromq:pull:" + FREE + options), "PUSH"));
    }

    @Test
    @ShowsEffectOf("linger")
    void aStopLingersForAsLongAsTheOptionSays() throws Exception {
        String address = "tcp://127.0.0.1:" + Ports.free();
        Thread patient = stopWithAQueue(address, "60s");
        stopWithAQueue(address, "1500").join();
        assertThat(patient.isAlive()).isTrue();
        consume("zeromq:pull:" + address + "?batchSize=1000");
        await().until(() -> batched().size() == 100);
        patient.join();
    }

    /** Begins to stop a context with 100 messages of which ZeroMQ takes only 10 without a peer. */
    private static Thread stopWithAQueue(String address, String linger) {
        DefaultCamelContext sender = context();
        sender.getShutdownStrategy().setTimeout(60);
        sender.start();
        sender.createProducerTemplate()
                .sendBody("zeromq:push:" + address + "?sendHighWaterMark=10&linger=" + linger, numbers(100));
        Thread stopping = new Thread(sender::stop, "stops-with-linger-" + linger);
        stopping.start();
        return stopping;
    }

    @Test
    @ShowsEffectOf({"ioThreads", "maxSockets"})
    void theContextHasSoManyThreadsAndSocketsAndNoMore() throws Exception {
        long before = ioThreads();
        ZeroMqComponent small = new ZeroMqComponent();
        small.setIoThreads(3);
        small.setMaxSockets(2);
        context.addComponent("small", small);
        consume("small:pull:" + FREE + "?socketName=1");
        assertThat(ioThreads() - before).isEqualTo(3);
        consume("small:pull:" + FREE + "?socketName=2");
        assertThat(catchThrowable(() -> consume("small:pull:" + FREE + "?socketName=3")))
                .hasStackTraceContaining("more than maxSockets=2 sockets are open");
    }

    private static long ioThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && thread.getName().startsWith("iothread-"))
                .count();
    }

    @Test
    @ShowsEffectOf("configuration")
    void theConfigurationOfTheComponentIsTheDefaultOfItsEndpoints() throws Exception {
        ZeroMqConfiguration batches = new ZeroMqConfiguration();
        batches.setBatchSize(100);
        ZeroMqComponent configured = new ZeroMqComponent();
        configured.setConfiguration(batches);
        context.addComponent("batches", configured);
        consume("batches:pull:" + FREE);
        send("zeromq:push:" + bound("batches:pull:" + FREE), numbers(3));
        await().until(() -> batched().size() == 3);
    }
}
