package io.bactrian.pubsub.client;

import org.apache.camel.spi.Metadata;

/** Headers of the component. None of them crosses the wire: what is named Camel* stays where it is. */
public final class BactrianConstants {
    @Metadata(
            description = "Consumer: the topic of the message. Producer: the topic to put to, instead of the"
                    + " endpoint's.",
            javaType = "String",
            important = true)
    public static final String TOPIC = "CamelBactrianTopic";

    @Metadata(label = "consumer", description = "The message's place in the hub's log.", javaType = "Long")
    public static final String POSITION = "CamelBactrianPosition";

    @Metadata(
            label = "consumer",
            description = "Who has put the message; empty for a plain ZeroMQ peer.",
            javaType = "String")
    public static final String PUBLISHER = "CamelBactrianPublisher";

    @Metadata(
            description = "The publisher's number for the message in its topic. Producer: set when the hub has"
                    + " accepted it; not set if only the outbox has.",
            javaType = "Long")
    public static final String SEQUENCE = "CamelBactrianSequence";

    @Metadata(
            label = "consumer",
            description = "Whether the message may have been handed to the route before: it failed then, or the"
                    + " process ended without saving its cursor. False means that it certainly was not.",
            javaType = "Boolean",
            important = true)
    public static final String REDELIVERED = "CamelBactrianRedelivered";

    private BactrianConstants() {}
}
