package io.bactrian.backup.routes;

import io.bactrian.backup.core.Manifest;
import io.bactrian.support.file.DurableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Says which tables must be written: those that changed since the last backup of this process. One thread. */
final class StateCopies {
    static final String FOLDER = "state";
    private static final String SUFFIX = ".jsonl.gz";

    private record Known(Manifest.Table table, long fingerprint) {}

    private final Path folder;
    private final Map<String, Known> known = new HashMap<>();

    StateCopies(Path folder) {
        this.folder = folder;
    }

    /**
     * The plan of a run.
     *
     * @param changed whether anything but the time has changed
     */
    record Plan(List<Manifest.Table> tables, List<BackupFile> files, boolean changed, Map<String, Long> fingerprints) {}

    Plan plan(String id, List<StateFile> state) {
        List<Manifest.Table> tables = new ArrayList<>();
        List<BackupFile> files = new ArrayList<>();
        Map<String, Long> fingerprints = new HashMap<>();
        boolean changed = false;
        for (StateFile file : state) {
            Known before = known.get(file.table());
            String sha256 = file.sha256();
            fingerprints.put(file.table(), file.fingerprint());
            changed |= before == null || before.fingerprint() != file.fingerprint();
            if (before != null && before.table().sha256().equals(sha256)) {
                tables.add(before.table());
            } else {
                String name = FOLDER + "/" + id + "." + file.table() + SUFFIX;
                tables.add(new Manifest.Table(file.table(), name, file.bytes().length, file.rows(), sha256));
                files.add(new BackupFile(
                        name, false, BackupContent.of(file.bytes(), folder.resolve(name + DurableFiles.ASIDE))));
            }
        }
        return new Plan(tables, files, changed, fingerprints);
    }

    /** Nothing is known to be there. */
    void forget() {
        known.clear();
    }

    /** The plan was carried out. */
    void done(Plan plan) {
        known.clear();
        for (Manifest.Table table : plan.tables()) {
            known.put(table.name(), new Known(table, plan.fingerprints().getOrDefault(table.name(), 0L)));
        }
    }
}
