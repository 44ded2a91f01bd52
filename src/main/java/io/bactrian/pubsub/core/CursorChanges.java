package io.bactrian.pubsub.core;

import java.util.List;

/**
 * The changes to store beside a cursor, in one transaction.
 *
 * @param last takes the place of what was stored of the same source and epoch
 * @param forgotten of these nothing is to be stored any more
 * @param patterns each takes the place of the one of the same kind and text
 * @param givenUp patterns that are not to be stored any more
 */
public record CursorChanges(
        List<LastProcessed> last,
        List<LastProcessed.Key> forgotten,
        List<ConfirmedPattern> patterns,
        List<ConfirmedPattern> givenUp) {
    public static final CursorChanges NONE = new CursorChanges(List.of(), List.of(), List.of(), List.of());

    public CursorChanges {
        last = List.copyOf(last);
        forgotten = List.copyOf(forgotten);
        patterns = List.copyOf(patterns);
        givenUp = List.copyOf(givenUp);
    }
}
