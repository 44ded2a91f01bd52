package io.bactrian.journal.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A small file of {@code key=value} lines, with a first line that says what it is and a last one with the checksum. It is
 * written aside, forced and renamed, so that it is always the old or the new one as a whole.
 */
final class ChecksummedText {
    static final String ASIDE = ".aside";
    private static final String CRC = "crc=";

    private ChecksummedText() {}

    static void write(JournalFiles files, Path path, String title, Map<String, String> values) throws IOException {
        StringBuilder text = new StringBuilder(title).append('\n');
        values.forEach(
                (key, value) -> text.append(key).append('=').append(value).append('\n'));
        String checksum = crc(text.toString());
        text.append(CRC).append(checksum).append('\n');
        Path aside = path.resolveSibling(path.getFileName() + ASIDE);
        try (JournalFile file = files.create(aside)) {
            file.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)), 0);
            file.force();
        }
        files.rename(aside, path);
        files.forceFolder(folderOf(path));
    }

    static Map<String, String> read(JournalFiles files, Path path, String title) throws IOException {
        String text = new String(all(files, path), StandardCharsets.UTF_8);
        int crcAt = text.lastIndexOf(CRC);
        if (!text.startsWith(title + "\n") || crcAt < 0) {
            throw new JournalDamagedException(
                    path, 0, "it does not begin with '" + title + "' and end with a checksum");
        }
        if (!text.substring(crcAt).equals(CRC + crc(text.substring(0, crcAt)) + "\n")) {
            throw new JournalDamagedException(path, crcAt, "wrong checksum");
        }
        Map<String, String> values = new LinkedHashMap<>();
        text.substring(title.length() + 1, crcAt).lines().forEach(line -> {
            int equals = line.indexOf('=');
            values.put(line.substring(0, equals), line.substring(equals + 1));
        });
        return values;
    }

    private static byte[] all(JournalFiles files, Path path) throws IOException {
        try {
            return files.readAll(path);
        } catch (IOException e) {
            throw SalvageFile.damage(path, 0, e);
        }
    }

    private static String crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    private static Path folderOf(Path path) {
        Path parent = path.getParent();
        return parent == null ? Path.of(".") : parent;
    }
}
