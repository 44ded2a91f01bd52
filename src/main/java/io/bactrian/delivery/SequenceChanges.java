package io.bactrian.delivery;

import java.util.List;

/**
 * What is to be stored with a cursor, in one transaction, beside the cursor.
 *
 * @param last takes the place of what was stored of the same source
 * @param forgotten of these nothing is to be stored any more
 */
public record SequenceChanges(List<LastProcessed> last, List<LastProcessed.Source> forgotten) {
    public SequenceChanges {
        last = List.copyOf(last);
        forgotten = List.copyOf(forgotten);
    }
}
