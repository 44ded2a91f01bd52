package io.bactrian.zeromq;

import org.apache.camel.spi.Metadata;

/** Headers of the component. None of them crosses the wire: ZeroMQ messages are frames and nothing else. */
public final class ZeroMqConstants {

    @Metadata(
            description = "Router: the peer that the message came from, or goes to.",
            javaType = "byte[]",
            important = true)
    public static final String ROUTING_ID = "CamelZeroMqRoutingId";

    @Metadata(
            description = "Consumer (sub, xsub): the first frame of a message of several frames, which is then not in"
                    + " the body. Consumer (xpub): the topic of the subscription. A String, or a byte[] if the octets"
                    + " are not UTF-8. Producer (pub, xpub): first frame to send before the body, if the endpoint has no"
                    + " option topic, or topicFromHeader=true.",
            javaType = "String or byte[]",
            important = true)
    public static final String TOPIC = "CamelZeroMqTopic";

    @Metadata(
            label = "consumer",
            description = "Xpub: subscribe or unsubscribe, if the message is the event of a subscription. The body is"
                    + " then the raw frame, as an xsub producer sends it upstream.",
            javaType = "String")
    public static final String SUBSCRIPTION = "CamelZeroMqSubscription";

    @Metadata(
            description =
                    "With envelope=true: the frames before the empty delimiter, as a List of byte arrays. An answer"
                            + " must carry them.",
            javaType = "java.util.List<byte[]>")
    public static final String ENVELOPE = "CamelZeroMqEnvelope";

    /** Value of {@link #SUBSCRIPTION}. */
    public static final String SUBSCRIBE = "subscribe";

    /** Value of {@link #SUBSCRIPTION}. */
    public static final String UNSUBSCRIBE = "unsubscribe";

    @Metadata(
            label = "consumer",
            description =
                    "Monitor: what happened, one of LISTENING, ACCEPTED, CONNECTED, DISCONNECTED, RETRIED, CLOSED,"
                            + " HANDSHAKE_FAILED, ADMITTED, REFUSED, NOT_ADMITTED. The body is the SocketEvent.",
            javaType = "String")
    public static final String EVENT = "CamelZeroMqEvent";

    @Metadata(label = "consumer", description = "Monitor: the socket's type, addresses and name.", javaType = "String")
    public static final String SOCKET = "CamelZeroMqSocket";

    @Metadata(
            label = "consumer",
            description = "Monitor: the address listened on or connected to; of a refused or admitted peer its own.",
            javaType = "String")
    public static final String ADDRESS = "CamelZeroMqAddress";

    @Metadata(label = "consumer", description = "Monitor: what else is known, or empty.", javaType = "String")
    public static final String DETAIL = "CamelZeroMqDetail";

    private ZeroMqConstants() {}
}
