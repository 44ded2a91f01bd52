package io.bactrian.zeromq.socket;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One item of a send queue: a message or a batch, and how far it is sent. After queueing, owner thread only. */
final class SendItem {
    private final @Nullable SocketMessage single;
    private final List<? extends SocketMessage> batch;
    private final @Nullable CompletableFuture<Void> sent;
    private int next;
    private boolean withdrawn;
    private volatile boolean discarded;
    private @Nullable SendFailedException failure;

    SendItem(SocketMessage single, @Nullable CompletableFuture<Void> sent) {
        this.single = single;
        this.batch = List.of();
        this.sent = sent;
    }

    SendItem(List<? extends SocketMessage> batch, @Nullable CompletableFuture<Void> sent) {
        this.single = null;
        this.batch = batch;
        this.sent = sent;
    }

    /** The next message to send, or null if all are sent. */
    @Nullable SocketMessage next() {
        if (single != null) {
            return next == 0 && !withdrawn ? single : null;
        }
        return next < batch.size() ? batch.get(next) : null;
    }

    void advance() {
        next++;
    }

    /** Messages not sent yet. */
    int remaining() {
        return withdrawn ? 0 : (single != null ? 1 : batch.size()) - next;
    }

    /** A single message is not to be sent any more, because nobody waits for the answer to it. */
    void withdraw() {
        withdrawn = true;
    }

    /** Remembers the first failure of a message; the others of a batch are sent all the same. */
    void failed(SendFailedException e) {
        if (failure == null) {
            failure = e;
        }
    }

    /** It will not be sent any more. */
    void discard(SendFailedException cause) {
        discarded = true;
        failed(cause);
        finish();
    }

    boolean discarded() {
        return discarded;
    }

    boolean awaited() {
        return sent != null;
    }

    void finish() {
        if (sent != null) {
            if (failure == null) {
                sent.complete(null);
            } else {
                sent.completeExceptionally(failure);
            }
        }
    }
}
