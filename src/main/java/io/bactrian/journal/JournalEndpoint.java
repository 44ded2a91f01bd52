package io.bactrian.journal;

import io.bactrian.journal.log.Journal;
import java.time.Duration;
import org.apache.camel.AsyncEndpoint;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.PollingConsumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/** Append to a log in files that keeps what must not be lost, and read on from a named cursor. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "journal",
        title = "Journal",
        syntax = "journal:name",
        category = {Category.MESSAGING, Category.FILE},
        headersClass = JournalConstants.class)
public class JournalEndpoint extends DefaultEndpoint implements AsyncEndpoint, EndpointServiceLocation {

    @UriPath(description = "Name of the journal: letters, digits, '_', '.' and '-'.")
    @Metadata(required = true)
    private final String name;

    @UriParam
    private final JournalConfiguration configuration = new JournalConfiguration();

    @UriParam(
            label = "consumer",
            defaultValue = "default",
            description = "Name of the cursor to read on from. Each consumer has its own.")
    private String cursor = "default";

    @UriParam(
            label = "consumer",
            defaultValue = "oldest",
            description = "Where a new cursor begins: oldest, now, or the first position to read.")
    private String from = "oldest";

    @UriParam(
            label = "consumer",
            defaultValue = "1",
            description =
                    "Entries in an Exchange at most. With 1 the body is the payload; with more it is always a list of"
                            + " entries.")
    private int batchSize = 1;

    @UriParam(
            label = "consumer",
            defaultValue = "1m",
            description = "Payload bytes in an Exchange at most, with batchSize above 1; one entry is always allowed.")
    private String batchBytes = "1m";

    @UriParam(
            label = "consumer",
            defaultValue = "500ms",
            description = "Time until entries whose Exchange failed are delivered again; doubled after each failure.")
    private Duration backOff = Duration.ofMillis(500);

    @UriParam(label = "consumer", defaultValue = "30s", description = "The longest time between two deliveries.")
    private Duration backOffMax = Duration.ofSeconds(30);

    private @Nullable Journal journal;

    public JournalEndpoint(String uri, JournalComponent component, String name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public JournalComponent getComponent() {
        return (JournalComponent) super.getComponent();
    }

    /** The open journal, opened if need be; the same object for every endpoint and bean of the context. */
    public synchronized Journal getJournal() {
        Journal open = journal;
        if (open == null) {
            open = getComponent().acquire(name, this);
            journal = open;
        }
        return open;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        getJournal();
    }

    /** Gives back what {@link #getJournal} has opened, also if the endpoint was never started. */
    public void release() {
        synchronized (this) {
            journal = null;
        }
        getComponent().release(name, this);
    }

    @Override
    protected void doStop() throws Exception {
        release();
        super.doStop();
    }

    @Override
    public Producer createProducer() {
        return new JournalProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        JournalConsumer consumer = new JournalConsumer(this, processor, ConsumerSettings.of(this));
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public PollingConsumer createPollingConsumer() {
        return new JournalPollingConsumer(this, ConsumerSettings.of(this));
    }

    @Override
    public String getServiceUrl() {
        String folder = configuration.getFolder();
        return folder == null ? getComponent().getRoot() + "/" + name : folder;
    }

    @Override
    public String getServiceProtocol() {
        return "file";
    }

    public String getName() {
        return name;
    }

    public JournalConfiguration getConfiguration() {
        return configuration;
    }

    public String getCursor() {
        return cursor;
    }

    public void setCursor(String cursor) {
        this.cursor = cursor;
    }

    public String getFrom() {
        return from;
    }

    public void setFrom(String from) {
        this.from = from;
    }

    public int getBatchSize() {
        return batchSize;
    }

    public void setBatchSize(int batchSize) {
        this.batchSize = batchSize;
    }

    public String getBatchBytes() {
        return batchBytes;
    }

    public void setBatchBytes(String batchBytes) {
        this.batchBytes = batchBytes;
    }

    public Duration getBackOff() {
        return backOff;
    }

    public void setBackOff(Duration backOff) {
        this.backOff = backOff;
    }

    public Duration getBackOffMax() {
        return backOffMax;
    }

    public void setBackOffMax(Duration backOffMax) {
        this.backOffMax = backOffMax;
    }
}
