package io.bactrian.gateway.routes;

import io.bactrian.support.text.HttpErrors;
import java.util.concurrent.CompletionException;

/** Says why a call over HTTP had no answer, for a log that people read. */
final class CallFailures {
    private CallFailures() {}

    /** What has failed, without the wrapping of futures. */
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Whether nobody listens there: not even a connection was possible, and that was told at once. */
    static boolean isRefused(Throwable failure) {
        return HttpErrors.isRefused(cause(failure));
    }

    /** The reason as the end of a sentence that begins with who was called, as in "it refuses connections". */
    static String reason(Throwable failure) {
        Throwable cause = cause(failure);
        if (isRefused(cause)) {
            return "refuses connections";
        }
        if (HttpErrors.isTimeout(cause)) {
            return "does not answer in time";
        }
        if (HttpErrors.isUnknownHost(cause)) {
            return "has no address";
        }
        return (HttpErrors.isCutOff(cause) ? "cuts its answer off (" : "does not answer (") + HttpErrors.message(cause)
                + ")";
    }
}
