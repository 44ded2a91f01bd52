package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells on standard error what a command waits for and why, within two seconds and again when the reason is another, and
 * ends the command when that takes too long. One thread.
 */
final class Waiting {
    /** The hub counts as heard if it was within this time. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final Duration TELL_AFTER = Duration.ofMillis(1_200);
    private static final long STEP_MS = 100;

    private final PrintWriter err;
    private final String who;
    private final @Nullable Duration timeout;
    private long sinceNs = System.nanoTime();
    private @Nullable String told;

    /**
     * Begins to wait.
     *
     * @param timeout null to wait for ever
     */
    Waiting(PrintWriter err, @Nullable Duration timeout) {
        this(err, "the hub", timeout);
    }

    /** Begins to wait for somebody else than the hub. */
    Waiting(PrintWriter err, String who, @Nullable Duration timeout) {
        this.err = err;
        this.who = who;
        this.timeout = timeout;
    }

    /**
     * To be called again and again.
     *
     * @param reason why the command waits, empty if it does not
     * @throws CommandFailedException if it has waited for too long
     */
    void look(Optional<String> reason) {
        if (reason.isEmpty()) {
            if (told != null) {
                err.println(who + " is heard again");
                err.flush();
            }
            told = null;
            sinceNs = System.nanoTime();
            return;
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - sinceNs);
        if (timeout != null && waited.compareTo(timeout) >= 0) {
            throw new CommandFailedException("Gave up after " + timeout.toMillis() + " ms: " + reason.get());
        }
        // A reason may hold times that change.
        String kind = reason.get().replaceAll("[0-9]+ ms", "");
        if (waited.compareTo(TELL_AFTER) >= 0 && !kind.equals(told)) {
            told = kind;
            err.println("waiting: " + reason.get());
            err.flush();
        }
    }

    /** The hub's answer; a refusal, or silence, ends the command with what was told. */
    long answer(CompletableFuture<Long> answer, Supplier<Optional<String>> reason) throws InterruptedException {
        while (true) {
            try {
                return answer.get(STEP_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException notYet) {
                look(reason.get());
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new CommandFailedException(String.valueOf(cause.getMessage()), cause);
            }
        }
    }
}
