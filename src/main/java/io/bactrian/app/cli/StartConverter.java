package io.bactrian.app.cli;

import io.bactrian.pubsub.client.Start;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code --from}. */
final class StartConverter implements ITypeConverter<Start> {
    @Override
    public Start convert(String text) {
        try {
            return Start.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
