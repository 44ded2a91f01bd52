package io.bactrian.pubsub.core;

import io.bactrian.wire.Command;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;

/** A request of a subscriber to the hub, repeated under one number until it is answered. */
sealed interface SubscriberRequest {
    /** The owner's number for it. */
    int number();

    /** The command; {@code request} rises from one request to the next in the order in which they are sent. */
    Command command(int session, int request, long cursor);

    /** {@code renewal}: not asked by the owner, but after an attachment, lest the hub had forgotten the pattern. */
    record Subscribe(int number, PatternKind kind, String pattern, StartFrom from, long position, boolean renewal)
            implements SubscriberRequest {
        @Override
        public Command command(int session, int request, long cursor) {
            return new Command.Subscribe(session, request, cursor, kind, from, position, pattern);
        }
    }

    record Unsubscribe(int number, PatternKind kind, String pattern) implements SubscriberRequest {
        @Override
        public Command command(int session, int request, long cursor) {
            return new Command.Unsubscribe(session, request, kind, pattern);
        }
    }

    record Forget(int number) implements SubscriberRequest {
        @Override
        public Command command(int session, int request, long cursor) {
            return new Command.Forget(session, request);
        }
    }
}
