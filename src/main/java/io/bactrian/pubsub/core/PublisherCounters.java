package io.bactrian.pubsub.core;

/**
 * The counts of a publisher since its start, and how much waits.
 *
 * @param offered records taken
 * @param accepted records logged by the hub
 * @param failed records that the hub refused for good
 * @param batches batches closed
 * @param retransmitted batches sent again
 * @param gaps refusals because of a gap
 * @param greetings epochs granted: 1 without trouble
 * @param broken frames of the hub that could not be read
 * @param waitingMessages records not yet accepted
 * @param waitingBytes octets of records not yet accepted
 */
public record PublisherCounters(
        long offered,
        long accepted,
        long failed,
        long batches,
        long retransmitted,
        long gaps,
        long greetings,
        long broken,
        int waitingMessages,
        long waitingBytes) {}
