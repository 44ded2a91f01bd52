package io.bactrian.pair.core;

import io.bactrian.journal.log.Entry;
import java.util.List;

/** The state that a log holds. It hears of everything that happens to the log, in order, by one thread at a time. */
public interface Replica {

    /** Entries came from the active and are on the disk. */
    void copied(List<Entry> entries);

    /** The log was cut or begun anew: the state must be made of it again. */
    void rebuild();

    /** The node accepts from now on; the epoch is on the disk. */
    void activated(int epoch);

    /** The node does not accept any more. */
    void deactivated();

    /** Everything up to a position may be relied on, and answers that wait for it may leave. */
    void committed(long position);
}
