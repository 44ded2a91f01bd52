package io.bactrian.gateway.routes;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** Says why a call over HTTP had no answer, for a log that people read. */
final class CallFailures {
    private CallFailures() {}

    /** What has failed, without the wrapping of futures. */
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Whether nobody listens there: not even a connection was possible, and that was told at once. */
    static boolean isRefused(Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof ConnectException && !(cause instanceof HttpConnectTimeoutException);
    }

    /** The reason as the end of a sentence that begins with who was called, as in "it refuses connections". */
    static String reason(Throwable failure) {
        Throwable cause = cause(failure);
        if (isRefused(cause)) {
            return "refuses connections";
        }
        if (cause instanceof HttpTimeoutException || cause instanceof TimeoutException) {
            return "does not answer in time";
        }
        return "does not answer (" + (cause.getMessage() == null ? cause.toString() : cause.getMessage()) + ")";
    }
}
