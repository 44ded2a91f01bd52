package io.bactrian.pubsub.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The bounds and times of a publisher.
 *
 * @param publisher its id, 1 to 255 octets of UTF-8
 * @param windowBytesMax octets of records that wait or are under way, at least 1024
 * @param windowMessagesMax records that wait or are under way, at least 1
 * @param batchBytesMax octets at which a batch is closed; a larger record gets a batch of its own
 * @param batchMessagesMax records at which a batch is closed
 * @param flightsMin batches of one topic under way below which the next is sent without waiting for more records
 * @param retryMsMin milliseconds without an answer until the first repeat
 * @param retryMsMax milliseconds to which the time between repeats doubles
 * @param pingMs milliseconds of silence until the hub is asked whether it is there
 * @param topicsMax topics that are remembered; idle ones make room for others
 * @param outbox whether what is closed is stored before it is sent
 * @param stopsAtRefusal whether nothing more is sent once a batch is refused for good; not together with an outbox
 */
public record PublisherSettings(
        String publisher,
        long windowBytesMax,
        int windowMessagesMax,
        int batchBytesMax,
        int batchMessagesMax,
        int flightsMin,
        long retryMsMin,
        long retryMsMax,
        long pingMs,
        int topicsMax,
        boolean outbox,
        boolean stopsAtRefusal) {
    /** Checks all bounds; the exception names every one that is wrong. */
    public PublisherSettings {
        List<String> wrong = new ArrayList<>();
        atLeast(wrong, "windowBytesMax", windowBytesMax, 1024);
        atLeast(wrong, "windowMessagesMax", windowMessagesMax, 1);
        atLeast(wrong, "batchBytesMax", batchBytesMax, 1024);
        atLeast(wrong, "batchMessagesMax", batchMessagesMax, 1);
        atLeast(wrong, "flightsMin", flightsMin, 1);
        atLeast(wrong, "retryMsMin", retryMsMin, 1);
        atLeast(wrong, "retryMsMax", retryMsMax, retryMsMin);
        atLeast(wrong, "pingMs", pingMs, 1);
        atLeast(wrong, "topicsMax", topicsMax, 1);
        if (outbox && stopsAtRefusal) {
            wrong.add(
                    "stopsAtRefusal is for publishers without an outbox, which keeps what is behind a refused message");
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
    }

    private static void atLeast(List<String> wrong, String name, long value, long min) {
        if (value < min) {
            wrong.add(name + " is " + value + ", at least " + min + " is needed");
        }
    }

    /** A window of 64 MiB, batches of 64 KiB, repeats after 200 ms to 5 s, a ping each second, no outbox. */
    public static PublisherSettings of(String publisher) {
        return new PublisherSettings(
                publisher, 64 << 20, 1 << 20, 64 << 10, 4096, 2, 200, 5000, 1000, 10_000, false, false);
    }

    public PublisherSettings withOutbox(boolean stored) {
        return new PublisherSettings(
                publisher,
                windowBytesMax,
                windowMessagesMax,
                batchBytesMax,
                batchMessagesMax,
                flightsMin,
                retryMsMin,
                retryMsMax,
                pingMs,
                topicsMax,
                stored,
                stopsAtRefusal);
    }

    public PublisherSettings stoppingAtRefusal(boolean stops) {
        return new PublisherSettings(
                publisher,
                windowBytesMax,
                windowMessagesMax,
                batchBytesMax,
                batchMessagesMax,
                flightsMin,
                retryMsMin,
                retryMsMax,
                pingMs,
                topicsMax,
                outbox,
                stops);
    }

    public PublisherSettings withWindow(long bytesMax, int messagesMax) {
        return new PublisherSettings(
                publisher,
                bytesMax,
                messagesMax,
                batchBytesMax,
                batchMessagesMax,
                flightsMin,
                retryMsMin,
                retryMsMax,
                pingMs,
                topicsMax,
                outbox,
                stopsAtRefusal);
    }

    public PublisherSettings withBatches(int bytesMax, int messagesMax) {
        return new PublisherSettings(
                publisher,
                windowBytesMax,
                windowMessagesMax,
                bytesMax,
                messagesMax,
                flightsMin,
                retryMsMin,
                retryMsMax,
                pingMs,
                topicsMax,
                outbox,
                stopsAtRefusal);
    }

    public PublisherSettings withTimes(long retryMinMs, long retryMaxMs, long silenceMs) {
        return new PublisherSettings(
                publisher,
                windowBytesMax,
                windowMessagesMax,
                batchBytesMax,
                batchMessagesMax,
                flightsMin,
                retryMinMs,
                retryMaxMs,
                silenceMs,
                topicsMax,
                outbox,
                stopsAtRefusal);
    }
}
