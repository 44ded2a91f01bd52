package io.bactrian.support.database;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.springframework.jdbc.core.JdbcTemplate;

/** Updates rows, and inserts those that were not there, in two batches: no database's own MERGE is needed. */
public final class Upsert {
    private Upsert() {}

    public static <T> void run(
            JdbcTemplate jdbc,
            List<T> items,
            String update,
            Function<T, Object[]> updateArguments,
            String insert,
            Function<T, Object[]> insertArguments) {
        if (items.isEmpty()) {
            return;
        }
        int[] updated =
                jdbc.batchUpdate(update, items.stream().map(updateArguments).toList());
        List<Object[]> missing = new ArrayList<>();
        for (int i = 0; i < updated.length; i++) {
            if (updated[i] == 0) {
                missing.add(insertArguments.apply(items.get(i)));
            }
        }
        if (!missing.isEmpty()) {
            jdbc.batchUpdate(insert, missing);
        }
    }
}
