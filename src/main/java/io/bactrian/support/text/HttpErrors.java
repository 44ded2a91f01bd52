package io.bactrian.support.text;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;

/** Why a call over HTTP has no answer, in words for a person. Java's client has no message for some causes, and its own terms for others. */
public final class HttpErrors {
    private HttpErrors() {}

    /** True if the address has no listener, and the other machine said so at once. */
    public static boolean isRefused(Throwable failure) {
        return failure instanceof ConnectException
                && !(failure instanceof HttpConnectTimeoutException)
                && !isUnknownHost(failure);
    }

    /** True if the host has no address. */
    public static boolean isUnknownHost(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof UnresolvedAddressException)) {
            cause = cause.getCause();
        }
        return cause != null;
    }

    /** True if the time was over before the answer was complete. */
    public static boolean isTimeout(Throwable failure) {
        return failure instanceof HttpTimeoutException || failure instanceof TimeoutException;
    }

    /**
     * True if the connection ended before the answer was complete. What Java's client throws then is no more than an {@link IOException}; its
     * subclasses tell of other troubles, such as TLS or an answer that is no HTTP.
     */
    public static boolean isCutOff(Throwable failure) {
        return failure instanceof EOFException
                || (failure instanceof SocketException
                        && !(failure instanceof ConnectException)
                        && !(failure instanceof NoRouteToHostException))
                || failure instanceof ClosedChannelException
                || failure.getClass() == IOException.class;
    }

    /** The message of an exception; without one its name. */
    public static String message(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
