package io.bactrian.app;

import io.bactrian.support.config.NumberUnit;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an option such as {@code --wait 30s} as the configuration reads durations. */
public final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        try {
            return Duration.ofMillis(NumberUnit.DURATION.parse(text));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' must be " + NumberUnit.DURATION.noun());
        }
    }
}
