package io.bactrian.discovery.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GossipCodecTest {
    private static final long NOW_MS = 1_000_000;

    private final GossipCodec codec = new GossipCodec("test");

    private static List<RegistryEntry> news() {
        Registration node = new Registration(
                "n",
                "worker",
                "name",
                "host",
                1,
                "g",
                "c",
                List.of("scan"),
                Map.of("k", "v"),
                "i",
                10_000,
                2,
                List.of());
        return List.of(
                RegistryEntry.router(
                        new Content.Router("r", "h:1", "tcp://h:2", "tcp://h:3", RouterState.DOWN, "s\nt"), 7, 999_000),
                RegistryEntry.sighting(new Content.Sighting("r", node, NodeStatus.ACTIVE, 5), 8, 0),
                RegistryEntry.assignment(new Content.Assignment("g", "w", "n", ""), 9, "r", 0));
    }

    private static List<RouterMessage> messages() {
        return List.of(
                new RouterMessage.Beat("r"),
                new RouterMessage.Ping("r", -5, news()),
                new RouterMessage.Ack("r", 6, List.of()),
                new RouterMessage.ProbeRequest("r", 7, "t", "h:1", news()),
                new RouterMessage.Nack("r", 8),
                new RouterMessage.Gossip("r", news()),
                new RouterMessage.State("r", news()),
                new RouterMessage.CheckNode("r", 9, "n", "tcp://h:1", "ping worker"),
                new RouterMessage.NodeAnswered("r", 10, "n"),
                new RouterMessage.Root("r", 11),
                new RouterMessage.Buckets("r", new int[RegistryReplica.BUCKETS]),
                new RouterMessage.Keys("r", 3, new long[] {1, 2}, new long[] {3, 4}),
                new RouterMessage.Want("r", 3, new long[] {1}));
    }

    @Test
    void textsThatFitIntoNoDatagramOfOursAreRefused() {
        Content.Router router =
                new Content.Router("r", "h".repeat(301), "tcp://h:2", "tcp://h:3", RouterState.ALIVE, "r");
        byte[] bytes = codec.encode(new RouterMessage.Gossip("r", List.of(RegistryEntry.router(router, 7, 0))), NOW_MS);
        assertThatThrownBy(() -> codec.decode(bytes, NOW_MS))
                .isInstanceOf(RequestRefusedException.class)
                .hasMessageContaining("300 characters");
    }

    @Test
    void everyMessageIsReadAsItWasWritten() {
        for (RouterMessage message : messages()) {
            byte[] bytes = codec.encode(message, NOW_MS);
            RouterMessage read = codec.decode(bytes, NOW_MS);
            assertThat(read).hasSameClassAs(message);
            assertThat(codec.encode(read, NOW_MS)).as("%s", message).isEqualTo(bytes);
        }
    }

    @Test
    void aHeartbeatIsSmall() {
        assertThat(codec.encode(new RouterMessage.Beat("member-1"), NOW_MS)).hasSizeLessThanOrEqualTo(16);
    }

    @Test
    void theAgeOfATombstoneCrossesAndNotATimeOfDay() {
        byte[] bytes = codec.encode(new RouterMessage.Gossip("r", news()), NOW_MS);
        RouterMessage.Gossip read = (RouterMessage.Gossip) codec.decode(bytes, NOW_MS + 50_000);
        assertThat(read.entries().get(0).endedMs()).isEqualTo(999_000 + 50_000);
    }

    @Test
    void datagramsOfOthersAreRefused() {
        byte[] bytes = codec.encode(new RouterMessage.Beat("r"), NOW_MS);
        assertThatThrownBy(() -> new GossipCodec("other").decode(bytes, NOW_MS))
                .isInstanceOf(RequestRefusedException.class);
        byte[] older = bytes.clone();
        older[0] = 1;
        assertThatThrownBy(() -> codec.decode(older, NOW_MS)).isInstanceOf(RequestRefusedException.class);
    }

    /** Changed, cut and lengthened datagrams give a message or are refused; nothing else may come of them. */
    @Test
    void whatIsDamagedIsRefusedOrReadAndHarmsNobody() {
        Random random = new Random(1);
        List<byte[]> originals = new ArrayList<>();
        messages().forEach(message -> originals.add(codec.encode(message, NOW_MS)));
        int refused = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] original = originals.get(random.nextInt(originals.size()));
            byte[] bytes = Arrays.copyOf(original, Math.max(1, original.length + random.nextInt(9) - 4));
            for (int change = random.nextInt(4); change >= 0; change--) {
                // Seldom in the head, which is checked first.
                int first = random.nextInt(8) == 0 ? 0 : Math.min(6, bytes.length - 1);
                bytes[first + random.nextInt(bytes.length - first)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(codec.decode(bytes, NOW_MS)).isNotNull();
            } catch (RequestRefusedException e) {
                refused++;
                assertThat(e.reason()).isNotEmpty();
            }
        }
        assertThat(refused).isBetween(1_000, 49_999);
    }

    @Test
    void anAgeThatCannotBeIsRefused() {
        byte[] bytes = codec.encode(new RouterMessage.Gossip("r", news().subList(0, 1)), NOW_MS);
        int age = 1 + Integer.BYTES + 1 + 2 + 1 + Long.BYTES + Integer.BYTES;
        for (byte high : new byte[] {(byte) 0x80, 0x7f}) {
            byte[] wrong = bytes.clone();
            wrong[age] = high;
            assertThatThrownBy(() -> codec.decode(wrong, NOW_MS)).isInstanceOf(RequestRefusedException.class);
        }
    }

    /** Routers of two versions form a cluster while it is upgraded. */
    @Test
    void theOctetsStayAsTheyAre() {
        assertThat(messages().stream()
                        .filter(message -> !(message instanceof RouterMessage.Buckets))
                        .map(message -> HexFormat.of().formatHex(codec.encode(message, NOW_MS))))
                .containsExactly(
                        "0293c6fc8048000172",
                        "0293c6fc8050000172fffffffb00000000000000070000000200000000000003e8010001720003683a3100097463703a2f2f"
                                + "683a3200097463703a2f2f683a33020003730a74000000000000000800000000ffffffffffffffff02000172010000000000"
                                + "00000500016e0006776f726b657200046e616d650004686f737400010001670001630100047363616e0100016b0001760001"
                                + "69000000000000271000020000000000000000099f08866effffffffffffffff0300016700017700016e0000",
                        "0293c6fc804100017200000006",
                        "0293c6fc8052000172000000070001740003683a3100000000000000070000000200000000000003e8010001720003683a31"
                                + "00097463703a2f2f683a3200097463703a2f2f683a33020003730a74000000000000000800000000ffffffffffffffff0200"
                                + "017201000000000000000500016e0006776f726b657200046e616d650004686f737400010001670001630100047363616e01"
                                + "00016b000176000169000000000000271000020000000000000000099f08866effffffffffffffff0300016700017700016e"
                                + "0000",
                        "0293c6fc804e00017200000008",
                        "0293c6fc804700017200000000000000070000000200000000000003e8010001720003683a3100097463703a2f2f683a3200"
                                + "097463703a2f2f683a33020003730a74000000000000000800000000ffffffffffffffff0200017201000000000000000500"
                                + "016e0006776f726b657200046e616d650004686f737400010001670001630100047363616e0100016b000176000169000000"
                                + "000000271000020000000000000000099f08866effffffffffffffff0300016700017700016e0000",
                        "0293c6fc805300017200000000000000070000000200000000000003e8010001720003683a3100097463703a2f2f683a3200"
                                + "097463703a2f2f683a33020003730a74000000000000000800000000ffffffffffffffff0200017201000000000000000500"
                                + "016e0006776f726b657200046e616d650004686f737400010001670001630100047363616e0100016b000176000169000000"
                                + "000000271000020000000000000000099f08866effffffffffffffff0300016700017700016e0000",
                        "0293c6fc80430001720000000900016e00097463703a2f2f683a31000b70696e6720776f726b6572",
                        "0293c6fc80590001720000000a00016e",
                        "0293c6fc8044000172000000000000000b",
                        "0293c6fc804b00017203000200000000000000010000000000000002000200000000000000030000000000000004",
                        "0293c6fc80570001720300010000000000000001");
    }

    @Test
    void anyTextOfARegistrationIsReadAsItWasWritten() {
        for (String name : List.of("größe", "\ud83d\ude80", "half \ud83d of it")) {
            List<RegistryEntry> news =
                    List.of(RegistryEntry.sighting(new Content.Sighting("r", named(name), NodeStatus.ACTIVE, 5), 8, 0));
            RouterMessage read = codec.decode(codec.encode(new RouterMessage.Gossip("r", news), NOW_MS), NOW_MS);
            assertThat(((Content.Sighting) ((RouterMessage.Gossip) read)
                                    .entries()
                                    .get(0)
                                    .content())
                            .node()
                            .name())
                    .isEqualTo(name);
        }
    }

    private static Registration named(String name) {
        return new Registration(
                "n", "worker", name, "host", 1, "g", "c", List.of(), Map.of(), "i", 10_000, 2, List.of());
    }
}
