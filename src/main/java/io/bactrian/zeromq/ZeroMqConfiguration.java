package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.Security;
import io.bactrian.zeromq.socket.SocketKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.spi.UriPath;
import org.jspecify.annotations.Nullable;

/** The options of an endpoint. Those that concern the socket must agree between endpoints that share it. */
@UriParams
public class ZeroMqConfiguration implements Cloneable {

    @UriPath
    @Metadata(required = true)
    private @Nullable String target;

    @UriParam
    private @Nullable String address;

    @UriParam
    private @Nullable Boolean bind;

    @UriParam
    private @Nullable String socketName;

    @UriParam(label = "consumer", defaultValue = "1")
    private int batchSize = 1;

    @UriParam(label = "consumer", defaultValue = "4194304")
    private long batchBytesMax = 4_194_304;

    @UriParam(label = "consumer", defaultValue = "0", javaType = "java.time.Duration")
    private long batchTimeout;

    @UriParam(label = "consumer", defaultValue = "1")
    private int concurrentExchanges = 1;

    @UriParam(label = "consumer,advanced", defaultValue = "false")
    private boolean onSocketThread;

    @UriParam(defaultValue = "false")
    private boolean stream;

    @UriParam(label = "advanced", defaultValue = "30000", javaType = "java.time.Duration")
    private long streamTimeout = 30_000;

    @UriParam(label = "consumer,advanced", defaultValue = "4194304")
    private int streamCreditBytes = 4_194_304;

    @UriParam(label = "consumer")
    private @Nullable String subscribe;

    @UriParam(defaultValue = "false")
    private boolean envelope;

    @UriParam(label = "producer")
    private @Nullable String topic;

    @UriParam(label = "producer", defaultValue = "false")
    private boolean topicFromHeader;

    @UriParam(label = "producer", defaultValue = "5000", javaType = "java.time.Duration")
    private long sendTimeout = 5_000;

    @UriParam(label = "producer", defaultValue = "false")
    private boolean awaitSend;

    @UriParam(label = "producer", defaultValue = "5000", javaType = "java.time.Duration")
    private long requestTimeout = 5_000;

    @UriParam(label = "producer", defaultValue = "3")
    private int retries = 3;

    @UriParam(label = "advanced", defaultValue = "1000")
    private int sendHighWaterMark = 1_000;

    @UriParam(label = "advanced", defaultValue = "1000")
    private int receiveHighWaterMark = 1_000;

    @UriParam(label = "advanced", defaultValue = "1000", javaType = "java.time.Duration")
    private long linger = 1_000;

    @UriParam(label = "advanced", defaultValue = "16777216")
    private int maxFrameBytes = 16_777_216;

    @UriParam(label = "advanced", defaultValue = "1024")
    private int maxFrames = 1_024;

    @UriParam(label = "advanced", defaultValue = "4096")
    private int pendingQueue = 4_096;

    @UriParam(label = "advanced", defaultValue = "300", javaType = "java.time.Duration")
    private long handshakeInterval = 300;

    @UriParam(label = "advanced", defaultValue = "100", javaType = "java.time.Duration")
    private long reconnectInterval = 100;

    @UriParam(label = "advanced", defaultValue = "2000", javaType = "java.time.Duration")
    private long reconnectIntervalMax = 2_000;

    @UriParam(label = "advanced", defaultValue = "0", javaType = "java.time.Duration")
    private long heartbeatInterval;

    @UriParam(label = "advanced", defaultValue = "0", javaType = "java.time.Duration")
    private long heartbeatTimeout;

    @UriParam(label = "advanced")
    private @Nullable Boolean tcpKeepAlive;

    @UriParam(label = "advanced")
    private @Nullable String routingId;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean mandatory;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean handover;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean xpubNoDrop;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean xpubVerbose;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean conflate;

    @UriParam(label = "advanced", defaultValue = "4096")
    private int maxConnections = 4096;

    @UriParam(label = "advanced", defaultValue = "0")
    private int maxMessageBytes;

    @UriParam(label = "advanced", defaultValue = "0")
    private int maxIncompleteBytes;

    @UriParam(label = "advanced", defaultValue = "1024")
    private int maxTopicBytes = 1024;

    @UriParam(label = "advanced", defaultValue = "1048576")
    private int maxSubscriptionBytes = 1048576;

    @UriParam(label = "advanced", defaultValue = "30000", javaType = "java.time.Duration")
    private long handshakeTimeout = 30000;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean allowOldPeers;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean allowUnguarded;

    @UriParam(label = "advanced", defaultValue = "0")
    private int sendBufferBytes;

    @UriParam(label = "advanced", defaultValue = "-1")
    private int receiveBufferBytes = -1;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean immediate;

    @UriParam(label = "advanced", defaultValue = "4096")
    private int backlog = 4096;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean ipv6;

    @UriParam(label = "advanced", defaultValue = "-1")
    private int tcpKeepAliveCount = -1;

    @UriParam(label = "advanced", defaultValue = "-1")
    private int tcpKeepAliveIdle = -1;

    @UriParam(label = "advanced", defaultValue = "-1")
    private int tcpKeepAliveInterval = -1;

    @UriParam(label = "advanced", defaultValue = "0")
    private int typeOfService;

    @UriParam(label = "advanced", defaultValue = "0", javaType = "java.time.Duration")
    private long heartbeatTtl;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean probeRouter;

    @UriParam(label = "advanced")
    private @Nullable String helloMessage;

    @UriParam(label = "advanced")
    private @Nullable String disconnectMessage;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean xpubVerboser;

    @UriParam(label = "advanced", defaultValue = "false")
    private boolean xpubManual;

    @UriParam(label = "security", defaultValue = "none")
    private ZeroMqSecurity security = ZeroMqSecurity.none;

    @UriParam(label = "security")
    private @Nullable String securityPrefix;

    @UriParam(label = "security")
    private @Nullable Boolean curveServer;

    @UriParam(label = "security")
    private @Nullable String curveKeyFile;

    @UriParam(label = "security")
    private @Nullable String curvePublicKey;

    @UriParam(label = "security", secret = true)
    @Metadata(secret = true)
    private @Nullable String curveSecretKey;

    @UriParam(label = "security")
    private @Nullable String curveServerKey;

    @UriParam(label = "security")
    private @Nullable String curveServerKeyFile;

    @UriParam(label = "security")
    private @Nullable String curveClientKeys;

    @UriParam(label = "security", defaultValue = "false")
    private boolean curveAllowAnyClient;

    @UriParam(label = "security,advanced", defaultValue = "33554432")
    private int curveBacklogBytes = 33_554_432;

    @UriParam(label = "security,advanced")
    private @Nullable String zapDomain;

    @UriParam(label = "security")
    private @Nullable String plainUsers;

    @UriParam(label = "security")
    private @Nullable String plainUsername;

    @UriParam(label = "security", secret = true)
    @Metadata(secret = true)
    private @Nullable String plainPassword;

    /**
     * What the socket is opened with: this, or for a rep that has several requests under way a router in its place, which
     * gives each answer the envelope of its request.
     */
    ZeroMqConfiguration serving() {
        if (concurrentExchanges <= 1 || kind() != SocketKind.rep) {
            return this;
        }
        ZeroMqConfiguration router = copy();
        router.target = SocketKind.router
                + String.valueOf(target).substring(SocketKind.rep.name().length());
        router.envelope = true;
        return router;
    }

    /** A copy that can be changed by itself. */
    public ZeroMqConfiguration copy() {
        try {
            return (ZeroMqConfiguration) clone();
        } catch (CloneNotSupportedException e) {
            throw new RuntimeCamelException(e);
        }
    }

    /**
     * Takes the security options from the properties of {@link #setSecurityPrefix}, if it is set.
     *
     * @throws IllegalArgumentException if a property has no right value; the message does not show it
     */
    public void readSecurity(CamelContext camel) {
        String prefix = securityPrefix;
        if (prefix == null) {
            return;
        }
        for (Map.Entry<String, Consumer<String>> option : securityOptions().entrySet()) {
            String key = option.getKey().isEmpty() ? prefix : prefix + "." + option.getKey();
            camel.getPropertiesComponent()
                    .resolveProperty(key)
                    .map(camel::resolvePropertyPlaceholders)
                    .filter(value -> !value.isBlank())
                    .ifPresent(value -> set(key, value, option.getValue()));
        }
    }

    private static void set(String key, String value, Consumer<String> setter) {
        try {
            setter.accept(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the property " + key + " has no right value", e);
        }
    }

    private Map<String, Consumer<String>> securityOptions() {
        Map<String, Consumer<String>> setters = new LinkedHashMap<>();
        setters.put("", value -> security = ZeroMqSecurity.valueOf(value));
        setters.put("curveServer", value -> curveServer = Boolean.valueOf(value));
        setters.put("curveKeyFile", value -> curveKeyFile = value);
        setters.put("curvePublicKey", value -> curvePublicKey = value);
        setters.put("curveSecretKey", value -> curveSecretKey = value);
        setters.put("curveServerKey", value -> curveServerKey = value);
        setters.put("curveServerKeyFile", value -> curveServerKeyFile = value);
        setters.put("curveClientKeys", value -> curveClientKeys = value);
        setters.put("curveAllowAnyClient", value -> curveAllowAnyClient = Boolean.parseBoolean(value));
        setters.put("plainUsers", value -> plainUsers = value);
        setters.put("plainUsername", value -> plainUsername = value);
        setters.put("plainPassword", value -> plainPassword = value);
        return setters;
    }

    /**
     * The security of a client with these options.
     *
     * @throws IllegalArgumentException naming every option that is wrong, with what would be right
     */
    public Security clientSecurity() {
        List<String> wrong = new ArrayList<>();
        Security made = ZeroMqSecuritySettings.of(this, false, List.of(), wrong);
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("The security cannot be used: " + String.join("; ", wrong));
        }
        return made;
    }

    /** Whether the target is no socket, but the events of sockets. */
    boolean isMonitor() {
        return target != null && target.startsWith("monitor:");
    }

    /** The socket type of the target. */
    SocketKind kind() {
        String text = target == null ? "" : target;
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        try {
            return SocketKind.valueOf(name.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "unknown socket type " + name + " in zeromq:" + text + ", it must be one of "
                            + Arrays.toString(SocketKind.values()),
                    e);
        }
    }

    /** The addresses of the target, or else of the option; empty if there are none. */
    List<String> addresses() {
        String text = target == null ? "" : target;
        int colon = text.indexOf(':');
        return split(colon < 0 ? address : text.substring(colon + 1));
    }

    /**
     * The prefixes to subscribe to, with a character for each octet, or null if they were not set.
     *
     * @throws IllegalArgumentException if an escape is none
     */
    @Nullable List<String> topics() {
        return subscribe == null ? null : Prefixes.parse(subscribe);
    }

    private static List<String> split(@Nullable String list) {
        return list == null
                ? List.of()
                : Arrays.stream(list.split(",", -1))
                        .map(String::strip)
                        .filter(part -> !part.isEmpty())
                        .toList();
    }

    public @Nullable String getTarget() {
        return target;
    }

    /**
     * Socket type, colon, and one or more addresses separated by comma. The type is pair, pub, sub, xpub, xsub, push,
     * pull, req, rep, dealer or router; an address tcp://host:port, tcp://*:port, tcp://[::1]:port, ipc:///path or
     * inproc://name. When binding, the port * or 0 takes a free one. For example router:tcp://*:5570. The type alone
     * will do if the option address is set. The type monitor is for consumers: it is no socket, but gives the events of
     * the connections of all sockets of the component that have one of the addresses, or of all with monitor:*.
     */
    public void setTarget(@Nullable String target) {
        this.target = target;
    }

    public @Nullable String getAddress() {
        return address;
    }

    /** The addresses, if the target names the socket type only. */
    public void setAddress(@Nullable String address) {
        this.address = address;
    }

    public @Nullable Boolean getBind() {
        return bind;
    }

    /** Whether to bind (true) or to connect (false). By default pub, xpub, pull, rep and router bind and the others connect. */
    public void setBind(@Nullable Boolean bind) {
        this.bind = bind;
    }

    public @Nullable String getSocketName() {
        return socketName;
    }

    /** Endpoints of one context with the same type, addresses and socketName share one socket. Set a name to give an endpoint a socket of its own. */
    public void setSocketName(@Nullable String socketName) {
        this.socketName = socketName;
    }

    public int getBatchSize() {
        return batchSize;
    }

    /** Most ZeroMQ messages in one Exchange. Above 1 the body is a List of ZeroMqMessage, also for a single message. It takes what is waiting, so idle a batch is one message and it grows under load. */
    public void setBatchSize(int batchSize) {
        this.batchSize = batchSize;
    }

    public long getBatchBytesMax() {
        return batchBytesMax;
    }

    /** A batch is closed once it holds this many octets. */
    public void setBatchBytesMax(long batchBytesMax) {
        this.batchBytesMax = batchBytesMax;
    }

    public long getBatchTimeout() {
        return batchTimeout;
    }

    /** How long a batch waits for more messages; 0 takes what is there. */
    public void setBatchTimeout(long batchTimeout) {
        this.batchTimeout = batchTimeout;
    }

    public int getConcurrentExchanges() {
        return concurrentExchanges;
    }

    /**
     * Most Exchanges that are under way at once. Above 1 the next one begins when the route hands the former on to another
     * thread, as threads, seda or an asynchronous component do, and not when it is completed: so answers overtake each
     * other, and the order is not kept. A rep then works as a router, which its peers do not notice.
     */
    public void setConcurrentExchanges(int concurrentExchanges) {
        this.concurrentExchanges = concurrentExchanges;
    }

    public boolean isOnSocketThread() {
        return onSocketThread;
    }

    /**
     * Runs the route on the socket's own thread although other routes, or this one, send on the socket. It spares two
     * changes of threads for each Exchange, and nothing is sent on the socket while the route works; a route that waits
     * for somebody who sends on the same socket waits until that send times out.
     */
    public void setOnSocketThread(boolean onSocketThread) {
        this.onSocketThread = onSocketThread;
    }

    public boolean isStream() {
        return stream;
    }

    /**
     * Sends and receives a body of any size as a stream: a producer (dealer) reads it in chunks, and sends as many as the
     * consumer (router) has given it credit for; there the body is an InputStream, and what the route reads from it becomes
     * credit again. The producer's Exchange is completed when the consumer's is.
     */
    public void setStream(boolean stream) {
        this.stream = stream;
    }

    public long getStreamTimeout() {
        return streamTimeout;
    }

    /**
     * With stream=true, how long a producer waits until the route at the other end begins, reads on or completes, and a
     * consumer's route for the next chunk, before it fails.
     */
    public void setStreamTimeout(long streamTimeout) {
        this.streamTimeout = streamTimeout;
    }

    public int getStreamCreditBytes() {
        return streamCreditBytes;
    }

    /** With stream=true, how many octets of a body may be on their way or wait to be read. */
    public void setStreamCreditBytes(int streamCreditBytes) {
        this.streamCreditBytes = streamCreditBytes;
    }

    public @Nullable String getSubscribe() {
        return subscribe;
    }

    /** Prefixes to subscribe to, separated by comma, for sub and xsub; * is everything. They are taken as they are, blanks too; only one at the end of a parameter in YAML, which Camel may cut off, is written \\x20. A backslash takes away the meaning of what follows, as in \\, for a comma, and \\x00 to \\xff are octets. By default a sub subscribes to everything and an xsub to nothing. */
    public void setSubscribe(@Nullable String subscribe) {
        this.subscribe = subscribe;
    }

    public boolean isEnvelope() {
        return envelope;
    }

    /** For router, dealer and pair: the frames up to the first empty one are the envelope that a REQ or REP peer needs. A consumer takes them off and puts them in the header CamelZeroMqEnvelope; a producer writes an empty delimiter before the body, after the frames of that header if it is set. */
    public void setEnvelope(boolean envelope) {
        this.envelope = envelope;
    }

    public @Nullable String getTopic() {
        return topic;
    }

    /** Topic that pub and xpub send as first frame. Without one it is that of the header CamelZeroMqTopic, and without both the body is sent as it is. */
    public void setTopic(@Nullable String topic) {
        this.topic = topic;
    }

    public boolean isTopicFromHeader() {
        return topicFromHeader;
    }

    /** Whether the header CamelZeroMqTopic, if it is there, counts in place of the option topic. By default the option wins, as the header may be one that a consumer has set. */
    public void setTopicFromHeader(boolean topicFromHeader) {
        this.topicFromHeader = topicFromHeader;
    }

    public long getSendTimeout() {
        return sendTimeout;
    }

    /** How long a producer waits for room in a full send queue before the Exchange fails. */
    public void setSendTimeout(long sendTimeout) {
        this.sendTimeout = sendTimeout;
    }

    public boolean isAwaitSend() {
        return awaitSend;
    }

    /** Whether the Exchange completes only when ZeroMQ has taken the message (and fails if the peer of a mandatory router is unknown). By default it completes when the message is in the send queue. Neither means that it was delivered. */
    public void setAwaitSend(boolean awaitSend) {
        this.awaitSend = awaitSend;
    }

    public long getRequestTimeout() {
        return requestTimeout;
    }

    /** How long an InOut Exchange waits for the answer (req: for each try). */
    public void setRequestTimeout(long requestTimeout) {
        this.requestTimeout = requestTimeout;
    }

    public int getRetries() {
        return retries;
    }

    /** How often a req sends its request again on a new connection when there is no answer in time (Lazy Pirate). */
    public void setRetries(int retries) {
        this.retries = retries;
    }

    public int getSendHighWaterMark() {
        return sendHighWaterMark;
    }

    /** Messages that ZeroMQ queues to send for each peer, 0 for no limit. */
    public void setSendHighWaterMark(int sendHighWaterMark) {
        this.sendHighWaterMark = sendHighWaterMark;
    }

    public int getReceiveHighWaterMark() {
        return receiveHighWaterMark;
    }

    /** Messages that ZeroMQ queues as received for each peer, 0 for no limit. */
    public void setReceiveHighWaterMark(int receiveHighWaterMark) {
        this.receiveHighWaterMark = receiveHighWaterMark;
    }

    public long getLinger() {
        return linger;
    }

    /** How long a stop tries to send what is queued. What is left then is dropped, counted and logged. */
    public void setLinger(long linger) {
        this.linger = linger;
    }

    public int getMaxFrameBytes() {
        return maxFrameBytes;
    }

    /** Largest frame that is received. A peer that announces a larger one is disconnected. */
    public void setMaxFrameBytes(int maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
    }

    public int getMaxFrames() {
        return maxFrames;
    }

    /** Most frames of a received message. A message with more is dropped. */
    public void setMaxFrames(int maxFrames) {
        this.maxFrames = maxFrames;
    }

    public int getPendingQueue() {
        return pendingQueue;
    }

    /** Items (single messages or whole batches) that wait for the socket, and requests that wait for an answer. */
    public void setPendingQueue(int pendingQueue) {
        this.pendingQueue = pendingQueue;
    }

    public long getHandshakeInterval() {
        return handshakeInterval;
    }

    /** A connection whose greeting takes longer is made anew; 0 for no limit. While greetings are slow the time doubles, up to 30 s. */
    public void setHandshakeInterval(long handshakeInterval) {
        this.handshakeInterval = handshakeInterval;
    }

    public long getReconnectInterval() {
        return reconnectInterval;
    }

    /** Wait before a lost connection is made anew. */
    public void setReconnectInterval(long reconnectInterval) {
        this.reconnectInterval = reconnectInterval;
    }

    public long getReconnectIntervalMax() {
        return reconnectIntervalMax;
    }

    /** Upper end of the wait, which doubles with each try; 0 for no growth. */
    public void setReconnectIntervalMax(long reconnectIntervalMax) {
        this.reconnectIntervalMax = reconnectIntervalMax;
    }

    public long getHeartbeatInterval() {
        return heartbeatInterval;
    }

    /** Time between ZMTP heartbeats, 0 for none. They do not reveal a peer behind a silent firewall. */
    public void setHeartbeatInterval(long heartbeatInterval) {
        this.heartbeatInterval = heartbeatInterval;
    }

    public long getHeartbeatTimeout() {
        return heartbeatTimeout;
    }

    /** A connection without an answer to a heartbeat for this time is closed; 0 for three intervals. */
    public void setHeartbeatTimeout(long heartbeatTimeout) {
        this.heartbeatTimeout = heartbeatTimeout;
    }

    public @Nullable Boolean getTcpKeepAlive() {
        return tcpKeepAlive;
    }

    /** Whether TCP keep-alive is on. By default as the system has it. */
    public void setTcpKeepAlive(@Nullable Boolean tcpKeepAlive) {
        this.tcpKeepAlive = tcpKeepAlive;
    }

    public @Nullable String getRoutingId() {
        return routingId;
    }

    /** Own identity, by which a router addresses this socket. By default the router chooses one. */
    public void setRoutingId(@Nullable String routingId) {
        this.routingId = routingId;
    }

    public boolean isMandatory() {
        return mandatory;
    }

    /** Whether a router fails for an unknown peer, and waits for a peer that is full, where it would drop the message. */
    public void setMandatory(boolean mandatory) {
        this.mandatory = mandatory;
    }

    public boolean isHandover() {
        return handover;
    }

    /** Whether a router gives a routing id to the newest peer that claims it. */
    public void setHandover(boolean handover) {
        this.handover = handover;
    }

    public boolean isXpubNoDrop() {
        return xpubNoDrop;
    }

    /** Whether a full peer holds a pub or xpub back, where it would miss messages. One slow subscriber then blocks all. */
    public void setXpubNoDrop(boolean xpubNoDrop) {
        this.xpubNoDrop = xpubNoDrop;
    }

    public boolean isXpubVerbose() {
        return xpubVerbose;
    }

    /** Whether an xpub reports every subscription, also repeated ones. */
    public void setXpubVerbose(boolean xpubVerbose) {
        this.xpubVerbose = xpubVerbose;
    }

    public boolean isConflate() {
        return conflate;
    }

    /** Whether only the last message is kept, for messages of one frame. */
    public void setConflate(boolean conflate) {
        this.conflate = conflate;
    }

    public int getMaxConnections() {
        return maxConnections;
    }

    /** Most connections that a socket has at once. When one more comes, the oldest whose handshake is not done is closed, or if there is none the new one. */
    public void setMaxConnections(int maxConnections) {
        this.maxConnections = maxConnections;
    }

    public int getMaxMessageBytes() {
        return maxMessageBytes;
    }

    /** Largest message that is received, in all its frames. A peer that sends a larger one is disconnected while it does so. 0 for 4 times maxFrameBytes. */
    public void setMaxMessageBytes(int maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
    }

    public int getMaxIncompleteBytes() {
        return maxIncompleteBytes;
    }

    /**
     * Octets that all peers of a socket together may have begun to send and not completed: frames of 64 KiB and more,
     * which take their memory when they are announced, and messages whose last frame has not come. A peer that goes beyond
     * is disconnected. 0 for 16 times maxFrameBytes, but at most an eighth of the heap.
     */
    public void setMaxIncompleteBytes(int maxIncompleteBytes) {
        this.maxIncompleteBytes = maxIncompleteBytes;
    }

    public int getMaxTopicBytes() {
        return maxTopicBytes;
    }

    /** For pub and xpub: longest prefix that a subscriber may ask for (and at least 1023). One that asks for a longer one is disconnected. */
    public void setMaxTopicBytes(int maxTopicBytes) {
        this.maxTopicBytes = maxTopicBytes;
    }

    public int getMaxSubscriptionBytes() {
        return maxSubscriptionBytes;
    }

    /** For pub and xpub: octets that the prefixes of one subscriber may take, with 16 for each; all subscribers together may take 32 times as much. One that asks for more is disconnected. */
    public void setMaxSubscriptionBytes(int maxSubscriptionBytes) {
        this.maxSubscriptionBytes = maxSubscriptionBytes;
    }

    public long getHandshakeTimeout() {
        return handshakeTimeout;
    }

    /** A connection is closed if it is not ready after that time, security included; 0 for no limit. handshakeInterval is about its first octets only. */
    public void setHandshakeTimeout(long handshakeTimeout) {
        this.handshakeTimeout = handshakeTimeout;
    }

    public boolean isAllowOldPeers() {
        return allowOldPeers;
    }

    /**
     * Whether peers may speak ZMTP 1.0 or 2.0, as ZeroMQ before 4.0 does. These know no security, and of the limits only
     * maxFrameBytes and maxConnections hold for them; whatever connects and is no ZeroMQ at all looks like ZMTP 1.0. By
     * default they are disconnected.
     */
    public void setAllowOldPeers(boolean allowOldPeers) {
        this.allowOldPeers = allowOldPeers;
    }

    public boolean isAllowUnguarded() {
        return allowUnguarded;
    }

    /**
     * Whether the socket may be bound to other addresses than inproc and loopback where the limits of peers do not hold, which
     * is so with another JeroMQ than fr.loghub:jeromq:0.7.0 on the class path. By default it refuses to open. For networks in
     * which every peer is trusted.
     */
    public void setAllowUnguarded(boolean allowUnguarded) {
        this.allowUnguarded = allowUnguarded;
    }

    public int getSendBufferBytes() {
        return sendBufferBytes;
    }

    /** Size of the send buffer of each TCP connection; 0 as the system has it. */
    public void setSendBufferBytes(int sendBufferBytes) {
        this.sendBufferBytes = sendBufferBytes;
    }

    public int getReceiveBufferBytes() {
        return receiveBufferBytes;
    }

    /**
     * Size of the receive buffer of each TCP connection, and of the steps in which it is read; 0 as the system has it, and
     * small steps. By default 65536 for addresses of this machine without CURVE, else 0: a fixed size is read faster, but limits what is
     * under way on a long line, where the system would let the buffer grow. With CURVE at most 8192.
     */
    public void setReceiveBufferBytes(int receiveBufferBytes) {
        this.receiveBufferBytes = receiveBufferBytes;
    }

    public boolean isImmediate() {
        return immediate;
    }

    /** For a socket that connects: whether messages are queued only for connections that are there, as with the option of libzmq. Without one a sender waits. By default messages are queued for each address from the start. */
    public void setImmediate(boolean immediate) {
        this.immediate = immediate;
    }

    public int getBacklog() {
        return backlog;
    }

    /** For a socket that binds: TCP connections that may wait to be accepted. */
    public void setBacklog(int backlog) {
        this.backlog = backlog;
    }

    public boolean isIpv6() {
        return ipv6;
    }

    /** Whether host names and wildcards may be of IPv6, too. Addresses in brackets work without it. */
    public void setIpv6(boolean ipv6) {
        this.ipv6 = ipv6;
    }

    public int getTcpKeepAliveCount() {
        return tcpKeepAliveCount;
    }

    /** With tcpKeepAlive=true: unanswered probes after which a connection is given up; -1 as the system has it. */
    public void setTcpKeepAliveCount(int tcpKeepAliveCount) {
        this.tcpKeepAliveCount = tcpKeepAliveCount;
    }

    public int getTcpKeepAliveIdle() {
        return tcpKeepAliveIdle;
    }

    /** With tcpKeepAlive=true: seconds without traffic until the first probe; -1 as the system has it. */
    public void setTcpKeepAliveIdle(int tcpKeepAliveIdle) {
        this.tcpKeepAliveIdle = tcpKeepAliveIdle;
    }

    public int getTcpKeepAliveInterval() {
        return tcpKeepAliveInterval;
    }

    /** With tcpKeepAlive=true: seconds between probes; -1 as the system has it. */
    public void setTcpKeepAliveInterval(int tcpKeepAliveInterval) {
        this.tcpKeepAliveInterval = tcpKeepAliveInterval;
    }

    public int getTypeOfService() {
        return typeOfService;
    }

    /** Type of service of IP packets, DSCP in the upper six bits; 0 as the system has it. */
    public void setTypeOfService(int typeOfService) {
        this.typeOfService = typeOfService;
    }

    public long getHeartbeatTtl() {
        return heartbeatTtl;
    }

    /** With heartbeatInterval: time after which the peer, too, gives up a connection on which nothing has come, in steps of 100 ms; 0 leaves that to the peer. */
    public void setHeartbeatTtl(long heartbeatTtl) {
        this.heartbeatTtl = heartbeatTtl;
    }

    public boolean isProbeRouter() {
        return probeRouter;
    }

    /** For router and dealer: whether each new connection is greeted with an empty message, so that a router at the other end knows of it. */
    public void setProbeRouter(boolean probeRouter) {
        this.probeRouter = probeRouter;
    }

    public @Nullable String getHelloMessage() {
        return helloMessage;
    }

    /** For router and dealer: text of a message of one frame that greets each new connection. */
    public void setHelloMessage(@Nullable String helloMessage) {
        this.helloMessage = helloMessage;
    }

    public @Nullable String getDisconnectMessage() {
        return disconnectMessage;
    }

    /** For router: text of a message of one frame that is received, as if from the peer, when the connection of a peer ends. */
    public void setDisconnectMessage(@Nullable String disconnectMessage) {
        this.disconnectMessage = disconnectMessage;
    }

    public boolean isXpubVerboser() {
        return xpubVerboser;
    }

    /** Whether an xpub reports every subscription and every end of one, also repeated ones. */
    public void setXpubVerboser(boolean xpubVerboser) {
        this.xpubVerboser = xpubVerboser;
    }

    public boolean isXpubManual() {
        return xpubManual;
    }

    /**
     * Whether the route of an xpub decides about each subscription: it takes effect when the Exchange is completed. A
     * route that removes the header CamelZeroMqSubscription, or fails, refuses it. For prefixes in UTF-8. JeroMQ may take
     * one subscriber for another when a connection ends while subscriptions wait: so it saves traffic, and guards no
     * secrets.
     */
    public void setXpubManual(boolean xpubManual) {
        this.xpubManual = xpubManual;
    }

    public ZeroMqSecurity getSecurity() {
        return security;
    }

    /** How connections are secured: none, plain (user and password, in clear) or curve (encrypted, and both sides prove who they are). Not for inproc, which does not leave the process. */
    public void setSecurity(ZeroMqSecurity security) {
        this.security = security;
    }

    public @Nullable String getSecurityPrefix() {
        return securityPrefix;
    }

    /** The prefix of the properties that hold the security options of this endpoint, so that many endpoints need one option only: with my.door the property my.door is the option security, and my.door.curveKeyFile is curveKeyFile, and so on. Properties that are empty or not there count as not set. */
    public void setSecurityPrefix(@Nullable String securityPrefix) {
        this.securityPrefix = securityPrefix;
    }

    public @Nullable Boolean getCurveServer() {
        return curveServer;
    }

    /** With security=curve, whether this socket is the server, which admits clients by their keys, or a client, which knows the server by its key. By default the side that binds is the server. */
    public void setCurveServer(@Nullable Boolean curveServer) {
        this.curveServer = curveServer;
    }

    public @Nullable String getCurveKeyFile() {
        return curveKeyFile;
    }

    /** Certificate file with the own public and secret key, as bactrian keygen, CZMQ and pyzmq write it. */
    public void setCurveKeyFile(@Nullable String curveKeyFile) {
        this.curveKeyFile = curveKeyFile;
    }

    public @Nullable String getCurvePublicKey() {
        return curvePublicKey;
    }

    /** Own public key, in Z85 (in a URI within RAW()) or as 64 hexadecimal digits. It may be left out, as the secret key tells it; if it is set it must belong to the secret key. */
    public void setCurvePublicKey(@Nullable String curvePublicKey) {
        this.curvePublicKey = curvePublicKey;
    }

    public @Nullable String getCurveSecretKey() {
        return curveSecretKey;
    }

    /** Own secret key, in Z85 (in a URI within RAW()) or as 64 hexadecimal digits, in place of curveKeyFile. Better from a property placeholder than as a text. */
    public void setCurveSecretKey(@Nullable String curveSecretKey) {
        this.curveSecretKey = curveSecretKey;
    }

    public @Nullable String getCurveServerKey() {
        return curveServerKey;
    }

    /** For a client, the public key of the server, in Z85 (in a URI within RAW()) or as 64 hexadecimal digits. */
    public void setCurveServerKey(@Nullable String curveServerKey) {
        this.curveServerKey = curveServerKey;
    }

    public @Nullable String getCurveServerKeyFile() {
        return curveServerKeyFile;
    }

    /** For a client, the certificate file with the public key of the server, in place of curveServerKey. */
    public void setCurveServerKeyFile(@Nullable String curveServerKeyFile) {
        this.curveServerKeyFile = curveServerKeyFile;
    }

    public @Nullable String getCurveClientKeys() {
        return curveClientKeys;
    }

    /** For a server, the folder with the certificate files of the clients that are admitted. It is read again when a file comes, goes or changes. A connection that is there stays. */
    public void setCurveClientKeys(@Nullable String curveClientKeys) {
        this.curveClientKeys = curveClientKeys;
    }

    public boolean isCurveAllowAnyClient() {
        return curveAllowAnyClient;
    }

    /** For a server, whether every client is admitted, whatever its key. Connections are encrypted all the same. */
    public void setCurveAllowAnyClient(boolean curveAllowAnyClient) {
        this.curveAllowAnyClient = curveAllowAnyClient;
    }

    public int getCurveBacklogBytes() {
        return curveBacklogBytes;
    }

    /** With security=curve, how many octets may wait that were received and not read, for all peers of the socket together. It holds the peers back in place of receiveHighWaterMark. */
    public void setCurveBacklogBytes(int curveBacklogBytes) {
        this.curveBacklogBytes = curveBacklogBytes;
    }

    public @Nullable String getZapDomain() {
        return zapDomain;
    }

    /** For a server, its domain of ZAP. By default the socket has one of its own. */
    public void setZapDomain(@Nullable String zapDomain) {
        this.zapDomain = zapDomain;
    }

    public @Nullable String getPlainUsers() {
        return plainUsers;
    }

    /** File with the users that a socket with security=plain admits, a line user:hash for each, as bactrian hash-password writes it. It is read again when it changes. A socket with it is the server. */
    public void setPlainUsers(@Nullable String plainUsers) {
        this.plainUsers = plainUsers;
    }

    public @Nullable String getPlainUsername() {
        return plainUsername;
    }

    /** User that this socket is, with security=plain. */
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
