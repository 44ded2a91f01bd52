package io.bactrian.journal;

import org.apache.camel.spi.Metadata;

/** Headers of the component. */
public final class JournalConstants {

    @Metadata(description = "The first position that the entry takes, or the appended entries take.", javaType = "long")
    public static final String POSITION = "CamelJournalPosition";

    @Metadata(
            description = "How many positions the entry takes, or the appended entries take together.",
            javaType = "int")
    public static final String COUNT = "CamelJournalCount";

    @Metadata(description = "The epoch of the log in which the entry was appended.", javaType = "int")
    public static final String EPOCH = "CamelJournalEpoch";

    @Metadata(
            label = "consumer",
            description = "When the entry was appended, in milliseconds since 1970.",
            javaType = "long")
    public static final String TIMESTAMP = "CamelJournalTimestamp";

    @Metadata(
            label = "consumer",
            description =
                    "How often this consumer has already delivered the entry, if it has: the route failed. After a"
                            + " restart an entry may come again without this header.",
            javaType = "int")
    public static final String REDELIVERY = "CamelJournalRedelivery";

    @Metadata(
            label = "consumer",
            description =
                    "The first of the positions before this entry that are lost, because the disk has damaged them."
                            + " Only there if some are.",
            javaType = "long")
    public static final String LOST_FROM = "CamelJournalLostFrom";

    @Metadata(label = "consumer", description = "The last of the positions that are lost.", javaType = "long")
    public static final String LOST_TO = "CamelJournalLostTo";

    private JournalConstants() {}
}
