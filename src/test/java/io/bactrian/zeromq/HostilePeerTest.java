package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Peers that mean harm. In each test they are counted, the memory they take is bounded, their connections end, and a peer
 * that means well is served meanwhile and afterwards, by the same I/O thread.
 */
@Tag("slow")
class HostilePeerTest extends ZeroMqTest {
    private final List<RawPeer> peers = new ArrayList<>();

    @AfterEach
    void disconnect() throws IOException {
        for (RawPeer peer : peers) {
            peer.close();
        }
        peers.clear();
    }

    private RawPeer keep(RawPeer peer) {
        peers.add(peer);
        return peer;
    }

    private SocketView socket(String kind) {
        return sockets().stream()
                .filter(s -> s.settings().kind().name().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private long count(Counter counter) {
        return socket("pull").counters().get(counter);
    }

    /** A peer that means well gets its message through. */
    private void served(String address, String text) {
        send("zeromq:push:" + address, text);
        await().until(() -> bodies().contains(text));
    }

    @Test
    @ShowsEffectOf("handshakeTimeout")
    void aPeerThatIsSilentAfterItsGreetingIsDisconnectedAndOneThatIsReadyIsNot() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?handshakeTimeout=600");
        RawPeer patient = keep(RawPeer.handshaken(address, "PUSH"));
        RawPeer half = keep(RawPeer.connect(address).greet());
        served(address, "meanwhile");
        assertThat(half.isEnded()).isTrue();
        await().until(() -> count(Counter.HANDSHAKE_TIMEOUTS) == 1);
        patient.frame(0, "still here");
        await().until(() -> bodies().contains("still here"));
        assertThat(count(Counter.HANDSHAKE_TIMEOUTS)).isEqualTo(1);
        assertThat(count(Counter.HANDSHAKE_SUCCEEDED)).isEqualTo(2);
    }

    @Test
    void aPeerThatSaysNothingAtAllIsDisconnectedSooner() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?handshakeInterval=200&handshakeTimeout=0");
        RawPeer mute = keep(RawPeer.connect(address));
        served(address, "meanwhile");
        assertThat(mute.isEnded()).isTrue();
        await().until(() -> count(Counter.HANDSHAKE_FAILED) == 1);
    }

    @Test
    @ShowsEffectOf("maxConnections")
    void aFloodOfHalfHandshakesTakesNoMoreConnectionsThanAllowedAndNobodysPlace() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxConnections=20");
        served(address, "before");
        for (int i = 0; i < 300; i++) {
            keep(RawPeer.connect(address).greet());
        }
        served(address, "meanwhile");
        await().until(() -> count(Counter.CONNECTIONS_REFUSED) == 300 + 1 - 20);
        // The newest have come in, the oldest had to go; whoever was ready stays.
        assertThat(peers.get(0).isEnded()).isTrue();
        peers.get(299).ready("PUSH", "").frame(0, "late but good");
        await().until(() -> bodies().contains("late but good"));
        served(address, "afterwards");
        assertThat(count(Counter.CONNECTED) - count(Counter.DISCONNECTED)).isEqualTo(20);
    }

    @Test
    void whenAllAreReadyTheNewConnectionIsRefused() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxConnections=3");
        for (int i = 0; i < 3; i++) {
            keep(RawPeer.handshaken(address, "PUSH")).frame(0, "ready " + i);
        }
        await().until(() -> received.size() == 3);
        await().until(() -> count(Counter.HANDSHAKE_SUCCEEDED) == 3);
        assertThat(keep(RawPeer.connect(address)).isEnded()).isTrue();
        assertThat(count(Counter.CONNECTIONS_REFUSED)).isEqualTo(1);
        peers.get(0).frame(0, "still here");
        await().until(() -> bodies().contains("still here"));
    }

    @Test
    @ShowsEffectOf("maxMessageBytes")
    void aMessageWithoutEndIsCutAtItsOctets() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxFrameBytes=100000&maxMessageBytes=1000000");
        endless(address, 50_000, 10_000);
        assertThat(count(Counter.CONNECTIONS_CUT)).isEqualTo(1);
        served(address, "afterwards");
        assertThat(bodies()).containsExactly("afterwards");
    }

    @Test
    void aMessageWithoutEndIsCutAtItsFramesAlsoEmptyOnes() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxFrames=10");
        endless(address, 0, 10_000_000);
        assertThat(count(Counter.CONNECTIONS_CUT)).isEqualTo(1);
        served(address, "afterwards");
    }

    @Test
    void commandsInTheMidstOfAMessageWithoutEndDoNotHideIt() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxFrames=10");
        RawPeer peer = keep(RawPeer.handshaken(address, "PUSH"));
        int frames = 0;
        while (frames < 1_000_000
                && sent(peer, RawPeer.MORE, new byte[0])
                && sent(peer, RawPeer.COMMAND, new byte[0])) {
            frames++;
        }
        assertThat(frames).isLessThan(1_000_000);
        await().until(() -> count(Counter.CONNECTIONS_CUT) == 1);
        served(address, "afterwards");
    }

    @Test
    void aPeerThatGivesAFalseAddressIsCutAllTheSameAndNobodyElse() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxFrames=10");
        RawPeer victim = keep(RawPeer.handshaken(address, "PUSH"));
        for (String falseAddress : List.of("10.1.2.3:4", victim.localAddress())) {
            RawPeer liar = keep(RawPeer.connect(address).greet().readyFrom("PUSH", falseAddress));
            int frames = 0;
            while (frames < 1_000_000 && sent(liar, RawPeer.MORE, new byte[0])) {
                frames++;
            }
            assertThat(frames).isLessThan(1_000_000);
            assertThat(liar.isEnded()).isTrue();
        }
        assertThat(count(Counter.CONNECTIONS_CUT)).isEqualTo(2);
        victim.frame(0, "still here");
        await().until(() -> bodies().contains("still here"));
    }

    /** Sends frames with more to come until the connection breaks; fails if it does not. */
    private void endless(String address, int size, int framesMax) throws IOException {
        RawPeer peer = keep(RawPeer.handshaken(address, "PUSH"));
        byte[] frame = new byte[size];
        int frames = 0;
        while (frames < framesMax && sent(peer, RawPeer.MORE, frame)) {
            frames++;
        }
        assertThat(frames).isLessThan(framesMax);
        assertThat(peer.isEnded()).isTrue();
        await().until(() -> count(Counter.DISCONNECTED) == 1);
    }

    /** Only the peer that means well is left, which may have connected more than once, as any may in its handshake. */
    private void awaitDisconnected() {
        await().until(() -> count(Counter.DISCONNECTED) == count(Counter.CONNECTED) - 1);
    }

    /** Sends a frame that may be one too many; false if the connection was cut before it was written. */
    private static boolean sent(RawPeer peer, int flags, byte[] body) throws IOException {
        try {
            peer.frame(flags, body);
            return true;
        } catch (SocketException cut) {
            return false;
        }
    }

    @Test
    @ShowsEffectOf("maxIncompleteBytes")
    void framesThatAreAnnouncedAndNotSentTakeBoundedMemory() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxFrameBytes=1000000&maxIncompleteBytes=4000000");
        for (int i = 0; i < 20; i++) {
            keep(RawPeer.handshaken(address, "PUSH")).write(RawPeer.header(0, 1_000_000));
        }
        await().until(() -> count(Counter.FRAMES_REFUSED) == 16);
        await().until(() -> count(Counter.DISCONNECTED) == 16);
        served(address, "meanwhile");
        disconnect();
        awaitDisconnected();
        // The room is there again as soon as the connections have ended.
        for (int i = 0; i < 4; i++) {
            keep(RawPeer.handshaken(address, "PUSH")).write(RawPeer.header(0, 1_000_000));
        }
        for (RawPeer peer : peers) {
            peer.write(new byte[1_000_000]);
        }
        await().until(() -> received.size() == 5);
        assertThat(count(Counter.FRAMES_REFUSED)).isEqualTo(16);
    }

    @Test
    void messagesWithoutEndOfManyPeersTakeBoundedMemoryToo() throws Exception {
        String address = consume(
                "zeromq:pull:" + FREE + "?maxFrameBytes=100000&maxMessageBytes=1000000&maxIncompleteBytes=2000000");
        for (int i = 0; i < 10; i++) {
            RawPeer peer = keep(RawPeer.handshaken(address, "PUSH"));
            int frames = 0;
            while (frames < 9 && sent(peer, RawPeer.MORE, new byte[50_000])) {
                frames++;
            }
        }
        await().until(() -> count(Counter.CONNECTIONS_CUT) >= 6);
        served(address, "meanwhile");
        disconnect();
        awaitDisconnected();
        long cut = count(Counter.CONNECTIONS_CUT);
        RawPeer good = keep(RawPeer.handshaken(address, "PUSH"));
        for (int frame = 0; frame < 19; frame++) {
            good.frame(RawPeer.MORE, new byte[50_000]);
        }
        good.frame(0, "last");
        await().until(() -> received.size() == 2);
        assertThat(count(Counter.CONNECTIONS_CUT)).isEqualTo(cut);
    }

    @Test
    void aFrameThatIsLargerThanMemoryIsRefusedWhenItIsAnnounced() throws Exception {
        String address = consume("zeromq:pull:" + FREE);
        RawPeer before = keep(RawPeer.connect(address).greet());
        RawPeer after = keep(RawPeer.handshaken(address, "PUSH"));
        for (RawPeer peer : List.of(before, after)) {
            peer.write(RawPeer.header(0, Long.MAX_VALUE));
            assertThat(peer.isEnded()).isTrue();
        }
        served(address, "afterwards");
    }

    private String publisher(String options) throws Exception {
        String pub = "zeromq:pub:" + FREE + options;
        send(pub, "nobody hears this");
        return bound(pub);
    }

    @Test
    @ShowsEffectOf("maxSubscriptionBytes")
    void aMillionSubscriptionsEndTheirConnectionOnly() throws Exception {
        String pub = "?maxSubscriptionBytes=100000";
        String address = publisher(pub);
        RawPeer good = keep(RawPeer.handshaken(address, "SUB")).frame(0, "\1good");
        RawPeer greedy = keep(RawPeer.handshaken(address, "SUB"));
        int subscriptions = 0;
        while (subscriptions < 1_000_000 && sent(greedy, 0, ("\1topic " + subscriptions).getBytes(US_ASCII))) {
            subscriptions++;
        }
        assertThat(subscriptions).isLessThan(1_000_000);
        assertThat(greedy.isEnded()).isTrue();
        assertThat(socket("pub").counters().get(Counter.CONNECTIONS_CUT)).isEqualTo(1);
        send("zeromq:pub:" + FREE + pub, "good news");
        assertThat(good.reads("good news")).isTrue();
    }

    @Test
    void whoSubscribesAndUnsubscribesAgainAndAgainIsNotCut() throws Exception {
        String pub = "?maxSubscriptionBytes=1000";
        RawPeer peer = keep(RawPeer.handshaken(publisher(pub), "SUB"));
        for (int i = 0; i < 1_000; i++) {
            peer.frame(0, "\1topic " + i);
            peer.frame(0, "\0topic " + i);
        }
        peer.frame(0, "\1good");
        await().untilAsserted(() -> {
            send("zeromq:pub:" + FREE + pub, "good news");
            assertThat(socket("pub").counters().get(Counter.CONNECTIONS_CUT)).isZero();
            assertThat(socket("pub").counters().get(Counter.HANDSHAKE_SUCCEEDED))
                    .isEqualTo(1);
        });
        assertThat(peer.reads("good news")).isTrue();
    }

    @Test
    @ShowsEffectOf("maxTopicBytes")
    void aPrefixOfAHundredThousandOctetsEndsItsConnectionAndNotThePublisher() throws Exception {
        String address = publisher("");
        RawPeer good = keep(RawPeer.handshaken(address, "SUB")).frame(0, "\1good");
        RawPeer deep = keep(RawPeer.handshaken(address, "SUB"));
        sent(deep, 0, ("\1" + "x".repeat(100_000)).getBytes(US_ASCII));
        assertThat(deep.isEnded()).isTrue();
        send("zeromq:pub:" + FREE, "good news");
        assertThat(good.reads("good news")).isTrue();
        assertThat(socket("pub").failure()).isNull();
        String wide = publisher("?socketName=wide&maxTopicBytes=5000");
        RawPeer long1 = keep(RawPeer.handshaken(wide, "SUB")).frame(0, "\1" + "x".repeat(4_000));
        await().untilAsserted(
                        () -> send("zeromq:pub:" + FREE + "?socketName=wide&maxTopicBytes=5000", "x".repeat(4_001)));
        assertThat(long1.reads("xxx")).isTrue();
    }

    @Test
    void portScansAreCountedAndServeNobodyIll() throws Exception {
        String address = consume("zeromq:pull:" + FREE);
        for (int i = 0; i < 200; i++) {
            RawPeer peer = RawPeer.connect(address);
            if (i % 2 == 0) {
                peer.reset();
            } else {
                peer.close();
            }
        }
        served(address, "meanwhile");
        await().until(() -> count(Counter.HANDSHAKE_FAILED) >= 100);
        awaitDisconnected();
    }

    /** Monitoring probes ports, and a client on a busy machine gives up its first handshake and tries again. */
    @Test
    void whoOnlyLooksWhetherSomebodyListensIsNoWarningAndWhoNeverGetsThroughIs() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("io.bactrian.zeromq.socket");
        log.start();
        logger.addAppender(log);
        try {
            String address = consume("zeromq:pull:" + FREE);
            for (int i = 0; i < 20; i++) {
                RawPeer.connect(address).close();
            }
            for (int i = 0; i < 2; i++) {
                RawPeer.connect(address).greet().close();
            }
            await().until(() -> count(Counter.HANDSHAKE_FAILED) == 22);
            assertThat(warnings(log)).isEmpty();
            served(address, "meanwhile");
            await().until(() -> count(Counter.HANDSHAKE_SUCCEEDED) == 1);
            RawPeer.connect(address).greet().close();
            await().until(() -> count(Counter.HANDSHAKE_FAILED) == 23);
            assertThat(warnings(log)).isEmpty();
            for (int i = 0; i < 2; i++) {
                RawPeer.connect(address).greet().close();
            }
            await().until(() -> warnings(log).equals(List.of("the handshake was not completed")));
        } finally {
            logger.detachAppender(log);
        }
    }

    private static List<String> warnings(ListAppender<ILoggingEvent> log) {
        synchronized (log) {
            return List.copyOf(log.list).stream()
                    .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                    .map(event -> event.getFormattedMessage().replaceAll(" socket=.*", ""))
                    .toList();
        }
    }

    @Test
    void aPeerThatReconnectsAgainAndAgainLeavesNothingBehind() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxConnections=50");
        for (int i = 0; i < 500; i++) {
            try (RawPeer peer = RawPeer.handshaken(address, "PUSH")) {
                peer.frame(0, "life " + i);
            }
        }
        await().until(() -> bodies().contains("life 499"));
        served(address, "meanwhile");
        awaitDisconnected();
        assertThat(received).hasSize(501);
        assertThat(count(Counter.CONNECTED)).isEqualTo(501);
    }

    @Test
    void aPeerOfTheOldProtocolIsDisconnected() throws Exception {
        String address = consume("zeromq:pull:" + FREE);
        RawPeer old = oldPeer(address);
        assertThat(old.isEnded()).isTrue();
        await().until(() -> count(Counter.HANDSHAKE_FAILED) == 1);
        served(address, "afterwards");
    }

    @Test
    @ShowsEffectOf("allowOldPeers")
    void anOldPeerIsHeardIfThatIsWanted() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?allowOldPeers=true");
        RawPeer old = oldPeer(address);
        await().until(() -> count(Counter.HANDSHAKE_SUCCEEDED) == 1);
        old.frame(0, "from the old days");
        await().until(() -> bodies().contains("from the old days"));
        assertThat(old.isOpen()).isTrue();
    }

    /** ZMTP 2.0: signature, version 1, socket type PUSH, then an empty identity. */
    private RawPeer oldPeer(String address) throws IOException {
        return keep(RawPeer.connect(address))
                .write(new byte[] {(byte) 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 8})
                .frame(0, "");
    }

    @Test
    void aHeartbeatThatIsCutShortHarmsNobodyElse() throws Exception {
        String address = consume("zeromq:pull:" + FREE);
        for (String ping : List.of("\4PING", "\4PING\0", "\4PONG", "\4PING\0\0" + "x".repeat(100))) {
            keep(RawPeer.handshaken(address, "PUSH")).frame(RawPeer.COMMAND, ping);
        }
        served(address, "meanwhile");
        assertThat(socket("pull").failure()).isNull();
    }
}
