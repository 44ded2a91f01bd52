package io.bactrian.pubsub.store;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hands on the rows of tables in pieces that memory holds. Not thread-safe. */
final class RowBatches implements StateTaker {
    private static final int ROWS_MAX = 1000;

    private final Consumer<StateRows> to;
    private String table = "";
    private List<String> columns = List.of();
    private List<List<@Nullable Object>> rows = new ArrayList<>();

    RowBatches(Consumer<StateRows> to) {
        this.to = to;
    }

    @Override
    public void table(String name, List<String> itsColumns) {
        end();
        table = name;
        columns = itsColumns;
    }

    @Override
    public void row(List<@Nullable Object> values) {
        rows.add(values);
        if (rows.size() == ROWS_MAX) {
            end();
        }
    }

    /** Hands on the last rows. */
    void end() {
        if (!rows.isEmpty()) {
            to.accept(new StateRows(table, columns, rows.iterator()));
            rows = new ArrayList<>();
        }
    }
}
