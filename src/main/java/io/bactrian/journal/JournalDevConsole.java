package io.bactrian.journal;

import io.bactrian.journal.log.Cursor;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;

/** Shows the open journals of a context: {@code /q/dev/journal}. */
@DevConsole(name = "journal", description = "Open journals with their cursors")
public final class JournalDevConsole extends AbstractDevConsole {

    public JournalDevConsole() {
        super("bactrian", "journal", "Journals", "Open journals with their cursors");
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        StringBuilder text = new StringBuilder();
        journals().forEach((name, journal) -> {
            text.append("journal ").append(name);
            describe(journal)
                    .forEach((key, value) ->
                            text.append("\n    ").append(key).append(": ").append(value));
            text.append('\n');
        });
        return text.toString();
    }

    @Override
    protected Map<String, Object> doCallJson(Map<String, Object> options) {
        Map<String, Object> all = new TreeMap<>();
        journals().forEach((name, journal) -> all.put(name, describe(journal)));
        return Map.of("journals", all);
    }

    private Map<String, Journal> journals() {
        Map<String, Journal> all = new TreeMap<>();
        getCamelContext().getComponentNames().forEach(name -> {
            if (getCamelContext().hasComponent(name) instanceof JournalComponent component) {
                all.putAll(component.journals());
            }
        });
        return all;
    }

    private static Map<String, Object> describe(Journal journal) {
        JournalStatistics statistics = journal.statistics();
        JournalException problem = journal.problem();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("folder", journal.folder().toString());
        values.put("first", journal.first());
        values.put("end", journal.end());
        values.put("syncedEnd", journal.syncedEnd());
        values.put("epoch", journal.epoch());
        values.put("sync", journal.settings().sync().toString());
        values.put("segments", statistics.segments());
        values.put("bytesOnDisk", statistics.bytesOnDisk());
        values.put("appendedEntries", statistics.appendedEntries());
        values.put("appendedBytes", statistics.appendedBytes());
        values.put("groups", statistics.groups());
        values.put("syncs", statistics.syncs());
        values.put("lastSyncMicros", statistics.lastSyncMicros());
        values.put("failedAppends", statistics.failedAppends());
        values.put("problem", problem == null ? "none" : String.valueOf(problem.getMessage()));
        List<Map<String, Object>> cursors = new ArrayList<>();
        for (Cursor cursor : journal.cursors()) {
            cursors.add(Map.of(
                    "name", cursor.name(), "position", cursor.position(), "lag", journal.end() - cursor.position()));
        }
        values.put("cursors", cursors);
        return values;
    }
}
