package io.bactrian.federation.routes;

import io.bactrian.federation.core.ClusteredHashmap;
import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.apache.camel.Body;

/** The bean of the Kamelet that changes a key through a node: makes the request, and reads the answer. Any thread. */
public final class StateRequests {
    private static final int UUID_BYTES = 16;

    private final SecureRandom random = new SecureRandom();

    /** The frames of a request that sets a key. */
    public List<byte[]> set(String key, byte[] value) {
        byte[] uuid = new byte[UUID_BYTES];
        random.nextBytes(uuid);
        return ClusteredHashmap.frames("SET?", 0, uuid, Map.of("key", key), value);
    }

    /**
     * Reads the answer.
     *
     * @throws CommandRefusedException if the change was not done, with the reason
     */
    public void answer(@Body List<byte[]> frames) {
        KeyValue answer = ClusteredHashmap.read(frames, 0);
        if (!answer.key().equals(ClusteredHashmap.DONE)) {
            throw new CommandRefusedException(ClusteredHashmap.text(answer.body()));
        }
    }
}
