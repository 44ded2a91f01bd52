package io.bactrian.gateway.routes;

import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Reads an answer as text, and breaks it off when it is too long. One for each answer. */
final class BoundedText implements HttpResponse.BodySubscriber<String> {
    private final int octetsMax;
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private final CompletableFuture<String> text = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    BoundedText(int octetsMax) {
        this.octetsMax = octetsMax;
    }

    @Override
    public CompletionStage<String> getBody() {
        return text;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        Flow.Subscription from = subscription;
        if (from == null || text.isDone()) {
            return;
        }
        for (ByteBuffer buffer : buffers) {
            if (buffer.remaining() > octetsMax - octets.size()) {
                from.cancel();
                text.completeExceptionally(new ProtocolException("the answer has more than " + octetsMax + " octets"));
                return;
            }
            byte[] some = new byte[buffer.remaining()];
            buffer.get(some);
            octets.write(some, 0, some.length);
        }
        from.request(1);
    }

    @Override
    public void onError(Throwable failure) {
        text.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        text.complete(octets.toString(StandardCharsets.UTF_8));
    }
}
