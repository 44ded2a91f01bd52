package io.bactrian.pubsub.client;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.TemporalAccessor;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The headers of an Exchange as texts, which is what crosses the wire, and back. */
final class HeaderTexts {
    private static final Logger LOG = LoggerFactory.getLogger(HeaderTexts.class);

    private HeaderTexts() {}

    /** Those that the strategy lets out and that have a text: no objects, and no octets that are not UTF-8. */
    static Map<String, String> of(Exchange exchange, HeaderFilterStrategy strategy) {
        Message message = exchange.getMessage();
        if (!message.hasHeaders()) {
            return Map.of();
        }
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, Object> header : message.getHeaders().entrySet()) {
            String name = header.getKey();
            Object value = header.getValue();
            if (value == null || strategy.applyFilterToCamelHeaders(name, value, exchange)) {
                continue;
            }
            String text = text(value);
            if (text == null) {
                LOG.debug("header has no text and stays here name={} type={}", name, value.getClass());
            } else {
                texts.put(name, text);
            }
        }
        return texts;
    }

    private static @Nullable String text(Object value) {
        if (value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof Enum<?>
                || value instanceof UUID
                || value instanceof TemporalAccessor) {
            return value.toString();
        } else if (value instanceof Date date) {
            return date.toInstant().toString();
        }
        return value instanceof byte[] octets ? utf8(octets) : null;
    }

    /** Some components give the texts of their headers as octets. */
    private static @Nullable String utf8(byte[] octets) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
            return text.indexOf('\0') < 0 ? text : null;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Gives an Exchange the headers that the strategy lets in. */
    static void fill(Exchange exchange, Map<String, String> headers, HeaderFilterStrategy strategy) {
        headers.forEach((name, value) -> {
            if (!strategy.applyFilterToExternalHeaders(name, value, exchange)) {
                exchange.getMessage().setHeader(name, value);
            }
        });
    }
}
