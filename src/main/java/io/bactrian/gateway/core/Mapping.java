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
    /** Whether this is newer than another mapping of the same producer; two balancers decide alike. */
    boolean supersedes(Mapping other) {
        return version != other.version ? version > other.version : worker.compareTo(other.worker) > 0;
    }
}
