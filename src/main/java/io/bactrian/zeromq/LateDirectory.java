package io.bactrian.zeromq;

import io.bactrian.support.service.ServiceDirectory;
import java.util.List;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;

/** The directory of services of a context, looked up when the first address names a service. */
public final class LateDirectory implements ServiceDirectory {
    private final CamelContext context;

    /** @param context whose registry has the bean {@link ServiceDirectory#BEAN}, if an address names a service */
    public LateDirectory(CamelContext context) {
        this.context = context;
    }

    @Override
    public Following follow(String service, Consumer<List<String>> listener) {
        ServiceDirectory found = context.getRegistry().lookupByNameAndType(BEAN, ServiceDirectory.class);
        if (found == null) {
            throw new IllegalStateException("cannot connect to " + SCHEME + service + ": there is no bean " + BEAN
                    + " that says where services are; add Bactrian's jar with its discovery, or give an address such as"
                    + " tcp://host:port");
        }
        return found.follow(service, listener);
    }
}
