package io.bactrian.backup.routes;

import io.bactrian.backup.core.BackupFiles;
import io.bactrian.pubsub.store.StateRows;
import io.bactrian.pubsub.store.StateTaker;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.Jsoner;
import org.jspecify.annotations.Nullable;

/**
 * A table as a file: gzip of lines, each a JSON array; the first holds the names of the columns, the others a row each.
 *
 * @param bytes the file's content, never changed
 * @param fingerprint of all but the columns that only tell the time
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record StateFile(String table, long rows, byte[] bytes, long fingerprint) {
    /** What moves while nothing happens: a backup for its sake is not worth it. */
    private static final Set<String> CLOCKS = Set.of("last_seen_ms", "saved_ms");

    String sha256() {
        return BackupFiles.sha256(bytes);
    }

    /** Reads the content of a file. */
    static StateRows read(String table, byte[] bytes) {
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(
                    new GZIPInputStream(new ByteArrayInputStream(bytes)), StandardCharsets.UTF_8));
            Rows rows = new Rows(table, lines);
            List<String> columns = new ArrayList<>();
            rows.next().forEach(column -> columns.add(String.valueOf(column)));
            return new StateRows(table, columns, rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Rows implements Iterator<List<@Nullable Object>> {
        private final String table;
        private final BufferedReader lines;
        private @Nullable String next;

        Rows(String table, BufferedReader lines) throws IOException {
            this.table = table;
            this.lines = lines;
            next = lines.readLine();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public List<@Nullable Object> next() {
            String line = next;
            if (line == null) {
                throw new NoSuchElementException();
            }
            try {
                next = lines.readLine();
                List<@Nullable Object> values = new ArrayList<>();
                for (Object value : (JsonArray) Jsoner.deserialize(line)) {
                    values.add(value instanceof Number number ? (Object) number.longValue() : value);
                }
                return values;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (DeserializationException | ClassCastException e) {
                throw new IllegalArgumentException("table " + table + " has a line that is no row: " + e, e);
            }
        }
    }

    /** Makes a file of each table that it is given. */
    static final class Maker implements StateTaker {
        private final List<StateFile> files = new ArrayList<>();
        private String table = "";
        private long rows;
        private List<String> names = List.of();
        private final CRC32C fingerprint = new CRC32C();
        private ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private @Nullable Writer out;

        @Override
        public void table(String name, List<String> columns) {
            finish();
            table = name;
            rows = 0;
            names = columns;
            fingerprint.reset();
            bytes = new ByteArrayOutputStream();
            try {
                out = new OutputStreamWriter(new FastGzip(bytes), StandardCharsets.UTF_8);
                out.write(new JsonArray(columns).toJson());
                out.write('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void row(List<@Nullable Object> values) {
            Writer to = out;
            if (to == null) {
                throw new IllegalStateException("a row without a table");
            }
            try {
                to.write(new JsonArray(values).toJson());
                to.write('\n');
                rows++;
                for (int i = 0; i < values.size(); i++) {
                    if (!CLOCKS.contains(names.get(i))) {
                        fingerprint.update((values.get(i) + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void finish() {
            Writer to = out;
            if (to != null) {
                try {
                    to.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                files.add(new StateFile(table, rows, bytes.toByteArray(), fingerprint.getValue()));
                out = null;
            }
        }

        /** All of them; nothing is taken afterwards. */
        List<StateFile> files() {
            finish();
            return List.copyOf(files);
        }
    }

    /** A backup must not cost the hub much processor time. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(ByteArrayOutputStream target) throws IOException {
            super(target, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
