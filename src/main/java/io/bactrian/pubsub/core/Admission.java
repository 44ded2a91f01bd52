package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Command;

/** The decision of the intake on one batch. */
public sealed interface Admission {
    /** It is new: append it, then call {@link HubIntake#appended} or {@link HubIntake#failed}. */
    record Append(Batch batch) implements Admission {}

    /** Everything in it is logged already: acknowledge it. */
    record Duplicate(String publisher, String topic) implements Admission {}

    /** It is refused, with the answer. */
    record Refused(Command.Refuse answer) implements Admission {}
}
