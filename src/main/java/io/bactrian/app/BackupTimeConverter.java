package io.bactrian.app;

import io.bactrian.backup.BackupFolder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people give it to a restore. */
final class BackupTimeConverter implements ITypeConverter<Instant> {
    static final String FORMS =
            "2026-11-21T07:05:00Z, 2026-11-21T07:05 in the time of this machine, or the name of a backup.";

    @Override
    public Instant convert(String text) {
        try {
            if (BackupFolder.isId(text)) {
                return BackupFolder.timeOf(text);
            }
            return text.endsWith("Z")
                    ? Instant.parse(text)
                    : LocalDateTime.parse(text.replace(' ', 'T'))
                            .atZone(ZoneId.systemDefault())
                            .toInstant();
        } catch (DateTimeException e) {
            throw new TypeConversionException("'" + text + "' is no time; give " + FORMS);
        }
    }
}
