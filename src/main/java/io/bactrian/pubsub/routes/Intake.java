package io.bactrian.pubsub.routes;

import io.bactrian.journal.JournalConstants;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.IntakeRound;
import io.bactrian.pubsub.core.PeerCommand;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Limits;
import io.bactrian.wire.WireException;
import io.bactrian.zeromq.ZeroMqMessage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;

/**
 * The bean of the take-in route: decode, greet, admit, and after the journal step logged or unavailable, then
 * acknowledge. The body is a {@link PublisherRound} from one step to the next. One Exchange at a time.
 */
public final class Intake {
    /** See {@link io.bactrian.pubsub.core.HubLives#greet}. */
    interface Greeting {
        void greet(HubMachine life, IntakeRound round, long nowMs);
    }

    private final Supplier<HubMachine> hub;
    /** As {@link #hub}, when a client asks. */
    private final Supplier<HubMachine> asked;

    private final Greeting greeting;

    private final Limits limits;
    private final BadInput badInput;
    private final Pace pace;
    private final Clock clock;
    private final LongConsumer acceptedNanos;

    /** {@code acceptedNanos} is told of each round that was logged how long that took, in nanoseconds. */
    Intake(
            Supplier<HubMachine> hub,
            Supplier<HubMachine> asked,
            Greeting greeting,
            Limits limits,
            BadInput badInput,
            Pace pace,
            Clock clock,
            LongConsumer acceptedNanos) {
        this.hub = hub;
        this.asked = asked;
        this.greeting = greeting;
        this.limits = limits;
        this.badInput = badInput;
        this.pace = pace;
        this.clock = clock;
        this.acceptedNanos = acceptedNanos;
    }

    /** Decodes what publishers sent; what is not well formed is answered and counted. */
    public PublisherRound decode(@Body List<ZeroMqMessage> messages) {
        long arrivedNanos = System.nanoTime();
        IntakeRound round = new IntakeRound();
        for (ZeroMqMessage message : messages) {
            byte[] peer = Peers.of(message);
            byte[] frame = message.frame(0);
            try {
                if (message.size() > 1) {
                    throw new WireException(Code.MALFORMED, "a publisher sends messages of one frame");
                }
                if (Batch.isBatch(frame)) {
                    round.batch(peer, Batch.parse(frame, limits));
                } else {
                    round.request(peer, Commands.decode(frame));
                }
            } catch (WireException e) {
                if (Commands.isOurs(frame)) {
                    round.refuse(peer, refusal(frame, e));
                } else {
                    badInput.from(peer, e.code(), e.text());
                }
            }
        }
        return new PublisherRound(asked.get(), round, arrivedNanos);
    }

    /** A batch that is only too large is named in the answer, so that its publisher gives up this one and no other. */
    private static Command refusal(byte[] frame, WireException e) {
        if (e.code() != Code.MESSAGE_TOO_LARGE && e.code() != Code.BATCH_TOO_LARGE) {
            return new Command.Error(0, 0, e.code(), e.text());
        }
        Batch batch = Batch.parseTrusted(frame);
        String key = e.code() == Code.MESSAGE_TOO_LARGE ? "bactrian.hub.message.max" : "bactrian.hub.batch.max";
        return new Command.Refuse(
                batch.epoch(), batch.topic(), batch.sequence(), 0, e.code(), e.text() + ": see " + key);
    }

    /** Answers HELLO, OPEN and PING, once what they ask for is on disk. */
    public void greet(@Body PublisherRound round) {
        greeting.greet(round.hub(), round.round(), clock.millis());
    }

    /** Fences, drops duplicates, trims and refuses; the round then gives what is new to the journal. */
    public void admit(@Body PublisherRound round) {
        round.hub().admit(round.round(), clock.millis());
    }

    /** Notes that the admitted batches are in the log and synced. */
    public void logged(@Body PublisherRound round, @Header(JournalConstants.POSITION) @Nullable Long firstPosition) {
        round.hub().appended(round.round(), firstPosition == null ? 0 : firstPosition, clock.millis());
        if (!round.round().admitted().isEmpty()) {
            acceptedNanos.accept(System.nanoTime() - round.arrivedNanos());
        }
    }

    /** Notes that the admitted batches could not be logged: publishers send them again. */
    public void unavailable(@Body PublisherRound round, Exchange exchange) {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        round.hub()
                .failed(
                        round.round(),
                        "the log takes nothing now: " + (cause == null ? "unknown" : cause.getMessage()));
    }

    /** Returns when no live subscriber waits for the feed, or after {@code bactrian.hub.pace}. */
    public void pace(@Body PublisherRound round) {
        if (!round.round().admitted().isEmpty()) {
            pace.await(round.hub()::feedLags);
        }
    }

    /** The batches of a round that plain SUB peers may get at once. */
    public List<Batch> published(@Body PublisherRound round) {
        return round.round().published();
    }

    /** The body is then what was refused, and the answers that rest on nothing which is not committed yet. */
    public List<ZeroMqMessage> acknowledge(@Body PublisherRound round) {
        List<ZeroMqMessage> out = new ArrayList<>();
        for (PeerCommand refusal : round.round().refusals()) {
            if (refusal.command() instanceof Command.Refuse refuse) {
                badInput.from(refusal.peer(), refuse.reason(), refuse.text());
            } else if (refusal.command() instanceof Command.Error error) {
                badInput.from(refusal.peer(), error.reason(), error.text());
            }
            out.add(ZeroMqMessage.of(refusal.peer(), refusal.command().encode()));
        }
        out.addAll(committed());
        return out;
    }

    /** The body is then the answers that have become free since, as the committed position has moved. */
    public List<ZeroMqMessage> committed() {
        return hub.get().acknowledgements().stream()
                .map(answer -> ZeroMqMessage.of(answer.peer(), answer.command().encode()))
                .toList();
    }
}
