package io.bactrian.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.client.Message;
import io.bactrian.wire.Multipart;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageTextTest {
    private static final long AT = Instant.parse("2026-01-01T12:34:56.789Z").toEpochMilli();

    private static Message message(String topic, byte[] body, Map<String, String> headers, boolean multipart) {
        return new Message(topic, body, headers, 1, 1, "p", 1, multipart, false, AT);
    }

    private static String plain(byte[] body) {
        return new MessageText(ZoneOffset.UTC, false).of(message("t", body, Map.of(), false));
    }

    private static String plain(String body) {
        return plain(body.getBytes(UTF_8));
    }

    @Test
    void aLineHasTimeTopicHeadersAndBody() {
        assertThat(plain("größe")).isEqualTo("2026-01-01 12:34:56.789 t größe\n");
        assertThat(new MessageText(ZoneOffset.ofHours(2), false)
                        .of(message("news/a", "x".getBytes(UTF_8), Map.of("k", "v"), false)))
                .isEqualTo("2026-01-01 14:34:56.789 news/a {k=v} x\n");
        assertThat(plain("")).isEqualTo("2026-01-01 12:34:56.789 t \n");
    }

    @Test
    void coloursStandAroundThePartsAndNowhereElse() {
        String coloured =
                new MessageText(ZoneOffset.UTC, true).of(message("t", "body".getBytes(UTF_8), Map.of("k", "v"), false));
        assertThat(coloured)
                .isEqualTo(
                        "\u001b[90m2026-01-01 12:34:56.789\u001b[0m \u001b[36mt\u001b[0m \u001b[33m{k=v}\u001b[0m body\n");
    }

    @Test
    void nothingInAMessageSaysAnythingToTheTerminal() {
        assertThat(plain("a\nb\r\u001b[2J\u009b1m\u202eevil\tok"))
                .endsWith(" t a\\nb\\r\\u001b[2J\\u009b1m\\u202eevil\tok\n");
        assertThat(new MessageText(ZoneOffset.UTC, false)
                        .of(message("t\u001b[31m", new byte[0], Map.of("\u0007", "\u001bc"), false)))
                .isEqualTo("2026-01-01 12:34:56.789 t\\u001b[31m {\\u0007=\\u001bc} \n");
    }

    @Test
    void octetsThatAreNoTextAreShownInHexadecimalAndCut() {
        assertThat(plain(new byte[] {(byte) 0xff, 0, 1})).endsWith(" t <3 octets: ff0001>\n");
        byte[] many = new byte[65];
        many[0] = (byte) 0xff;
        assertThat(plain(many)).endsWith(" t <65 octets: ff" + "00".repeat(63) + "...>\n");
    }

    @Test
    void framesOfAMessageStandBesideEachOther() {
        byte[] body = Multipart.pack(List.of("a".getBytes(UTF_8), new byte[] {(byte) 0xff}));
        assertThat(new MessageText(ZoneOffset.UTC, false).of(message("t", body, Map.of(), true)))
                .endsWith(" t a | <1 octets: ff>\n");
    }
}
