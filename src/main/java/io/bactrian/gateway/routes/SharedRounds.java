package io.bactrian.gateway.routes;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks others about names, on behalf of many who wait. One question is under way at a time, and all who come meanwhile share the next
 * one. So what others are asked depends on how fast they answer, and not on how many wait. Any thread; nobody waits in here.
 */
final class SharedRounds {
    /** The most that the names of one question may have, one in a line. */
    static final int OCTETS_MAX = 64 * 1_024;

    private final Function<Set<String>, CompletableFuture<@Nullable Void>> question;
    private Round next = new Round();
    private boolean asking;

    /** {@code question} asks about some names, and is called again only when what it returned is done. */
    SharedRounds(Function<Set<String>, CompletableFuture<@Nullable Void>> question) {
        this.question = question;
    }

    /** The names of a question, and its answer. */
    private static final class Round {
        private final Set<String> names = new LinkedHashSet<>();
        private final CompletableFuture<@Nullable Void> answered = new CompletableFuture<>();
        private int octets;
    }

    /**
     * Asks about names by a question that begins after this call.
     *
     * @return done when it is answered; it fails as the question does, and if too many names wait for the next question
     */
    CompletableFuture<@Nullable Void> ask(Collection<String> names) {
        Round joined;
        synchronized (this) {
            joined = next;
            for (String name : names) {
                int octets = name.getBytes(StandardCharsets.UTF_8).length + 1;
                if (!joined.names.contains(name) && joined.octets + octets > OCTETS_MAX) {
                    return CompletableFuture.failedFuture(
                            new RejectedExecutionException("too many names are asked for at a time"));
                }
                if (joined.names.add(name)) {
                    joined.octets += octets;
                }
            }
        }
        begin();
        return joined.answered.copy();
    }

    /** Asks the next question if none is under way and somebody waits for it, and so on while answers are there at once. */
    private void begin() {
        Round begun = next();
        while (begun != null) {
            Round round = begun;
            CompletableFuture<@Nullable Void> answer = question(round);
            if (!answer.isDone()) {
                CompletableFuture<@Nullable Void> unused = answer.whenComplete((done, failure) -> {
                    ended(round, failure);
                    begin();
                });
                return;
            }
            ended(round, answer.handle((done, failure) -> failure).getNow(null));
            begun = next();
        }
    }

    private synchronized @Nullable Round next() {
        if (asking || next.names.isEmpty()) {
            return null;
        }
        asking = true;
        Round begun = next;
        next = new Round();
        return begun;
    }

    private CompletableFuture<@Nullable Void> question(Round round) {
        try {
            return question.apply(round.names);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void ended(Round round, @Nullable Throwable failure) {
        synchronized (this) {
            asking = false;
        }
        if (failure == null) {
            round.answered.complete(null);
        } else {
            round.answered.completeExceptionally(failure);
        }
    }
}
