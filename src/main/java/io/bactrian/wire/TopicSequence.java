package io.bactrian.wire;

/** A topic (1 to 255 octets of UTF-8) and a publisher's sequence in it; 0 stands before the first. */
public record TopicSequence(String topic, long sequence) {
    public TopicSequence {
        Text.check(topic, 1, "topic");
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence is negative");
        }
    }
}
