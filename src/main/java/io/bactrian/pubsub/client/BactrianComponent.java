package io.bactrian.pubsub.client;

import io.bactrian.support.context.KameletUris;
import io.bactrian.support.thread.ContextThreads;
import io.bactrian.zeromq.LateDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.HealthCheckComponent;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages to a hub and gets them from it. All clients of one component share a transport, and its producers with
 * the same publisher id and options share a publisher.
 */
@Component("bactrian")
public class BactrianComponent extends HealthCheckComponent {
    private static final class Shared {
        final Publisher publisher;
        final String options;
        int users;

        Shared(Publisher publisher, String options) {
            this.publisher = publisher;
            this.options = options;
        }
    }

    /** The option with a topic that is not in the path, because a URI would change it there. */
    private static final String EXACT_TOPIC = "exactTopic";

    /** What Camel, or a URI, changes in a path or takes for something else. */
    private static final Pattern UNSAFE = Pattern.compile("[\\s+%&?#\\p{Cntrl}]|RAW[({]|^/|//");

    /** What a URI has in place of an ASCII character, where its author may mean these three. */
    private static final Pattern ENCODED = Pattern.compile("%[0-7][0-9A-Fa-f]");

    /** The option as a URI has it; Camel takes it as it is only within RAW. */
    private static final Pattern EXACT_IN_URI = Pattern.compile("[?&]" + EXACT_TOPIC + "=(RAW(?:[({]|%7B))?");

    /** What Camel evaluates within RAW. */
    private static final Pattern EVALUATED = Pattern.compile("\\$simple(\\{|%7B)");

    /** While Camel makes an endpoint of a URI that it has normalised, on its thread. */
    private static final ThreadLocal<Boolean> NORMALIZED = ThreadLocal.withInitial(() -> false);

    @Metadata(description = "Defaults of all endpoints.")
    private BactrianConfiguration configuration = new BactrianConfiguration();

    private final String ownId = "camel-" + UUID.randomUUID();
    private final Map<String, Shared> publishers = new HashMap<>();
    private @Nullable Transport transport;
    private @Nullable ExecutorService acceptances;

    public BactrianComponent() {}

    public BactrianComponent(CamelContext context) {
        super(context);
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        KameletUris.watch(getCamelContext());
    }

    /** Refuses an exact topic that Camel may have changed before it came here. */
    private static void checkExact(String uri, String topic) {
        Matcher option = EXACT_IN_URI.matcher(uri);
        if (!option.find()) {
            return;
        }
        String raw = option.group(1);
        if (raw == null) {
            throw new IllegalArgumentException(
                    EXACT_TOPIC + "=" + topic + " must be written " + EXACT_TOPIC + "=RAW(" + topic + ")");
        }
        if (EVALUATED.matcher(uri.substring(option.end())).find()) {
            throw new IllegalArgumentException(
                    "the topic '" + topic + "' was written with $simple{, which Camel evaluates; give it in the header "
                            + BactrianConstants.TOPIC + " with topicFromHeader=true");
        }
        boolean parentheses = raw.endsWith("(");
        char end = parentheses ? ')' : '}';
        if (topic.indexOf(end) >= 0) {
            throw new IllegalArgumentException(
                    "the topic '" + topic + "' holds " + end + ", where Camel ends the value; write "
                            + (parentheses ? "RAW{topic}" : "RAW(topic)") + ", or give it in the header "
                            + BactrianConstants.TOPIC
                            + " with topicFromHeader=true");
        }
    }

    /** So that {@link #createEndpoint(String, Map)} gets the URI as its author has written it. */
    @Override
    public boolean useRawUri() {
        return !NORMALIZED.get();
    }

    /**
     * Refuses a path that Camel changes before {@link #createEndpoint(String, String, Map)} sees it; the rest of the way is Camel's
     * usual one.
     */
    @Override
    public Endpoint createEndpoint(String uri, Map<String, Object> properties) throws Exception {
        checkPath(uri);
        NORMALIZED.set(true);
        try {
            return super.createEndpoint(EndpointHelper.normalizeEndpointUri(uri), properties);
        } finally {
            NORMALIZED.remove();
        }
    }

    private static void checkPath(String uri) {
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        Matcher encoded = ENCODED.matcher(path);
        if (encoded.find()) {
            throw new IllegalArgumentException(
                    path + " has " + encoded.group() + ", which is another character in a URI;"
                            + " give the topic exactly as it is, as in bactrian:exact?" + EXACT_TOPIC + "=RAW(topic)");
        }
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        if (remaining.isEmpty()) {
            throw new IllegalArgumentException(uri + " names no topic: it must be bactrian:<topic>");
        }
        BactrianConfiguration copy = configuration.copy();
        String exact = getAndRemoveParameter(parameters, EXACT_TOPIC, String.class);
        if (exact == null && UNSAFE.matcher(remaining).find()) {
            throw new IllegalArgumentException(
                    "the topic '" + remaining + "' holds a character that a URI may change on its"
                            + " way; give it exactly as it is, as in bactrian:exact?" + EXACT_TOPIC + "=RAW(topic)");
        }
        if (exact != null) {
            checkExact(uri, exact);
        }
        copy.setTopic(exact == null ? remaining : exact);
        BactrianEndpoint endpoint = new BactrianEndpoint(uri, this, copy);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /** The publisher of a configuration, opened if need be; to be given back with {@link #release}. */
    synchronized Publisher acquire(BactrianConfiguration from) {
        boolean outbox = from.getAcceptance() == Acceptance.OUTBOX;
        String named = from.getPublisher();
        if (outbox && named == null) {
            throw new IllegalArgumentException(
                    "acceptance=outbox needs publisher=..., an id that is the same after a restart");
        }
        String id = named == null ? ownId : named;
        String key = from.getHost() + ":" + from.getPublishPort() + " " + id;
        String options = "data=" + from.getData() + " outbox=" + outbox + " blockTime=" + from.getBlockTime()
                + " windowBytes=" + from.getWindowBytes() + " windowMessages=" + from.getWindowMessages() + " security="
                + from.clientSecurity(getCamelContext());
        Shared shared = publishers.get(key);
        if (shared == null) {
            shared = new Shared(
                    Publisher.open(settings(id, from)
                            .outbox(outbox)
                            .blockTime(Duration.ofMillis(from.getBlockTime()))
                            .window(from.getWindowBytes(), from.getWindowMessages())
                            .build()),
                    options);
            publishers.put(key, shared);
        } else if (!shared.options.equals(options)) {
            throw new IllegalArgumentException("endpoints of publisher " + id + " must agree in their options, but"
                    + " there are: " + shared.options + " and " + options);
        }
        shared.users++;
        return shared.publisher;
    }

    /** Gives a publisher back; after the last user it is closed. */
    synchronized void release(Publisher publisher) {
        publishers.values().removeIf(shared -> {
            if (shared.publisher != publisher || --shared.users > 0) {
                return false;
            }
            publisher.close();
            return true;
        });
    }

    ClientSettings.Builder settings(String id, BactrianConfiguration from) {
        return ClientSettings.builder(id)
                .host(from.getHost())
                .publishPort(from.getPublishPort())
                .subscribePort(from.getSubscribePort())
                .data(Path.of(from.getData()))
                .security(from.clientSecurity(getCamelContext()))
                .transport(transport());
    }

    private synchronized Transport transport() {
        Transport open = transport;
        if (open == null) {
            open = new Transport(new LateDirectory(getCamelContext()), new ContextThreads(getCamelContext()));
            transport = open;
        }
        return open;
    }

    /** Threads on which the routes go on whose messages were accepted: never the thread of a connection. */
    synchronized ExecutorService acceptances() {
        ExecutorService pool = acceptances;
        if (pool == null) {
            pool = getCamelContext().getExecutorServiceManager().newDefaultThreadPool(this, "BactrianAccepted");
            acceptances = pool;
        }
        return pool;
    }

    @Override
    protected void doStop() throws Exception {
        closeAll();
        super.doStop();
    }

    private synchronized void closeAll() {
        publishers.values().forEach(shared -> shared.publisher.close());
        publishers.clear();
        Transport open = transport;
        transport = null;
        if (open != null) {
            open.close();
        }
        ExecutorService pool = acceptances;
        acceptances = null;
        if (pool != null) {
            getCamelContext().getExecutorServiceManager().shutdownGraceful(pool);
        }
    }

    public BactrianConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(BactrianConfiguration configuration) {
        this.configuration = configuration;
    }
}
