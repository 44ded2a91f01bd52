package io.bactrian.pubsub.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the hub's tables one after the other, in a form that no database engine owns. */
public interface StateTaker {
    /** A table begins; the rows that follow are its own. */
    void table(String name, List<String> columns);

    /** A row; its values are {@link Long}, {@link String}, {@link Boolean} or null, in the order of the columns. */
    void row(List<@Nullable Object> values);
}
