package io.bactrian.journal;

import io.bactrian.journal.log.Journal;
import io.bactrian.support.thread.ContextThreads;
import java.nio.file.Path;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.HealthCheckComponent;
import org.jspecify.annotations.Nullable;

/** Appends to journals and reads from them. Endpoints of the same name share one open journal. */
@Component("journal")
public class JournalComponent extends HealthCheckComponent {
    private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9._-]{0,99}";

    @Metadata(
            defaultValue = "data/journal",
            description = "The folder below which each journal has a folder with its name.")
    private String root = "data/journal";

    private final SharedJournals journals = new SharedJournals(this::opened, this::closing);
    private @Nullable JournalMeters meters;

    public JournalComponent() {}

    public JournalComponent(CamelContext context) {
        super(context);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        if (!remaining.matches(NAME)) {
            throw new IllegalArgumentException(
                    "journal:" + remaining + ": the name must be 1 to 100 of letters, digits,"
                            + " '_', '.' and '-', not beginning with '.' or '-'");
        }
        JournalEndpoint endpoint = new JournalEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        journals.declare(remaining, endpoint.getConfiguration());
        return endpoint;
    }

    /**
     * The journal with a name, opened if need be with the options that endpoints have given so far; works before routes
     * start, and the journal then stays open until the component stops.
     */
    public Journal journal(String name) {
        return acquire(name, this);
    }

    /** The open journals, by name. */
    public Map<String, Journal> journals() {
        return journals.open();
    }

    SharedJournals shared() {
        return journals;
    }

    Journal acquire(String name, Object holder) {
        return journals.acquire(name, holder, Path.of(root), new ContextThreads(getCamelContext()));
    }

    void release(String name, Object holder) {
        journals.release(name, holder);
    }

    private void opened(String name, Journal journal) {
        HealthCheckRegistry registry = healthChecks();
        if (registry != null) {
            registry.register(new JournalHealthCheck(name, journal));
        }
        JournalMeters bound = meters;
        if (bound != null) {
            bound.bind(name, journal);
        }
    }

    private void closing(String name, Journal journal) {
        HealthCheckRegistry registry = healthChecks();
        if (registry != null) {
            registry.unregister(new JournalHealthCheck(name, journal));
        }
        JournalMeters bound = meters;
        if (bound != null) {
            bound.unbind(name);
        }
    }

    private @Nullable HealthCheckRegistry healthChecks() {
        boolean enabled = isHealthCheckConsumerEnabled() || isHealthCheckProducerEnabled();
        return enabled ? HealthCheckRegistry.get(getCamelContext()) : null;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        // The meter registry may be bound as late as the routes are started.
        getCamelContext().addStartupListener((context, alreadyStarted) -> bindMeters());
    }

    private synchronized void bindMeters() {
        if (meters == null) {
            JournalMeters found = JournalMeters.of(getCamelContext());
            meters = found;
            if (found != null) {
                journals.open().forEach(found::bind);
            }
        }
    }

    @Override
    protected void doStop() throws Exception {
        journals.releaseAll(this);
        super.doStop();
    }

    public String getRoot() {
        return root;
    }

    public void setRoot(String root) {
        this.root = root;
    }
}
