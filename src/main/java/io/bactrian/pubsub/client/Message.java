package io.bactrian.pubsub.client;

import io.bactrian.wire.Multipart;
import java.util.List;
import java.util.Map;

/**
 * A message as a subscriber gets it.
 *
 * @param topic its topic
 * @param body its octets, the receiver's own copy
 * @param headers what its publisher has put beside the body, by name; empty if nothing, cannot be changed
 * @param position its place in the hub's log
 * @param logEpoch the log epoch to which the position belongs
 * @param publisher who has put it, empty for a plain ZeroMQ peer
 * @param sequence the publisher's number for it in this topic, 0 for a plain ZeroMQ peer
 * @param multipart whether the body holds the frames of a ZeroMQ message; see {@link #parts}
 * @param redelivered whether it may have been handed out before, in a life of this subscriber that ended without
 *     saving its cursor; false means that it certainly was not
 * @param timeMs when the hub has logged it, in milliseconds since 1970; only an ephemeral subscriber is told, others have 0
 */
@SuppressWarnings("ArrayRecordComponent") // a copy for each message would cost more than the message
public record Message(
        String topic,
        byte[] body,
        Map<String, String> headers,
        long position,
        int logEpoch,
        String publisher,
        long sequence,
        boolean multipart,
        boolean redelivered,
        long timeMs) {
    /** The frames of a multipart message; of any other, its body alone. */
    public List<byte[]> parts() {
        return multipart ? Multipart.unpack(body, 0, body.length) : List.of(body);
    }

    /** Numbers and sizes only, for logs. */
    @Override
    public String toString() {
        return "Message[topic=" + topic + " position=" + position + " publisher=" + publisher + " sequence=" + sequence
                + " bytes=" + body.length
                + (headers.isEmpty() ? "" : " headers=" + headers.size()) + (redelivered ? " redelivered" : "") + "]";
    }
}
