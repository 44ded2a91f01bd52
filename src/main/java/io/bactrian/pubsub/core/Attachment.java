package io.bactrian.pubsub.core;

import org.jspecify.annotations.Nullable;

/** Whether a subscriber has a session with the hub, or is on its way to one. */
sealed interface Attachment {
    /** The session that stands at the hub, null if none does. */
    default @Nullable Attached attached() {
        return null;
    }

    /**
     * Not started, detached or stopped: nothing is asked of the hub, and nothing of it counts.
     *
     * @param attached the session of a subscriber that was stopped, until it detaches
     */
    record Closed(@Nullable Attached attached) implements Attachment {}

    /** There is no session, and ATTACH is to follow as soon as the owner has nothing of the former one in its hands. */
    record Detached() implements Attachment {}

    /**
     * ATTACH is under way.
     *
     * @param headers whether it asks for headers; a hub from before them refuses whoever does
     */
    record Attaching(boolean headers) implements Attachment {}

    /** A session is open. */
    final class Attached implements Attachment {
        private final long sinceMs;
        private long askedMs;
        private long resendAtMs;

        Attached(long nowMs) {
            sinceMs = nowMs;
            askedMs = nowMs;
            resendAtMs = nowMs;
        }

        @Override
        public Attached attached() {
            return this;
        }

        long sinceMs() {
            return sinceMs;
        }

        /** When the hub was last asked how far the log goes. */
        long askedMs() {
            return askedMs;
        }

        void asked(long nowMs) {
            askedMs = nowMs;
        }

        /** Whether RESEND may be sent now; then not again before {@code againMs} have passed. */
        boolean mayResend(long nowMs, long againMs) {
            if (nowMs < resendAtMs) {
                return false;
            }
            resendAtMs = nowMs + againMs;
            return true;
        }
    }
}
