package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import zmq.ZMQ;

/**
 * Peers that mean harm where nothing of what they send, or nothing that tells them apart, can be read off the wire: behind
 * CURVE, with a key that is admitted, and over ipc. The limits are those of {@link HostilePeerTest}.
 */
@Timeout(600)
@Tag("slow")
class HostilePeerInsideTest extends ZeroMqTest {

    /** How a peer comes in. */
    enum Way {
        CURVE,
        IPC,
        /** With a handshake that says nothing. */
        IPC_SILENT
    }

    /** A peer that has come in. */
    private interface Insider {
        void frame(int flags, byte[] body) throws IOException;

        RawPeer raw();
    }

    private record Plain(RawPeer raw) implements Insider {
        @Override
        public void frame(int flags, byte[] body) throws IOException {
            raw.frame(flags, body);
        }
    }

    private record Encrypted(CurvePeer curve) implements Insider {
        @Override
        public void frame(int flags, byte[] body) throws IOException {
            curve.frame(flags, body);
        }

        @Override
        public RawPeer raw() {
            return curve.raw();
        }
    }

    @TempDir
    Path folder;

    private final List<Insider> peers = new ArrayList<>();
    private CurveFiles keys;

    @BeforeEach
    void generate() throws Exception {
        keys = CurveFiles.in(folder);
    }

    @AfterEach
    void disconnect() throws IOException {
        for (Insider peer : peers) {
            peer.raw().close();
        }
        peers.clear();
    }

    private Insider enter(Way way, String address, String type) throws IOException {
        Insider peer = switch (way) {
            case CURVE ->
                new Encrypted(CurvePeer.handshaken(address, type.equals("SUB") ? ZMQ.ZMQ_SUB : ZMQ.ZMQ_PUSH, keys));
            case IPC -> new Plain(RawPeer.handshaken(address, type));
            case IPC_SILENT -> new Plain(RawPeer.connect(address).greet().readyWithoutProperties());
        };
        peers.add(peer);
        return peer;
    }

    private String server(Way way, String kind, String options) {
        return way == Way.CURVE
                ? "zeromq:" + kind + ":" + FREE + "?" + keys.serverOptions() + options
                : "zeromq:" + kind + ":ipc://" + folder.resolve("socket") + "?linger=0" + options;
    }

    private String client(Way way, String kind, String address) {
        return "zeromq:" + kind + ":" + address + "?" + (way == Way.CURVE ? keys.clientOptions() : "linger=0");
    }

    private SocketView server() {
        return sockets().stream().filter(s -> s.settings().bind()).findFirst().orElseThrow();
    }

    private long count(Counter counter) {
        return server().counters().get(counter);
    }

    private void served(Way way, String address, String text) {
        send(client(way, "push", address), text);
        await().until(() -> bodies().contains(text));
    }

    /** Only the peer that means well is left, which may have connected more than once, as any may in its handshake. */
    private void awaitDisconnected() {
        await().until(() -> count(Counter.DISCONNECTED) == count(Counter.CONNECTED) - 1);
    }

    /** Sends a frame that may be one too many; false if the connection was cut before it was written. */
    private static boolean sent(Insider peer, int flags, byte[] body) {
        try {
            peer.frame(flags, body);
            return true;
        } catch (IOException cut) {
            return false;
        }
    }

    private void endless(Insider peer, byte[] frame, int framesMax, boolean commandsBetween) throws IOException {
        int frames = 0;
        while (frames < framesMax
                && sent(peer, RawPeer.MORE, frame)
                && (!commandsBetween || sent(peer, RawPeer.COMMAND, new byte[0]))) {
            frames++;
        }
        assertThat(frames).isLessThan(framesMax);
        assertThat(peer.raw().isEnded()).isTrue();
        await().until(() -> count(Counter.DISCONNECTED) == 1);
        assertThat(count(Counter.CONNECTIONS_CUT)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void aMessageWithoutEndIsCutAtItsOctets(Way way) throws Exception {
        String address = consume(server(way, "pull", "&maxFrameBytes=100000&maxMessageBytes=1000000"));
        Insider peer = enter(way, address, "PUSH");
        endless(peer, new byte[50_000], 10_000, false);
        served(way, address, "afterwards");
        assertThat(bodies()).containsExactly("afterwards");
        assertThat(count(Counter.HANDSHAKE_SUCCEEDED)).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void commandsInItsMidstDoNotHideIt(Way way) throws Exception {
        String address = consume(server(way, "pull", "&maxFrames=10"));
        endless(enter(way, address, "PUSH"), new byte[0], 1_000_000, true);
        served(way, address, "afterwards");
    }

    @ParameterizedTest
    @EnumSource
    void messagesWithoutEndOfManyPeersTakeBoundedMemory(Way way) throws Exception {
        String address = consume(
                server(way, "pull", "&maxFrameBytes=100000&maxMessageBytes=1000000&maxIncompleteBytes=2000000"));
        for (int i = 0; i < 10; i++) {
            Insider peer = enter(way, address, "PUSH");
            int frames = 0;
            while (frames < 9 && sent(peer, RawPeer.MORE, new byte[50_000])) {
                frames++;
            }
        }
        await().until(() -> count(Counter.CONNECTIONS_CUT) >= 6);
        served(way, address, "meanwhile");
        disconnect();
        awaitDisconnected();
        long cut = count(Counter.CONNECTIONS_CUT);
        Insider good = enter(way, address, "PUSH");
        for (int frame = 0; frame < 19; frame++) {
            good.frame(RawPeer.MORE, new byte[50_000]);
        }
        good.frame(0, "last".getBytes(US_ASCII));
        await().until(() -> received.size() == 2);
        assertThat(count(Counter.CONNECTIONS_CUT)).isEqualTo(cut);
    }

    @ParameterizedTest
    @EnumSource
    void framesThatAreAnnouncedAndNotSentTakeBoundedMemory(Way way) throws Exception {
        String address = consume(server(way, "pull", "&maxFrameBytes=1000000&maxIncompleteBytes=4000000"));
        for (int i = 0; i < 12; i++) {
            Insider peer = enter(way, address, "PUSH");
            peer.raw().write(RawPeer.header(0, 1_000_000));
        }
        await().until(() -> count(Counter.FRAMES_REFUSED) == 8);
        await().until(() -> count(Counter.DISCONNECTED) == 8);
        assertThat(count(Counter.CONNECTIONS_CUT)).isEqualTo(8);
        served(way, address, "meanwhile");
        disconnect();
        awaitDisconnected();
        // The room is there again as soon as the connections have ended, and as soon as a frame is complete.
        for (int i = 0; i < 8; i++) {
            enter(way, address, "PUSH").frame(0, new byte[999_000]);
        }
        await().until(() -> received.size() == 9);
        assertThat(count(Counter.FRAMES_REFUSED)).isEqualTo(8);
    }

    @ParameterizedTest
    @EnumSource
    void framesThatAreAnnouncedInTheHandshakeTakeBoundedMemoryToo(Way way) throws Exception {
        String address = consume(server(way, "pull", "&maxFrameBytes=1000000&maxIncompleteBytes=4000000"));
        for (int i = 0; i < 12; i++) {
            RawPeer peer = RawPeer.connect(address).greet(way == Way.CURVE ? "CURVE" : "NULL");
            peers.add(new Plain(peer));
            peer.write(RawPeer.header(RawPeer.COMMAND, 1_000_000));
        }
        await().until(() -> count(Counter.FRAMES_REFUSED) == 8);
        await().until(() -> count(Counter.DISCONNECTED) == 8);
        served(way, address, "meanwhile");
    }

    @ParameterizedTest
    @EnumSource
    void aMillionSubscriptionsEndTheirConnectionOnly(Way way) throws Exception {
        String pub = server(way, "pub", "&maxSubscriptionBytes=100000");
        send(pub, "nobody hears this");
        String address = bound(pub);
        consume(client(way, "sub", address) + "&subscribe=good");
        Insider greedy = enter(way, address, "SUB");
        int subscriptions = 0;
        while (subscriptions < 1_000_000 && sent(greedy, 0, ("\1topic " + subscriptions).getBytes(US_ASCII))) {
            subscriptions++;
        }
        assertThat(subscriptions).isLessThan(1_000_000);
        assertThat(greedy.raw().isEnded()).isTrue();
        assertThat(count(Counter.CONNECTIONS_CUT)).isEqualTo(1);
        await().until(() -> {
            send(pub, "good news");
            return bodies().contains("good news");
        });
    }

    @ParameterizedTest
    @EnumSource
    void whoSubscribesAndUnsubscribesAgainAndAgainIsNotCut(Way way) throws Exception {
        String pub = server(way, "pub", "&maxSubscriptionBytes=1000");
        send(pub, "nobody hears this");
        Insider peer = enter(way, bound(pub), "SUB");
        for (int i = 0; i < 500; i++) {
            peer.frame(0, ("\1topic " + i).getBytes(US_ASCII));
            peer.frame(0, ("\0topic " + i).getBytes(US_ASCII));
        }
        peer.frame(0, "\1good".getBytes(US_ASCII));
        CompletableFuture<byte[]> news = CompletableFuture.supplyAsync(() -> frame(peer));
        await().until(() -> {
            send(pub, "good news");
            return news.isDone();
        });
        assertThat(news.join()).isNotEmpty();
        assertThat(count(Counter.CONNECTIONS_CUT)).isZero();
    }

    private static byte[] frame(Insider peer) {
        try {
            return peer.raw().readFrame();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPrefixOfAHundredThousandOctetsEndsItsConnectionAndNotThePublisher(Way way) throws Exception {
        String pub = server(way, "pub", "");
        send(pub, "nobody hears this");
        String address = bound(pub);
        consume(client(way, "sub", address) + "&subscribe=good");
        Insider deep = enter(way, address, "SUB");
        sent(deep, 0, ("\1" + "x".repeat(100_000)).getBytes(US_ASCII));
        assertThat(deep.raw().isEnded()).isTrue();
        await().until(() -> {
            send(pub, "good news");
            return bodies().contains("good news");
        });
        assertThat(server().failure()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void aHeartbeatThatIsCutShortHarmsNobodyElse(Way way) throws Exception {
        String address = consume(server(way, "pull", ""));
        for (String ping : List.of("\4PING", "\4PING\0", "\4PONG", "\4PING\0\0" + "x".repeat(100))) {
            enter(way, address, "PUSH").frame(RawPeer.COMMAND, ping.getBytes(US_ASCII));
        }
        served(way, address, "meanwhile");
        assertThat(server().failure()).isNull();
    }
}
