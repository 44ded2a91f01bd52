package io.bactrian.socket;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a socket is now.
 *
 * @param settings what it was opened with
 * @param boundAddresses real addresses, empty if it connects
 * @param counters live counters
 * @param users endpoints' consumers and producers
 * @param queued items that wait to be sent
 * @param pendingRequests requests without an answer yet
 * @param failure why it ended by itself, or null
 */
public record SocketStatus(
        SocketSettings settings,
        List<String> boundAddresses,
        SocketCounters counters,
        int users,
        int queued,
        int pendingRequests,
        @Nullable Throwable failure) {

    static SocketStatus of(SocketThread<?> thread, int users) {
        return new SocketStatus(
                thread.settings(),
                thread.boundAddresses(),
                thread.counters(),
                users,
                thread.queued(),
                thread.pendingRequests(),
                thread.failure());
    }
}
