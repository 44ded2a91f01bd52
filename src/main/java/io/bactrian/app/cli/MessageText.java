package io.bactrian.app.cli;

import io.bactrian.pubsub.client.Message;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.StringJoiner;

/**
 * A message as one line for a person: when the hub has logged it, its topic, its headers and its body. Nothing in it can
 * say anything to the terminal: control characters are written as escapes.
 */
final class MessageText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");
    private static final int BINARY_BYTES_SHOWN = 64;
    private static final String GREY = "\u001b[90m";
    private static final String CYAN = "\u001b[36m";
    private static final String YELLOW = "\u001b[33m";
    private static final String PLAIN = "\u001b[0m";

    private final ZoneId zone;
    private final boolean coloured;

    MessageText(ZoneId zone, boolean coloured) {
        this.zone = zone;
        this.coloured = coloured;
    }

    /** The line, with its end. */
    String of(Message message) {
        StringBuilder line = new StringBuilder();
        line.append(in(GREY, TIME.format(Instant.ofEpochMilli(message.timeMs()).atZone(zone))));
        line.append(' ').append(in(CYAN, visible(message.topic())));
        if (!message.headers().isEmpty()) {
            line.append(' ').append(in(YELLOW, headers(message.headers())));
        }
        StringJoiner frames = new StringJoiner(" | ");
        message.parts().forEach(frame -> frames.add(body(frame)));
        return line.append(' ').append(frames).append('\n').toString();
    }

    private String in(String colour, String text) {
        return coloured ? colour + text + PLAIN : text;
    }

    private static String headers(Map<String, String> headers) {
        StringJoiner all = new StringJoiner(", ", "{", "}");
        headers.forEach((name, value) -> all.add(visible(name) + "=" + visible(value)));
        return all.toString();
    }

    private static String body(byte[] octets) {
        try {
            return visible(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString());
        } catch (CharacterCodingException e) {
            int shown = Math.min(octets.length, BINARY_BYTES_SHOWN);
            return "<" + octets.length + " octets: "
                    + HexFormat.of().formatHex(octets, 0, shown)
                    + (shown < octets.length ? "..." : "") + ">";
        }
    }

    private static String visible(String text) {
        if (text.chars().noneMatch(MessageText::isHidden)) {
            return text;
        }
        StringBuilder visible = new StringBuilder();
        text.chars().forEach(c -> {
            switch (c) {
                case '\n' -> visible.append("\\n");
                case '\r' -> visible.append("\\r");
                default -> {
                    if (isHidden(c)) {
                        visible.append(String.format("\\u%04x", c));
                    } else {
                        visible.append((char) c);
                    }
                }
            }
        });
        return visible.toString();
    }

    /** Control characters but the tab, and those that turn the direction of text around. */
    private static boolean isHidden(int c) {
        return (Character.isISOControl(c) && c != '\t')
                || (c >= '\u202a' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069');
    }
}
