package io.bactrian.zeromq;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Converter;
import org.apache.camel.Exchange;
import org.apache.camel.TypeConversionException;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;

/**
 * Converts a {@link ZeroMqMessage}, as they come in batches, to common types and back. Text is in the charset of the
 * Exchange, by default UTF-8. A message of several frames is a List of {@code byte[]} only: which of them would be the
 * body is not for a converter to know, so the others fail with a {@link TypeConversionException}.
 */
@Converter(generateLoader = true)
public final class ZeroMqConverter {
    private ZeroMqConverter() {}

    /** The only frame; the array is the message's. */
    @Converter
    public static byte[] toBytes(ZeroMqMessage message) {
        if (message.size() > 1) {
            throw new TypeConversionException(
                    message,
                    byte[].class,
                    new IllegalArgumentException(
                            "the message has " + message.size() + " frames, convert it to a List"));
        }
        return message.frame(0);
    }

    @Converter
    public static String toString(ZeroMqMessage message, @Nullable Exchange exchange) {
        return new String(toBytes(message), charset(exchange));
    }

    @Converter
    public static InputStream toInputStream(ZeroMqMessage message) {
        return new ByteArrayInputStream(toBytes(message));
    }

    /** A view of the only frame that cannot be written to. */
    @Converter
    public static ByteBuffer toByteBuffer(ZeroMqMessage message) {
        return ByteBuffer.wrap(toBytes(message)).asReadOnlyBuffer();
    }

    /** All frames, each a {@code byte[]}. */
    @Converter
    public static List<byte[]> toList(ZeroMqMessage message) {
        return message.frames();
    }

    @Converter
    public static ZeroMqMessage toMessage(byte[] frame) {
        return ZeroMqMessage.of(null, frame);
    }

    @Converter
    public static ZeroMqMessage toMessage(String text, @Nullable Exchange exchange) {
        return ZeroMqMessage.of(null, text.getBytes(charset(exchange)));
    }

    @Converter
    public static ZeroMqMessage toMessage(InputStream stream, Exchange exchange) {
        return ZeroMqMessage.of(null, bytes(stream, exchange));
    }

    /** Copies what remains in the buffer, whose position stays. */
    @Converter
    public static ZeroMqMessage toMessage(ByteBuffer buffer) {
        byte[] frame = new byte[buffer.remaining()];
        buffer.duplicate().get(frame);
        return ZeroMqMessage.of(null, frame);
    }

    /** Each element is a frame: {@code byte[]}, or what Camel converts to it. */
    @Converter
    public static ZeroMqMessage toMessage(List<?> frames, Exchange exchange) {
        List<byte[]> all = new ArrayList<>(frames.size());
        for (Object frame : frames) {
            all.add(frame instanceof byte[] bytes ? bytes : bytes(frame, exchange));
        }
        return ZeroMqMessage.of(null, all);
    }

    private static byte[] bytes(Object value, Exchange exchange) {
        return exchange.getContext().getTypeConverter().convertTo(byte[].class, exchange, value);
    }

    private static Charset charset(@Nullable Exchange exchange) {
        return Charset.forName(ExchangeHelper.getCharsetName(exchange, true));
    }
}
