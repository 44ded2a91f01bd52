package io.bactrian.app.cli;

import io.bactrian.app.Unit;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;

/** Reads an option such as {@code --timeout 30s} as the configuration reads durations. */
final class ClientDurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        return Duration.ofMillis(Unit.DURATION.parse(text));
    }
}
