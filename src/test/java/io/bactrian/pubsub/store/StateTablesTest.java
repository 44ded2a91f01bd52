package io.bactrian.pubsub.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.support.database.DatabaseSettings;
import io.bactrian.support.database.Databases;
import io.bactrian.support.database.Migrations;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** What a backup takes of the tables. */
class StateTablesTest {
    @TempDir
    Path folder;

    @Test
    void everyColumnOfEveryTableIsExported() {
        try (HikariDataSource dataSource = Databases.open(DatabaseSettings.file(folder, "hub"))) {
            HubStore store = HubStore.open(dataSource);
            Set<String> there = new TreeSet<>(new JdbcTemplate(dataSource)
                    .queryForList(
                            "select lower(table_name || '.' || column_name) from information_schema.columns"
                                    + " where lower(table_name) like 'bactrian\\_%' and lower(table_name) <> '"
                                    + Migrations.historyTable(HubStore.CAPABILITY) + "'",
                            String.class));
            there.remove("bactrian_event.id");
            Set<String> exported = new TreeSet<>();
            store.export(new StateTaker() {
                @Override
                public void table(String name, List<String> columns) {
                    columns.forEach(column -> exported.add(name + "." + column));
                }

                @Override
                public void row(List<@Nullable Object> values) {
                    assertThat(values).isNotEmpty();
                }
            });
            assertThat(exported).isEqualTo(there);
        }
    }
}
