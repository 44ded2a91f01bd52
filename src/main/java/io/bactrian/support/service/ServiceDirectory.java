package io.bactrian.support.service;

import java.util.List;
import java.util.function.Consumer;

/** Says where services are, and when they move. Thread-safe. */
public interface ServiceDirectory {
    /** The name under which a Camel registry has the directory. */
    String BEAN = "bactrianServices";

    /** How an address begins that names a service: {@code registry:NAME}, or {@code registry:NAME/PORT} for a named port. */
    String SCHEME = "registry:";

    /**
     * Follows a service.
     *
     * @param service its name; behind a slash the name of one of its ports, as in {@code hub/publish}
     * @param listener is given all addresses of the service, {@code tcp://host:port}, once they are known and at each change,
     *     one call at a time on a thread of the directory. The list is never empty: a service that nobody offers any more stays
     *     where it was last. The listener must not block.
     * @return ends the following when it is closed
     */
    Following follow(String service, Consumer<List<String>> listener);

    /** A service that is followed. */
    interface Following extends AutoCloseable {
        @Override
        void close();
    }
}
