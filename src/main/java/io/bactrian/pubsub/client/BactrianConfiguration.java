package io.bactrian.pubsub.client;

import io.bactrian.zeromq.ZeroMqConfiguration;
import io.bactrian.zeromq.ZeroMqSecurity;
import io.bactrian.zeromq.socket.Security;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.spi.UriPath;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;

/** Options of the endpoints. */
@UriParams
public class BactrianConfiguration implements Cloneable {
    @UriPath
    @Metadata(required = true)
    private String topic = "";

    @UriParam(defaultValue = "127.0.0.1")
    private String host = "127.0.0.1";

    @UriParam(defaultValue = "5570")
    private int publishPort = 5570;

    @UriParam(defaultValue = "5571")
    private int subscribePort = 5571;

    @UriParam(defaultValue = "data/client")
    private String data = "data/client";

    @UriParam(label = "producer")
    private @Nullable String publisher;

    @UriParam(label = "producer", defaultValue = "false")
    private boolean topicFromHeader;

    @UriParam(label = "advanced")
    private HeaderFilterStrategy headerFilterStrategy = new BactrianHeaderFilterStrategy();

    @UriParam(label = "producer", defaultValue = "HUB")
    private Acceptance acceptance = Acceptance.HUB;

    @UriParam(label = "producer", defaultValue = "30000", javaType = "java.time.Duration")
    private long blockTime = 30_000;

    @UriParam(label = "producer,advanced", defaultValue = "67108864")
    private long windowBytes = 64L << 20;

    @UriParam(label = "producer,advanced", defaultValue = "1048576")
    private int windowMessages = 1 << 20;

    @UriParam(label = "consumer")
    private @Nullable String subscriber;

    @UriParam(label = "consumer", defaultValue = "oldest")
    private String from = "oldest";

    @UriParam(label = "consumer", defaultValue = "5")
    private int redeliveries = 5;

    @UriParam(label = "consumer", defaultValue = "500", javaType = "java.time.Duration")
    private long redeliveryDelay = 500;

    @UriParam(label = "consumer", defaultValue = "30000", javaType = "java.time.Duration")
    private long redeliveryDelayMax = 30_000;

    @UriParam(label = "consumer")
    private @Nullable String deadLetterTopic;

    @UriParam(label = "consumer")
    private @Nullable DataSource dataSource;

    @UriParam(label = "consumer", defaultValue = "false")
    private boolean transacted;

    @UriParam(label = "consumer,advanced")
    private @Nullable PlatformTransactionManager transactionManager;

    @UriParam(label = "consumer,advanced", defaultValue = "100", javaType = "java.time.Duration")
    private long saveInterval = 100;

    @UriParam(label = "consumer,advanced", defaultValue = "16777216")
    private int receiveWindowBytes = 16 << 20;

    @UriParam(label = "consumer,advanced", defaultValue = "10000")
    private int sourcesMax = 10_000;

    @UriParam(label = "security", defaultValue = "none")
    private ZeroMqSecurity security = ZeroMqSecurity.none;

    @UriParam(label = "security")
    private @Nullable String securityPrefix;

    @UriParam(label = "security")
    private @Nullable String curveKeyFile;

    @UriParam(label = "security")
    private @Nullable String curveServerKeyFile;

    @UriParam(label = "security")
    private @Nullable String plainUsername;

    @UriParam(label = "security", secret = true)
    @Metadata(secret = true)
    private @Nullable String plainPassword;

    /**
     * The security of the connections to the hub.
     *
     * @throws IllegalArgumentException naming every option that is wrong, with what would be right
     */
    Security clientSecurity(CamelContext camel) {
        ZeroMqConfiguration options = new ZeroMqConfiguration();
        options.setSecurity(security);
        options.setSecurityPrefix(securityPrefix);
        options.setCurveKeyFile(curveKeyFile);
        options.setCurveServerKeyFile(curveServerKeyFile);
        options.setPlainUsername(plainUsername);
        options.setPlainPassword(plainPassword);
        options.readSecurity(camel);
        return options.clientSecurity();
    }

    /** A copy with the same values. */
    public BactrianConfiguration copy() {
        try {
            return (BactrianConfiguration) clone();
        } catch (CloneNotSupportedException e) {
            throw new RuntimeCamelException(e);
        }
    }

    public HeaderFilterStrategy getHeaderFilterStrategy() {
        return headerFilterStrategy;
    }

    /**
     * Which headers go to the hub and come from it. By default all but those whose names begin with Camel, in either direction, and but
     * HTTP's credentials (Authorization, Cookie and their kin), which are not sent.
     */
    public void setHeaderFilterStrategy(HeaderFilterStrategy headerFilterStrategy) {
        this.headerFilterStrategy = headerFilterStrategy;
    }

    public String getTopic() {
        return topic;
    }

    /** Topic to put to. For a consumer a topic, or a prefix with an asterisk at its end. */
    public void setTopic(String topic) {
        this.topic = topic;
    }

    public String getHost() {
        return host;
    }

    /**
     * Host of the hub; of a pair of hubs both, with a comma between them, and the one that is active is used. One with
     * other ports has them behind it, for publishers and for subscribers: 10.0.0.1:5570/5571.
     */
    public void setHost(String host) {
        this.host = host;
    }

    public int getPublishPort() {
        return publishPort;
    }

    /** The hub's port for publishers. */
    public void setPublishPort(int publishPort) {
        this.publishPort = publishPort;
    }

    public int getSubscribePort() {
        return subscribePort;
    }

    /** The hub's port for durable subscribers. */
    public void setSubscribePort(int subscribePort) {
        this.subscribePort = subscribePort;
    }

    public String getData() {
        return data;
    }

    /** Folder of the outbox, and of the cursor's database unless dataSource is set. */
    public void setData(String data) {
        this.data = data;
    }

    public @Nullable String getPublisher() {
        return publisher;
    }

    /**
     * Id of the publisher, which only one process may use at a time; endpoints with the same id and options share a
     * connection. By default one is made for this life of the process; with acceptance=outbox it must be set.
     */
    public void setPublisher(@Nullable String publisher) {
        this.publisher = publisher;
    }

    public boolean isTopicFromHeader() {
        return topicFromHeader;
    }

    /**
     * Whether the header CamelBactrianTopic, if it is there, counts in place of the topic of the endpoint. By default the
     * endpoint wins, as the header may be one that a consumer has set.
     */
    public void setTopicFromHeader(boolean topicFromHeader) {
        this.topicFromHeader = topicFromHeader;
    }

    public Acceptance getAcceptance() {
        return acceptance;
    }

    /**
     * When the Exchange completes: when the hub has logged and synced the message, or when it is synced in an outbox of
     * our own, from where it goes to the hub by itself.
     */
    public void setAcceptance(Acceptance acceptance) {
        this.acceptance = acceptance;
    }

    public long getBlockTime() {
        return blockTime;
    }

    /** How long an Exchange waits for room when the window of unaccepted messages is full before it fails. */
    public void setBlockTime(long blockTime) {
        this.blockTime = blockTime;
    }

    public long getWindowBytes() {
        return windowBytes;
    }

    /** Octets that may wait to be accepted at most; while the hub answers, fewer do, so that none waits for long. */
    public void setWindowBytes(long windowBytes) {
        this.windowBytes = windowBytes;
    }

    public int getWindowMessages() {
        return windowMessages;
    }

    /** Messages that may wait to be accepted. */
    public void setWindowMessages(int windowMessages) {
        this.windowMessages = windowMessages;
    }

    public @Nullable String getSubscriber() {
        return subscriber;
    }

    /** Id of the durable subscriber, which only one consumer may use at a time. A consumer needs it. */
    public void setSubscriber(@Nullable String subscriber) {
        this.subscriber = subscriber;
    }

    public String getFrom() {
        return from;
    }

    /** Where a new subscription begins: oldest, now, a position, or a time such as 2026-01-01T00:00:00Z. One that is there already goes on. */
    public void setFrom(String from) {
        this.from = from;
    }

    public int getRedeliveries() {
        return redeliveries;
    }

    /** How often a message is handed to the route again after it has failed, before it becomes a dead letter. */
    public void setRedeliveries(int redeliveries) {
        this.redeliveries = redeliveries;
    }

    public long getRedeliveryDelay() {
        return redeliveryDelay;
    }

    /** Wait before the first redelivery; it doubles with each. */
    public void setRedeliveryDelay(long redeliveryDelay) {
        this.redeliveryDelay = redeliveryDelay;
    }

    public long getRedeliveryDelayMax() {
        return redeliveryDelayMax;
    }

    /** Upper end of the wait before a redelivery. */
    public void setRedeliveryDelayMax(long redeliveryDelayMax) {
        this.redeliveryDelayMax = redeliveryDelayMax;
    }

    public @Nullable String getDeadLetterTopic() {
        return deadLetterTopic;
    }

    /** Topic of the hub to which a message goes that has failed for good; by default dead-letter/ and the subscriber. */
    public void setDeadLetterTopic(@Nullable String deadLetterTopic) {
        this.deadLetterTopic = deadLetterTopic;
    }

    public @Nullable DataSource getDataSource() {
        return dataSource;
    }

    /** Database that keeps the cursor, in the table bactrian_cursor; by default an H2 file in the data folder. */
    public void setDataSource(@Nullable DataSource dataSource) {
        this.dataSource = dataSource;
    }

    public boolean isTransacted() {
        return transacted;
    }

    /**
     * Whether the route runs in a transaction that also saves the cursor: what it writes to the same dataSource and the
     * cursor are committed together, or not at all.
     */
    public void setTransacted(boolean transacted) {
        this.transacted = transacted;
    }

    public @Nullable PlatformTransactionManager getTransactionManager() {
        return transactionManager;
    }

    /** Manager of the transactions; by default one over the dataSource. */
    public void setTransactionManager(@Nullable PlatformTransactionManager transactionManager) {
        this.transactionManager = transactionManager;
    }

    public long getSaveInterval() {
        return saveInterval;
    }

    /** Without transacted: how far the saved cursor may lag behind what the route has completed. */
    public void setSaveInterval(long saveInterval) {
        this.saveInterval = saveInterval;
    }

    public int getReceiveWindowBytes() {
        return receiveWindowBytes;
    }

    /** Octets that may be under way to the consumer or wait in it. */
    public void setReceiveWindowBytes(int receiveWindowBytes) {
        this.receiveWindowBytes = receiveWindowBytes;
    }

    public int getSourcesMax() {
        return sourcesMax;
    }

    /**
     * Of how many publishers' topics the last number is kept, by which the consumer knows what is sent again to a restored hub.
     * Those that have been quiet longest are forgotten.
     */
    public void setSourcesMax(int sourcesMax) {
        this.sourcesMax = sourcesMax;
    }

    public ZeroMqSecurity getSecurity() {
        return security;
    }

    /** How the connections to the hub are secured: none, plain (user and password, in clear) or curve. The hub must want the same. */
    public void setSecurity(ZeroMqSecurity security) {
        this.security = security;
    }

    public @Nullable String getSecurityPrefix() {
        return securityPrefix;
    }

    /** The prefix of the properties that hold the security options, as in the zeromq component: with bactrian.client.security that property is the option security, and bactrian.client.security.curveKeyFile is curveKeyFile. */
    public void setSecurityPrefix(@Nullable String securityPrefix) {
        this.securityPrefix = securityPrefix;
    }

    public @Nullable String getCurveKeyFile() {
        return curveKeyFile;
    }

    /** With security=curve, the certificate file with the own public and secret key, as bactrian keygen writes it. */
    public void setCurveKeyFile(@Nullable String curveKeyFile) {
        this.curveKeyFile = curveKeyFile;
    }

    public @Nullable String getCurveServerKeyFile() {
        return curveServerKeyFile;
    }

    /** With security=curve, the certificate file with the public key of the hub. */
    public void setCurveServerKeyFile(@Nullable String curveServerKeyFile) {
        this.curveServerKeyFile = curveServerKeyFile;
    }

    public @Nullable String getPlainUsername() {
        return plainUsername;
    }

    /** User at the hub, with security=plain. */
    public void setPlainUsername(@Nullable String plainUsername) {
        this.plainUsername = plainUsername;
    }

    public @Nullable String getPlainPassword() {
        return plainPassword;
    }

    /** Password of plainUsername. It crosses the network in clear. */
    public void setPlainPassword(@Nullable String plainPassword) {
        this.plainPassword = plainPassword;
    }
}
