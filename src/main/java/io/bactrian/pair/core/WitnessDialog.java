package io.bactrian.pair.core;

import org.jspecify.annotations.Nullable;

/** One question to the witness at a time, sent again until it is answered. */
final class WitnessDialog {
    private final PairSettings settings;
    private long number;
    private Witness.@Nullable Request pending;
    private long sentMs;
    private long askedMs;
    private boolean away;
    private @Nullable WitnessRecord record;

    WitnessDialog(PairSettings settings, long firstNumber) {
        this.settings = settings;
        this.number = firstNumber;
    }

    /** The newest record that was told, null before the first. */
    @Nullable WitnessRecord record() {
        return record;
    }

    boolean isPending(Witness.Kind kind) {
        Witness.Request asked = pending;
        return asked != null && asked.kind() == kind;
    }

    boolean idle() {
        return pending == null;
    }

    /** Asks; a question that is open is given up, so its answer will not be heard. */
    void ask(Witness.Kind kind, int epoch, long nowMs, Outbox out) {
        WitnessRecord known = record;
        Witness.Request asked = new Witness.Request(
                ++number, settings.pair(), settings.side(), kind, epoch, known == null ? 0 : known.version());
        pending = asked;
        askedMs = nowMs;
        sentMs = nowMs;
        out.toWitness(asked);
    }

    /** When the last question was asked. */
    long askedMs() {
        return askedMs;
    }

    void giveUp() {
        pending = null;
    }

    void tick(long nowMs, Outbox out) {
        Witness.Request asked = pending;
        if (asked == null) {
            return;
        }
        if (nowMs - sentMs >= Math.max(20, settings.heartbeatMs() / 4)) {
            sentMs = nowMs;
            out.toWitness(asked);
        }
        if (!away && nowMs - askedMs >= settings.deadAfterMs()) {
            away = true;
            out.event(new PairEvent(
                    PairEvent.Kind.WITNESS_AWAY, "no answer for " + settings.deadAfterMs() + " ms to " + asked.kind()));
        }
    }

    boolean away() {
        return away;
    }

    /** The question that is answered, null if the answer is to none that is open. */
    Witness.@Nullable Request answered(Witness.Reply reply, Outbox out) {
        if (!reply.pair().equals(settings.pair())) {
            return null;
        }
        if (away) {
            away = false;
            out.event(new PairEvent(PairEvent.Kind.WITNESS_BACK, "answers again"));
        }
        Witness.Request asked = pending;
        if (asked == null || asked.number() != reply.number()) {
            return null;
        }
        pending = null;
        record = reply.record();
        return asked;
    }
}
