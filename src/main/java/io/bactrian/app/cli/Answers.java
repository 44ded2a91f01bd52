package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for the hub's answers. */
final class Answers {
    private Answers() {}

    /** The answer; a refusal, or silence, ends the command with what was told. */
    static long await(CompletableFuture<Long> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CommandFailedException(String.valueOf(cause.getMessage()), cause);
        }
    }

    /** Whether all answers are there; a refusal ends the command with what was told. */
    static boolean areThere(List<CompletableFuture<Long>> answers) throws InterruptedException {
        for (CompletableFuture<Long> answer : answers) {
            if (answer.isCompletedExceptionally()) {
                await(answer);
            } else if (!answer.isDone()) {
                return false;
            }
        }
        return true;
    }
}
