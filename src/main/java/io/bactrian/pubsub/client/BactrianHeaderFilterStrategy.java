package io.bactrian.pubsub.client;

import java.util.Set;
import org.apache.camel.support.DefaultHeaderFilterStrategy;

/**
 * Which headers cross the wire by default: all but those named {@code Camel*} or {@code org.apache.camel*}, in either direction and
 * in whatever case, and towards the hub but those that hold credentials of HTTP, as the hub keeps what it is given and hands it
 * to every subscriber.
 */
public class BactrianHeaderFilterStrategy extends DefaultHeaderFilterStrategy {
    private static final String[] OF_CAMEL = {"camel", "org.apache.camel"};
    private static final Set<String> CREDENTIALS =
            Set.of("authorization", "proxy-authorization", "cookie", "cookie2", "set-cookie", "set-cookie2");

    public BactrianHeaderFilterStrategy() {
        setLowerCase(true);
        setOutFilterStartsWith(OF_CAMEL);
        setInFilterStartsWith(OF_CAMEL);
        setOutFilter(CREDENTIALS);
    }
}
