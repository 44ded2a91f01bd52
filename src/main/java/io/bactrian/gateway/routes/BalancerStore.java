package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Mapping;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Writes the changes of a balancer in groups and in their order, see {@link GroupWriter}. Any thread. */
final class BalancerStore {
    /** A mapping, or what is kept of a worker. */
    private sealed interface Row {
        record MappingRow(Mapping mapping) implements Row {}

        record WorkerRow(String worker, Presence presence) implements Row {}
    }

    private final BalancerTable table;
    private final GroupWriter<Row> writer = new GroupWriter<>(this::write);

    BalancerStore(BalancerTable table) {
        this.table = table;
    }

    CompletableFuture<@Nullable Void> mappings(List<Mapping> mappings) {
        return mappings.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : writer.write(mappings.stream().<Row>map(Row.MappingRow::new).toList());
    }

    CompletableFuture<@Nullable Void> worker(String worker, Presence presence) {
        return writer.write(List.of(new Row.WorkerRow(worker, presence)));
    }

    private void write(List<Row> rows) throws SQLException {
        Map<Long, Mapping> mappings = new LinkedHashMap<>();
        Map<String, Presence> workers = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row instanceof Row.MappingRow one) {
                mappings.merge(
                        one.mapping().id(), one.mapping(), (old, next) -> next.version() >= old.version() ? next : old);
            } else if (row instanceof Row.WorkerRow one) {
                workers.put(one.worker(), one.presence());
            }
        }
        table.save(workers, List.copyOf(mappings.values()));
    }

    /** The task of the writing thread. */
    void run() {
        writer.run();
    }

    void stop() {
        writer.stop();
    }

    GroupWriter<?> writer() {
        return writer;
    }
}
