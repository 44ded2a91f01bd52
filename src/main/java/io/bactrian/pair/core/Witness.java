package io.bactrian.pair.core;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a witness answers. There are no leases and no clocks: whoever changes the record names the epoch on which
 * the change rests, so a node that was asleep meanwhile is refused.
 */
public final class Witness {

    /** The kinds of questions of a node. */
    public enum Kind {
        /** Only to be told the record. */
        ASK(0),
        /** The node wants to be active in a new epoch. Granted to a node that is in step. */
        TAKE(1),
        /** The active wants to acknowledge without its peer, which then may not take over. */
        OUT(2),
        /** The active says that its peer has everything, so that it may take over. */
        IN(3),
        /** The first record of a pair, by the node whose log is as recent as its peer's. */
        FOUND(4),
        /** The node is active, whatever the record says: an operator has decided it, or the witness has lost its record. */
        FORCE(5);

        private final byte number;

        Kind(int number) {
            this.number = (byte) number;
        }

        /** Its number in frames. */
        byte number() {
            return number;
        }
    }

    /**
     * A question.
     *
     * @param number comes back in the answer
     * @param pair the name of the pair
     * @param node who asks
     * @param kind what for
     * @param epoch TAKE, FOUND, FORCE: the new epoch; OUT, IN: the epoch in which the node is active
     * @param version OUT, IN: that of the record on which the request rests
     */
    public record Request(long number, String pair, Side node, Kind kind, int epoch, long version) {}

    /**
     * An answer.
     *
     * @param granted whether it was done, and is on the witness's disk
     * @param record what holds now
     * @param reason why it was refused, empty if it was granted
     */
    public record Reply(long number, String pair, Kind kind, boolean granted, WitnessRecord record, String reason) {}

    /** The record to keep, null if nothing changes, and the answer to give once it is kept. */
    public record Decision(@Nullable WitnessRecord keep, Reply reply) {}

    private Witness() {}

    /** Decides; {@code record} is what is kept of the pair. */
    public static Decision decide(WitnessRecord record, Request request) {
        return switch (request.kind()) {
            case ASK -> same(record, request);
            case TAKE -> take(record, request);
            case OUT -> change(record, request, false);
            case IN -> change(record, request, true);
            case FOUND ->
                record.epoch() == 0
                        ? granted(owned(record, request), request)
                        : repeated(record, request)
                                ? same(record, request)
                                : refused(record, request, "the pair has a record already");
            case FORCE ->
                request.epoch() > record.epoch()
                        ? granted(owned(record, request), request)
                        : repeated(record, request)
                                ? same(record, request)
                                : refused(record, request, "epoch " + record.epoch() + " was granted already");
        };
    }

    private static boolean repeated(WitnessRecord record, Request request) {
        return record.epoch() == request.epoch() && record.active() == request.node();
    }

    private static Decision take(WitnessRecord record, Request request) {
        if (repeated(record, request)) {
            return same(record, request);
        }
        if (record.epoch() == 0) {
            return refused(record, request, "the pair has no record yet");
        }
        if (!record.inStep().contains(request.node())) {
            return refused(record, request, "the node is not in step");
        }
        if (request.epoch() <= record.epoch()) {
            return refused(record, request, "epoch " + record.epoch() + " was granted already");
        }
        return granted(owned(record, request), request);
    }

    private static Decision change(WitnessRecord record, Request request, boolean in) {
        if (!repeated(record, request)) {
            return refused(record, request, "epoch " + record.epoch() + " is in force");
        }
        if (request.version() != record.version()) {
            return refused(record, request, "version " + record.version() + " of the record is in force");
        }
        // Also what changes nothing raises the version: an opposite request that is still on its way must find it
        // changed.
        Side peer = request.node().other();
        Set<Side> nodes = EnumSet.of(request.node());
        if (in) {
            nodes.add(peer);
        }
        return granted(new WitnessRecord(record.epoch(), record.active(), record.version() + 1, nodes), request);
    }

    private static WitnessRecord owned(WitnessRecord record, Request request) {
        return new WitnessRecord(request.epoch(), request.node(), record.version() + 1, Set.of(request.node()));
    }

    private static Decision granted(WitnessRecord keep, Request request) {
        return new Decision(keep, reply(keep, request, true, ""));
    }

    private static Decision same(WitnessRecord record, Request request) {
        return new Decision(null, reply(record, request, true, ""));
    }

    private static Decision refused(WitnessRecord record, Request request, String reason) {
        return new Decision(null, reply(record, request, false, reason));
    }

    private static Reply reply(WitnessRecord record, Request request, boolean granted, String reason) {
        return new Reply(request.number(), request.pair(), request.kind(), granted, record, reason);
    }
}
