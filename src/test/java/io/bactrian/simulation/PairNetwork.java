package io.bactrian.simulation;

import io.bactrian.pair.core.Side;
import io.bactrian.pubsub.core.HubChoice;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Links between clients and two hubs. A client is connected to each of them and uses one, as the production's {@link
 * HubChoice} says. Frames are lost, doubled, delayed and reordered, and connections are cut.
 */
final class PairNetwork extends Network {
    /** A frame arrives at a hub. */
    interface Arrival {
        void receive(Side side, byte[] peer, byte[] frame);
    }

    private static final int WORK_MS = 20;

    private static final class Client {
        private final Peer peer;
        private final HubChoice choice = new HubChoice(2);
        private final int[] connections = new int[2];
        private final long[] cutUntilMs = new long[2];

        private Client(Peer peer) {
            this.peer = peer;
        }
    }

    private final World world;
    private final Arrival hubs;
    private final Predicate<Side> listens;
    private final Map<String, Client> clients = new HashMap<>();
    private int connections;

    PairNetwork(World world, Arrival hubs, Predicate<Side> listens) {
        super(world);
        this.world = world;
        this.hubs = hubs;
        this.listens = listens;
    }

    private static Side side(int number) {
        return number == 0 ? Side.PRIMARY : Side.BACKUP;
    }

    private static int number(Side side) {
        return side == Side.PRIMARY ? 0 : 1;
    }

    private long nowMs() {
        return world.nowMs() + 1;
    }

    private boolean isConnected(Client client, int number) {
        return client.connections[number] > 0
                && world.nowMs() >= client.cutUntilMs[number]
                && listens.test(side(number));
    }

    @Override
    void connect(String name, Peer peer) {
        Client client = new Client(peer);
        Client former = clients.put(name, client);
        for (int i = 0; i < 2; i++) {
            client.connections[i] = ++connections;
            client.cutUntilMs[i] = former == null ? 0 : former.cutUntilMs[i];
        }
        work(name, client);
    }

    private void work(String name, Client client) {
        if (clients.get(name) != client) {
            return;
        }
        world.in(WORK_MS, () -> work(name, client));
        if (client.choice.work(nowMs(), i -> isConnected(client, i)) == HubChoice.Next.BEGIN) {
            client.peer.reconnected();
        }
    }

    @Override
    void disconnect(String name) {
        clients.remove(name);
    }

    /** Cuts a client off from one hub, or from both. */
    @Override
    void cut(String name, long forMs) {
        int which = world.draw(3);
        for (int i = 0; i < 2; i++) {
            if (which == 2 || which == i) {
                cut(name, i, forMs);
            }
        }
    }

    private void cut(String name, int number, long forMs) {
        Client client = clients.get(name);
        if (client != null) {
            client.cutUntilMs[number] = Math.max(client.cutUntilMs[number], world.nowMs() + forMs);
            world.in(forMs, () -> connectAgain(name, client, number));
        }
    }

    private void connectAgain(String name, Client client, int number) {
        if (clients.get(name) == client && client.cutUntilMs[number] <= world.nowMs() && listens.test(side(number))) {
            client.connections[number] = ++connections;
            if (client.choice.connected(number) == HubChoice.Next.BEGIN) {
                client.peer.reconnected();
            }
        }
    }

    /** A hub is there again. */
    void here(Side side) {
        new TreeMap<>(clients)
                .forEach(
                        (name, client) -> world.in(1 + world.draw(50), () -> connectAgain(name, client, number(side))));
    }

    @Override
    void toHub(String name, Hubs ignored, byte[] frame) {
        Client client = clients.get(name);
        if (client == null) {
            return;
        }
        client.choice.asked(nowMs());
        int number = client.choice.used();
        if (isConnected(client, number)) {
            byte[] peer = (name + "#" + number + "#" + client.connections[number]).getBytes(StandardCharsets.UTF_8);
            copies(() -> hubs.receive(side(number), peer, frame));
        }
    }

    @Override
    void toPeer(byte[] peer, byte[] frame, byte @Nullable [] second) {
        String[] id = new String(peer, StandardCharsets.UTF_8).split("#", -1);
        int number = Integer.parseInt(id[1]);
        int connection = Integer.parseInt(id[2]);
        copies(() -> {
            Client client = clients.get(id[0]);
            if (client != null && client.connections[number] == connection && isConnected(client, number)) {
                if (client.choice.isAnswer(number, frame)) {
                    client.peer.receive(frame, second);
                } else {
                    client.choice.refused(number, frame, nowMs(), i -> isConnected(client, i));
                }
            }
        });
    }
}
