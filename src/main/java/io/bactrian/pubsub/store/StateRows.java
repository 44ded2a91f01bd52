package io.bactrian.pubsub.store;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table as {@link StateTaker} was given it.
 *
 * @param rows read once
 */
public record StateRows(String table, List<String> columns, Iterator<List<@Nullable Object>> rows) {
    public StateRows {
        columns = List.copyOf(columns);
    }
}
