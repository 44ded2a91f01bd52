package io.bactrian.zeromq.socket;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An open socket as those see it who report on it. Any thread; every call gives what is now. */
public interface SocketView {

    /** Returns the settings with which it was opened. */
    SocketSettings settings();

    /** The real addresses it is bound to, empty if it connects. */
    List<String> boundAddresses();

    SocketCounters counters();

    /** Consumers and producers that use it. */
    int users();

    /** Items (messages or batches) that wait to be sent. */
    int queued();

    /** Requests without an answer yet. */
    int pendingRequests();

    /** Why it ended by itself, or null. */
    @Nullable Throwable failure();
}
