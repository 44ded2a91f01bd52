package io.bactrian.gateway.routes;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Keeps waiting off event loops, for what may be called on one and on any other thread. */
final class EventLoops {
    /** For a step that is done already. */
    static final CompletionStage<@Nullable Void> DONE = CompletableFuture.completedStage(null);

    private EventLoops() {}

    /**
     * Runs a step that may wait. An event loop has a worker thread run it, and goes on with what follows when it is done; any
     * other thread runs it itself.
     */
    static CompletionStage<@Nullable Void> run(Runnable step) {
        if (!Context.isOnEventLoopThread()) {
            step.run();
            return DONE;
        }
        return Vertx.currentContext()
                .<@Nullable Void>executeBlocking(
                        () -> {
                            step.run();
                            return null;
                        },
                        false)
                .toCompletionStage();
    }

    /** Runs what follows something on the event loop that calls this; on any other thread, where that something is done. */
    static Executor here() {
        if (!Context.isOnEventLoopThread()) {
            return Runnable::run;
        }
        Context loop = Vertx.currentContext();
        return task -> loop.runOnContext(now -> task.run());
    }
}
