package io.bactrian.pubsub.routes;

import io.bactrian.pubsub.core.Delivery;
import io.bactrian.pubsub.core.HubFeed;
import io.bactrian.pubsub.core.Outbound;
import io.bactrian.support.database.StoreException;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.WireException;
import io.bactrian.zeromq.ZeroMqMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Body;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean of the routes to and from subscribers: takes what they ask for, and gives what is to be sent to
 * them. Requests may come at any time; the rounds of answers, plan, deliver and settle come from one route.
 */
public final class Feed {
    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

    /** Enough for the socket to be busy, little enough for the next round to come soon. */
    private static final int ROUND_BYTES = 1 << 20;

    private final HubFeed core;
    private final BadInput badInput;
    private final Duration silence;
    private final Clock clock;
    /** What was told of a log that cannot be read, empty if it can; only the route of the rounds uses it. */
    private String told = "";

    Feed(HubFeed core, BadInput badInput, Duration silence, Clock clock) {
        this.core = core;
        this.badInput = badInput;
        this.silence = silence;
        this.clock = clock;
    }

    /** Decodes what subscribers sent; what is not well formed is counted, and answered in the next round. */
    public List<Heard> decode(@Body List<ZeroMqMessage> messages) {
        List<Heard> heard = new ArrayList<>(messages.size());
        for (ZeroMqMessage message : messages) {
            byte[] peer = Peers.of(message);
            byte[] frame = message.frame(0);
            try {
                if (message.size() > 1) {
                    throw new WireException(Code.MALFORMED, "a subscriber sends messages of one frame");
                }
                if (!(Commands.decode(frame) instanceof Command.OfSubscriber command)) {
                    throw new WireException(Code.UNKNOWN_COMMAND, "a hub takes no such command from a subscriber");
                }
                heard.add(new Heard(peer, command));
            } catch (WireException e) {
                badInput.from(peer, e.code(), e.text());
                if (Commands.isOurs(frame)) {
                    synchronized (core) {
                        core.refuse(peer, e.code(), e.text());
                    }
                }
            }
        }
        return heard;
    }

    /** Takes one request; what changes a subscription is on disk when this returns. It is answered in the next round. */
    public void receive(@Body Heard heard) {
        try {
            synchronized (core) {
                core.receive(heard.peer(), heard.command(), clock.millis());
            }
        } catch (StoreException e) {
            // Not answered: the subscriber asks again.
            badInput.from(heard.peer(), Code.UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    /** The body is then what is to be told before anything is delivered. */
    public List<ZeroMqMessage> answers() {
        List<Outbound> answers;
        synchronized (core) {
            answers = core.answers();
        }
        List<ZeroMqMessage> out = new ArrayList<>(answers.size());
        for (Outbound answer : answers) {
            if (answer.command() instanceof Command.Error error) {
                badInput.from(answer.peer(), error.reason(), error.text());
            }
            out.add(ZeroMqMessage.of(answer.peer(), answer.command().encode()));
        }
        return out;
    }

    /** The body is then the deliveries for which there is credit. */
    public List<Delivery> plan() {
        List<Delivery> deliveries;
        RuntimeException unreadable;
        synchronized (core) {
            deliveries = core.plan(ROUND_BYTES);
            unreadable = core.unreadable();
        }
        String problem = unreadable == null ? "" : unreadable.toString();
        if (!problem.isEmpty() && !problem.equals(told)) {
            LOG.error("a subscriber waits for a part of the log that cannot be read: {}", problem);
        }
        told = problem;
        return deliveries;
    }

    /** Makes a delivery the message to its subscriber; null if it is stale. */
    public @Nullable ZeroMqMessage deliver(@Body Delivery delivery) {
        Outbound outbound;
        synchronized (core) {
            outbound = core.deliver(delivery, clock.millis());
        }
        return outbound == null
                ? null
                : ZeroMqMessage.of(outbound.peer(), outbound.command().encode(), delivery.payload());
    }

    /** The body is then whether another round would find something to send. */
    public boolean settle() {
        synchronized (core) {
            return core.settle();
        }
    }

    /**
     * Sends again to subscribers that have said nothing, and takes those that stay silent for absent.
     *
     * @param silentMs for how long they must have been silent
     */
    public void retransmit(long silentMs) {
        synchronized (core) {
            long nowMs = clock.millis();
            int stuck = core.retransmit(nowMs - silentMs);
            if (stuck > 0) {
                LOG.debug("retransmission to subscribers={}", stuck);
            }
            core.endSilent(nowMs - silence.toMillis()).forEach(id -> LOG.info("subscriber={} is absent", id));
        }
    }
}
