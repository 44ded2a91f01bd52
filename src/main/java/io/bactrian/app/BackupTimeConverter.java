package io.bactrian.app;

import io.bactrian.backup.core.BackupFolder;
import io.bactrian.support.text.TimeText;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people give it to a restore, or the name of a backup. */
final class BackupTimeConverter implements ITypeConverter<Instant> {
    static final String FORMS = TimeText.FORMS + ", or the name of a backup.";

    private final ZoneId zone;

    BackupTimeConverter() {
        this(ZoneId.systemDefault());
    }

    BackupTimeConverter(ZoneId zone) {
        this.zone = zone;
    }

    @Override
    public Instant convert(String text) {
        try {
            return BackupFolder.isId(text) ? BackupFolder.timeOf(text) : TimeText.parse(text, zone);
        } catch (DateTimeException e) {
            throw new TypeConversionException("'" + text + "' is no time; give " + FORMS);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
