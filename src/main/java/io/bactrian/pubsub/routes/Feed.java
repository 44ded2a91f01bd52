package io.bactrian.pubsub.routes;

import io.bactrian.journal.log.JournalException;
import io.bactrian.pubsub.core.Delivery;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.HubNotices;
import io.bactrian.pubsub.core.LifeEndedException;
import io.bactrian.pubsub.core.PeerCommand;
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
import java.util.function.Supplier;
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

    private final Supplier<HubMachine> hub;
    /** As {@link #hub}, when a client asks. */
    private final Supplier<HubMachine> asked;

    private final BadInput badInput;
    private final Duration silence;
    private final Pace pace;
    private final Clock clock;
    /** What was told of a log that cannot be read, empty if it can; only the route of the rounds uses it. */
    private String told = "";

    Feed(
            Supplier<HubMachine> hub,
            Supplier<HubMachine> asked,
            BadInput badInput,
            Duration silence,
            Pace pace,
            Clock clock) {
        this.hub = hub;
        this.asked = asked;
        this.badInput = badInput;
        this.silence = silence;
        this.pace = pace;
        this.clock = clock;
    }

    /** Decodes what subscribers sent; what is not well formed is counted, and answered in the next round. */
    public List<PeerCommand> decode(@Body List<ZeroMqMessage> messages) {
        List<PeerCommand> requests = new ArrayList<>(messages.size());
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
                requests.add(new PeerCommand(peer, command));
            } catch (WireException e) {
                badInput.from(peer, e.code(), e.text());
                if (Commands.isOurs(frame)) {
                    hub.get().refuse(peer, Commands.asked(frame), e.code(), e.text());
                }
            }
        }
        return requests;
    }

    /** Takes one request. It is answered in a round that follows {@link #keep}. */
    public void receive(@Body PeerCommand request) {
        try {
            asked.get().receive(request.peer(), (Command.OfSubscriber) request.command(), clock.millis());
        } catch (RuntimeException e) {
            // No command of a peer may end what others have asked for with it.
            String text = "the request failed: " + e;
            LOG.debug(text, e);
            // Without its number, by which the peer would give the request up.
            hub.get().refuse(request.peer(), Commands.Asked.NOTHING, Code.UNAVAILABLE, text);
        }
    }

    /** Has the changes of the requests on disk when it returns, and then the requests can be answered. */
    public void keep() {
        try {
            hub.get().requestsKept();
        } catch (StoreException | JournalException | LifeEndedException e) {
            // Not answered: the subscribers ask again.
            badInput.from("subscribers", Code.UNAVAILABLE.label(), String.valueOf(e.getMessage()));
        }
    }

    /** The body is then what is to be told before anything is delivered. */
    public List<ZeroMqMessage> answers() {
        List<PeerCommand> answers = hub.get().answers();
        List<ZeroMqMessage> out = new ArrayList<>(answers.size());
        for (PeerCommand answer : answers) {
            if (answer.command() instanceof Command.Error error && error.reason() != Code.DAMAGED) {
                badInput.from(answer.peer(), error.reason(), error.text());
            }
            out.add(ZeroMqMessage.of(answer.peer(), answer.command().encode()));
        }
        return out;
    }

    /** The body is then the deliveries for which there is credit. */
    public List<Delivery> plan() {
        HubMachine active = hub.get();
        List<Delivery> deliveries = active.plan(ROUND_BYTES);
        RuntimeException unreadable = active.unreadable();
        String problem = unreadable == null ? "" : unreadable.toString();
        if (!problem.isEmpty() && !problem.equals(told)) {
            LOG.error("a subscriber waits for a part of the log that cannot be read: {}", problem);
        }
        told = problem;
        return deliveries;
    }

    /** Makes a delivery the message to its subscriber; null if it is stale. */
    public @Nullable ZeroMqMessage deliver(@Body Delivery delivery) {
        PeerCommand outbound = hub.get().deliver(delivery, clock.millis());
        return outbound == null
                ? null
                : ZeroMqMessage.of(outbound.peer(), outbound.command().encode(), delivery.payload());
    }

    /** The body is then whether another round would find something to send. */
    public boolean settle() {
        boolean more = hub.get().settle();
        pace.fed();
        return more;
    }

    /**
     * Sends again to subscribers that have said nothing, and takes those that stay silent for absent.
     *
     * @param silentMs for how long they must have been silent
     */
    public void retransmit(long silentMs) {
        long nowMs = clock.millis();
        int stuck = hub.get().retransmit(nowMs - silentMs);
        if (stuck > 0) {
            LOG.debug("retransmission to subscribers={}", stuck);
        }
        HubNotices.few(hub.get().endSilent(nowMs - silence.toMillis()).stream()
                        .map(id -> "subscriber=" + id + " is absent")
                        .toList())
                .forEach(LOG::info);
    }
}
