package io.bactrian.gateway.core;

/**
 * Which worker serves a producer.
 *
 * @param id the producer
 * @param worker the worker's address, such as {@code http://127.0.0.1:6000}
 * @param version grows with each change of the producer's mapping; the higher one counts
 * @param granted whether the worker may keep the producer's newest heartbeat in its memory alone for a while
 */
public record Mapping(long id, String worker, long version, boolean granted) {
    /**
     * Whether this is newer than another mapping of the same producer; two balancers decide alike. Two that gave it the same worker
     * at the same time agree on what the worker may have been told: that it is granted.
     */
    boolean supersedes(Mapping other) {
        if (version != other.version) {
            return version > other.version;
        }
        return worker.equals(other.worker) ? granted && !other.granted : worker.compareTo(other.worker) > 0;
    }
}
