package io.bactrian.pubsub.core;

import org.jspecify.annotations.Nullable;

/** A task that the owner of a {@link SubscriberCore} was given and has not reported as done. */
sealed interface OwnerTask {
    /** {@link SubscriberOutput#withdraw}; {@link SubscriberCore#withdrawn} ends it. */
    record Withdraw() implements OwnerTask {}

    /**
     * {@link SubscriberOutput#rebase}; {@link SubscriberCore#rebased} ends it.
     *
     * @param then to be told when the cursor is stored
     */
    record Rebase(SubscriberCursor cursor, @Nullable Confirmation then) implements OwnerTask {}

    /**
     * What {@link SubscriberOutput#confirmed} tells.
     *
     * @param request the owner's number for it
     */
    record Confirmation(int request, long start) {}
}
