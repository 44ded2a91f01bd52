package io.bactrian.federation.core;

import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import io.bactrian.pair.core.BinaryStar;
import io.bactrian.pair.core.BinaryStar.Step;
import io.bactrian.pair.core.Role;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which of the two processes of a node acts for it: Binary Star, with the neighbours' heartbeats as votes. A neighbour votes
 * for a takeover when it hears no active process of the node; a client does by asking the passive one. For one thread. Source:
 * the ZeroMQ guide, chapter 4.
 */
final class PairDuty {
    /** Makes this process act for its node, or not. */
    interface Switch {
        void to(boolean active, String why, long nowMs);
    }

    private final NodeContext context;
    private final Switch duty;
    private Role role;
    private long deafSinceMs;
    private boolean refused;
    private final LifeSign lifeSign;

    PairDuty(NodeContext context, Switch duty) {
        this.context = context;
        this.duty = duty;
        this.lifeSign = new LifeSign(context.settings.silentMs());
        this.role = context.self.place().equals("primary") ? Role.PRIMARY : Role.BACKUP;
    }

    Role role() {
        return role;
    }

    private boolean pair() {
        return !context.self.place().isEmpty();
    }

    /** What the heartbeats to the peer say. */
    void describe(Map<String, String> properties) {
        properties.put("role", Character.toString((char) role.digit()));
        properties.put("epoch", Long.toString(context.epoch));
        properties.put(
                "head", Long.toString(context.state.head(context.self.node()).number()));
        properties.put("hears", Integer.toString(hears()));
    }

    /** How many neighbours besides the peer are heard; a field device that is read is one of them. */
    private int hears() {
        int count = lifeSign.readable(context.nowMs) ? 1 : 0;
        for (Link link : context.links()) {
            count += link.up && link.side != Link.LinkSide.PEER ? 1 : 0;
        }
        return count;
    }

    /** A process that has just started has to listen first: its peer may act. */
    private boolean peerDead() {
        return context.links().stream()
                .noneMatch(link -> link.side == Link.LinkSide.PEER
                        && (link.up || context.nowMs - link.silentSinceMs <= context.settings.silentMs()));
    }

    /** The peer has said in which role it is. */
    void peer(KeyValue message, long nowMs) {
        Optional<Role> told = Role.ofHeartbeat(ClusteredHashmap.octets(message.property("role")));
        if (told.isEmpty()) {
            return;
        }
        Role theirs = told.get();
        Step step = BinaryStar.onPeer(role, theirs);
        if (step == Step.TWO_ACTIVES || step == Step.TWO_PASSIVES) {
            boolean mine = step == Step.TWO_ACTIVES ? higherEpoch(message) : fitter(message);
            if (step == Step.TWO_ACTIVES) {
                context.actions.warn(
                        "two-actives",
                        "both processes of " + context.self.node() + " act, the one with the" + " higher epoch stays");
            }
            step = mine == (step == Step.TWO_ACTIVES) ? Step.STAY : mine ? Step.BECOME_ACTIVE : Step.BECOME_PASSIVE;
        }
        if (step == Step.BECOME_ACTIVE) {
            become(Role.ACTIVE, "its peer is there and passive", nowMs);
        } else if (step == Step.BECOME_PASSIVE) {
            become(Role.PASSIVE, "its peer acts", nowMs);
        } else if (step == Step.SAME_SIDE) {
            context.actions.warn(
                    "same-side",
                    "both processes of " + context.self.node() + " say that they are " + context.self.place());
        }
        handOver(Long.parseLong(message.property("hears")), nowMs);
    }

    private boolean higherEpoch(KeyValue message) {
        int compared = Long.compare(context.epoch, Long.parseLong(message.property("epoch")));
        return compared != 0 ? compared > 0 : context.self.place().equals("primary");
    }

    /** Of two passive ones that acts which hears more neighbours, then which has more of the node's own changes. */
    private boolean fitter(KeyValue message) {
        int compared = Long.compare(hears(), Long.parseLong(message.property("hears")));
        if (compared == 0) {
            compared = Long.compare(
                    context.state.head(context.self.node()).number(), Long.parseLong(message.property("head")));
        }
        return compared != 0 ? compared > 0 : context.self.place().equals("primary");
    }

    /** An active process that hears nobody, while its peer does, is on the wrong side of a cut. */
    private void handOver(long peerHears, long nowMs) {
        boolean deaf = role == Role.ACTIVE && hears() == 0 && peerHears > 0;
        if (!deaf) {
            deafSinceMs = 0;
        } else if (deafSinceMs == 0) {
            deafSinceMs = nowMs;
        } else if (nowMs - deafSinceMs > context.settings.silentMs()) {
            deafSinceMs = 0;
            become(Role.PASSIVE, "it hears no neighbour, and its peer does", nowMs);
        }
    }

    /** A neighbour hears no active process of this node, or a client asks this one. */
    void vote(String who, long nowMs) {
        if (!pair()) {
            return;
        }
        if (role != Role.ACTIVE && peerDead() && lifeSign.goesOn(nowMs)) {
            context.actions.note(
                    "life-sign", context.self.id() + " does not act: its peer is silent, but its life sign goes on");
            return;
        }
        Step step = BinaryStar.onRequest(role, peerDead());
        if (step == Step.SERVE_AND_BECOME_ACTIVE) {
            become(Role.ACTIVE, "its peer is silent and " + who + " asks for it", nowMs);
        } else if (step == Step.REFUSE && role == Role.BACKUP && peerDead() && !refused) {
            refused = true;
            context.actions.warn(
                    "unhealthy-start",
                    context.self.id()
                            + " does not act: it is the backup, and has not met its primary since it started");
        }
    }

    /**
     * What the field device of the pair has as life sign, null if the device was not read. The device asks nothing, so a life
     * sign that stands still is its vote.
     */
    void lifeSign(@Nullable String value, long nowMs) {
        lifeSign.read(value, nowMs);
        if (role != Role.ACTIVE && peerDead() && lifeSign.still(nowMs)) {
            vote("the life sign in the field device stands still, which", nowMs);
        }
    }

    /** Somebody wants the other process to act; returns why not, or empty. */
    String switchOver(long nowMs) {
        if (!pair()) {
            return context.self.id() + " is no pair";
        }
        if (role != Role.ACTIVE) {
            return context.self.id() + " does not act";
        }
        if (peerDead()) {
            return "the peer of " + context.self.id() + " is silent";
        }
        become(Role.PASSIVE, "it was told to", nowMs);
        return "";
    }

    private void become(Role next, String why, long nowMs) {
        boolean first = role == Role.PRIMARY || role == Role.BACKUP;
        role = next;
        refused = false;
        duty.to(next == Role.ACTIVE, (first ? "at the start, " : "") + why, nowMs);
    }
}
