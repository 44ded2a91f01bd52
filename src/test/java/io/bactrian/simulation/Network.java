package io.bactrian.simulation;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Links between the hub and its peers that lose, double, delay and reorder frames, and that are cut. A peer has a new
 * routing id after each cut and each restart, as with a ROUTER.
 */
class Network {
    /** A peer's end: takes what the hub sends. */
    interface Peer {
        void receive(byte[] frame, byte[] second);

        void reconnected();
    }

    private static final class Link {
        private final Peer peer;
        private int connection;
        private long cutUntilMs;

        private Link(Peer peer) {
            this.peer = peer;
        }
    }

    private final World world;
    private final Map<String, Link> links = new HashMap<>();
    private double loss;
    private double doubling;
    private int delayMs = 1;
    private int connections;

    Network(World world) {
        this.world = world;
    }

    void faults(double lossRate, double doublingRate, int delayMaxMs) {
        loss = lossRate;
        doubling = doublingRate;
        delayMs = delayMaxMs;
    }

    void connect(String name, Peer peer) {
        Link link = new Link(peer);
        link.connection = ++connections;
        Link former = links.put(name, link);
        link.cutUntilMs = former == null ? 0 : former.cutUntilMs;
    }

    void disconnect(String name) {
        links.remove(name);
    }

    void cut(String name, long forMs) {
        Link link = links.get(name);
        if (link != null) {
            link.cutUntilMs = world.nowMs() + forMs;
            link.connection = ++connections;
            world.in(forMs, () -> {
                if (links.get(name) == link && link.cutUntilMs <= world.nowMs()) {
                    link.peer.reconnected();
                }
            });
        }
    }

    boolean isCut(String name) {
        Link link = links.get(name);
        return link != null && world.nowMs() < link.cutUntilMs;
    }

    void toHub(String name, Hubs hub, byte[] frame) {
        Link link = links.get(name);
        if (link == null || world.nowMs() < link.cutUntilMs) {
            return;
        }
        byte[] peer = (name + "#" + link.connection).getBytes(StandardCharsets.UTF_8);
        copies(() -> hub.receive(peer, frame));
    }

    void toPeer(byte[] peer, byte[] frame, byte[] second) {
        String id = new String(peer, StandardCharsets.UTF_8);
        int hash = id.lastIndexOf('#');
        String name = id.substring(0, hash);
        int connection = Integer.parseInt(id.substring(hash + 1));
        copies(() -> {
            Link link = links.get(name);
            // A frame that is still under way when a link is cut or a process dies may arrive or not, but never at
            // another process.
            if (link != null && link.connection == connection && world.nowMs() >= link.cutUntilMs) {
                link.peer.receive(frame, second);
            }
        });
    }

    final void copies(Runnable arrival) {
        if (world.chance(loss)) {
            return;
        }
        world.in(1 + world.draw(delayMs), arrival);
        if (world.chance(doubling)) {
            world.in(1 + world.draw(delayMs * 4), arrival);
        }
    }
}
