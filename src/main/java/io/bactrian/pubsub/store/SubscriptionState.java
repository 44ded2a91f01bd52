package io.bactrian.pubsub.store;

/**
 * One pattern of a subscriber.
 *
 * @param start the first position from which the pattern holds, from 1 on
 * @param processedUpTo the last position that was processed under it before the cursor was rewound, 0 if it was not
 * @param ended whether it was unsubscribed and is kept only for {@code processedUpTo}
 */
public record SubscriptionState(
        String subscriber, Kind kind, String pattern, long start, long processedUpTo, boolean ended) {
    /** What a pattern is compared with. */
    public enum Kind {
        /** The pattern is the topic. */
        TOPIC(0),
        /** The topic begins with the pattern. */
        PREFIX(1);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** The code on the wire and in the table: 0 or 1. */
        public int code() {
            return code;
        }

        /**
         * The kind of a code.
         *
         * @throws IllegalArgumentException for a code that is neither 0 nor 1
         */
        public static Kind of(int code) {
            return switch (code) {
                case 0 -> TOPIC;
                case 1 -> PREFIX;
                default -> throw new IllegalArgumentException("No kind of pattern has the code " + code);
            };
        }
    }
}
