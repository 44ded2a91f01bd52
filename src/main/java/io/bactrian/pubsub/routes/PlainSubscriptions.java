package io.bactrian.pubsub.routes;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** The prefixes to which plain SUB peers subscribe, bounded in number. Any thread. */
final class PlainSubscriptions {
    private final int max;
    private final Set<ByteBuffer> prefixes = new ConcurrentSkipListSet<>();

    PlainSubscriptions(int max) {
        this.max = max;
    }

    /** Takes a frame of an XPUB: 1 or 0, and the prefix that begins or ends. Returns false if there are too many. */
    boolean take(byte[] frame) {
        if (frame.length == 0 || (frame[0] != 0 && frame[0] != 1)) {
            return true;
        }
        ByteBuffer prefix = ByteBuffer.wrap(Arrays.copyOfRange(frame, 1, frame.length));
        if (frame[0] == 0) {
            prefixes.remove(prefix);
        } else if (prefixes.size() < max) {
            prefixes.add(prefix);
        } else {
            return false;
        }
        return true;
    }

    /** True if nobody subscribes to anything. */
    boolean isEmpty() {
        return prefixes.isEmpty();
    }

    /** True if somebody subscribes to the topic. */
    boolean covers(String topic) {
        byte[] octets = topic.getBytes(StandardCharsets.UTF_8);
        return prefixes.stream()
                .anyMatch(prefix -> prefix.remaining() <= octets.length
                        && ByteBuffer.wrap(octets, 0, prefix.remaining()).equals(prefix));
    }
}
