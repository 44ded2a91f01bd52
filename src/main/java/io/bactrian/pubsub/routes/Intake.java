package io.bactrian.pubsub.routes;

import io.bactrian.journal.JournalConstants;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.core.Admission;
import io.bactrian.pubsub.core.HubIntake;
import io.bactrian.support.database.StoreException;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Limits;
import io.bactrian.wire.TopicSequence;
import io.bactrian.wire.WireException;
import io.bactrian.zeromq.ZeroMqMessage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;

/**
 * The bean of the take-in route: decode, greet, admit, and after the journal step logged or unavailable, then
 * acknowledge. It keeps what is between two steps in the Exchange. One Exchange at a time.
 */
public final class Intake {
    /** The Exchange property that holds what was taken. */
    public static final String TAKEN = "BactrianTaken";

    private final HubIntake core;
    private final Journal journal;
    private final TopicLedger ledger;
    private final Checkpoints checkpoints;
    private final Limits limits;
    private final HubCounters counters;
    private final BadInput badInput;
    private final Clock clock;
    private @Nullable Taken underWay;

    Intake(
            HubIntake core,
            Journal journal,
            TopicLedger ledger,
            Checkpoints checkpoints,
            Limits limits,
            HubCounters counters,
            BadInput badInput,
            Clock clock) {
        this.core = core;
        this.journal = journal;
        this.ledger = ledger;
        this.checkpoints = checkpoints;
        this.limits = limits;
        this.counters = counters;
        this.badInput = badInput;
        this.clock = clock;
    }

    /** Decodes what publishers sent; what is not well formed is answered and counted. */
    public void decode(@Body List<ZeroMqMessage> messages, Exchange exchange) {
        Taken taken = new Taken();
        for (ZeroMqMessage message : messages) {
            byte[] peer = Peers.of(message);
            byte[] frame = message.frame(0);
            try {
                if (message.size() > 1) {
                    throw new WireException(Code.MALFORMED, "a publisher sends messages of one frame");
                }
                if (Batch.isBatch(frame)) {
                    taken.batches().add(new Taken.Piece(peer, Batch.parse(frame, limits)));
                } else {
                    taken.greetings().add(new Taken.Greeting(peer, Commands.decode(frame)));
                }
            } catch (WireException e) {
                badInput.from(peer, e.code(), e.text());
                if (Commands.isOurs(frame)) {
                    taken.answers().add(new Taken.Answer(peer, refusal(frame, e)));
                }
            }
        }
        exchange.setProperty(TAKEN, taken);
    }

    /** A batch that is only too large is named in the answer, so that its publisher gives up this one and no other. */
    private static Command refusal(byte[] frame, WireException e) {
        if (e.code() != Code.MESSAGE_TOO_LARGE && e.code() != Code.BATCH_TOO_LARGE) {
            return new Command.Error(0, 0, e.code(), e.text());
        }
        Batch batch = Batch.parseTrusted(frame);
        return new Command.Refuse(batch.epoch(), batch.topic(), batch.sequence(), 0, e.code(), e.text());
    }

    /** Answers HELLO, OPEN and PING, once what they ask for is on disk. */
    public void greet(@ExchangeProperty(TAKEN) Taken taken) {
        for (Taken.Greeting greeting : taken.greetings()) {
            Command answer;
            try {
                answer = greet(greeting.command(), clock.millis());
            } catch (StoreException e) {
                answer = new Command.Refuse(0, "", 0, 0, Code.UNAVAILABLE, "the hub's database does not answer");
                badInput.from(greeting.peer(), Code.UNAVAILABLE, String.valueOf(e.getMessage()));
            }
            if (answer instanceof Command.Refuse refuse && refuse.reason() != Code.UNAVAILABLE) {
                badInput.from(greeting.peer(), refuse.reason(), refuse.text());
            }
            taken.answers().add(new Taken.Answer(greeting.peer(), answer));
        }
    }

    private Command greet(Command command, long nowMs) {
        synchronized (core) {
            if (command instanceof Command.Hello hello) {
                return core.hello(hello, nowMs);
            } else if (command instanceof Command.Open open) {
                return core.open(open, nowMs);
            } else if (command instanceof Command.Ping ping) {
                Command.Refuse refused = core.ping(ping, nowMs);
                return refused == null ? new Command.Ack(ping.epoch(), journal.epoch(), List.of()) : refused;
            }
            return new Command.Error(0, 0, Code.UNKNOWN_COMMAND, "a hub takes no such command from a publisher");
        }
    }

    /** Fences, drops duplicates, trims and refuses; the body is then what is new, for the journal. */
    public List<NewEntry> admit(@ExchangeProperty(TAKEN) Taken taken) {
        List<NewEntry> entries = new ArrayList<>();
        synchronized (core) {
            // An Exchange that ended without logged or unavailable has logged nothing.
            giveUp(underWay);
            underWay = taken;
            checkpoints.underWayFrom(journal.end() + 1);
            for (Taken.Piece piece : taken.batches()) {
                Admission admission = core.admit(piece.batch(), clock.millis());
                if (admission instanceof Admission.Append append) {
                    taken.admitted().add(new Taken.Piece(piece.peer(), append.batch()));
                    entries.add(
                            new NewEntry(append.batch().count(), append.batch().bytes()));
                    counters.duplicates(piece.batch().count() - append.batch().count());
                } else if (admission instanceof Admission.Duplicate) {
                    taken.known().add(piece);
                    counters.duplicates(piece.batch().count());
                } else if (admission instanceof Admission.Refused refused) {
                    Command.Refuse answer = refused.answer();
                    badInput.from(piece.peer(), answer.reason(), answer.text());
                    taken.answers().add(new Taken.Answer(piece.peer(), answer));
                }
            }
        }
        return entries;
    }

    /** What was admitted is in the log and synced. */
    public void logged(
            @ExchangeProperty(TAKEN) Taken taken, @Header(JournalConstants.POSITION) @Nullable Long firstPosition) {
        long position = firstPosition == null ? 0 : firstPosition;
        synchronized (core) {
            for (Taken.Piece piece : taken.admitted()) {
                core.appended(piece.batch());
                checkpoints.changed(piece.batch().publisher(), piece.batch().topic());
            }
            underWay = null;
            long segment = position == 0 ? 0 : journal.segmentOf(position);
            for (Taken.Piece piece : taken.admitted()) {
                Batch batch = piece.batch();
                if (position > 0) {
                    position += batch.count();
                    ledger.add(
                            segment, batch.topic(), position - 1, batch.bytes().length, batch.count(), clock.millis());
                }
                counters.accepted(batch.count());
            }
            checkpoints.nothingUnderWay();
        }
        taken.known().addAll(taken.admitted());
    }

    /** What was admitted could not be logged: publishers send it again. */
    public void unavailable(@ExchangeProperty(TAKEN) Taken taken, Exchange exchange) {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        String text = "the log takes nothing now: " + (cause == null ? "unknown" : cause.getMessage());
        synchronized (core) {
            giveUp(taken);
            underWay = null;
            for (Taken.Piece piece : taken.admitted()) {
                Batch batch = piece.batch();
                badInput.from(piece.peer(), Code.UNAVAILABLE, text);
                taken.answers()
                        .add(new Taken.Answer(
                                piece.peer(),
                                new Command.Refuse(
                                        batch.epoch(),
                                        batch.topic(),
                                        batch.sequence(),
                                        core.expected(batch.publisher(), batch.topic()),
                                        Code.UNAVAILABLE,
                                        text)));
            }
            checkpoints.nothingUnderWay();
        }
        taken.admitted().clear();
    }

    private void giveUp(@Nullable Taken taken) {
        if (taken != null) {
            taken.admitted().forEach(piece -> core.failed(piece.batch()));
        }
    }

    /** The body is then the answers: one acknowledgement for each publisher, and what was refused. */
    public List<ZeroMqMessage> acknowledge(@ExchangeProperty(TAKEN) Taken taken) {
        List<ZeroMqMessage> out = new ArrayList<>();
        for (Taken.Answer answer : taken.answers()) {
            out.add(ZeroMqMessage.of(answer.peer(), answer.command().encode()));
        }
        Map<String, Taken.Piece> publishers = new LinkedHashMap<>();
        Map<String, Map<String, Long>> topics = new LinkedHashMap<>();
        synchronized (core) {
            for (Taken.Piece piece : taken.known()) {
                String publisher = piece.batch().publisher();
                publishers.put(publisher, piece);
                topics.computeIfAbsent(publisher, key -> new LinkedHashMap<>())
                        .put(
                                piece.batch().topic(),
                                core.logged(publisher, piece.batch().topic()));
            }
        }
        publishers.forEach((publisher, piece) -> {
            List<TopicSequence> last = new ArrayList<>();
            topics.getOrDefault(publisher, Map.of())
                    .forEach((topic, sequence) -> last.add(new TopicSequence(topic, sequence)));
            Command.Ack ack = new Command.Ack(piece.batch().epoch(), journal.epoch(), last);
            out.add(ZeroMqMessage.of(piece.peer(), ack.encode()));
        });
        return out;
    }
}
