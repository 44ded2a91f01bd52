package io.bactrian.app;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;

/** Reads an option such as {@code --wait 30s} as the configuration reads durations. */
final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        return Duration.ofMillis(Unit.DURATION.parse(text));
    }
}
