package io.bactrian.gateway.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatReaderTest {
    private static final int DEPTH_MAX = 10;

    private final HeartbeatReader reader = new HeartbeatReader(DEPTH_MAX, 1_000);

    private Heartbeat read(String body) {
        return reader.read(body.getBytes(StandardCharsets.UTF_8), "10.0.0.1", 1_700_000_000_123L);
    }

    @Test
    void readsWhatAProducerPosts() {
        assertThat(read("{\"id\": 7, \"location\": \"lab\", \"data\": {\"t\": [1.50, null, \"ä\"]}, \"more\": {}}"))
                .isEqualTo(new Heartbeat(7, "lab", "10.0.0.1", 1_700_000_000_123L, "{\"t\": [1.50, null, \"ä\"]}"));
        assertThat(read("{\"data\":null,\"location\":4.5,\"id\":0}"))
                .isEqualTo(new Heartbeat(0, "4.5", "10.0.0.1", 1_700_000_000_123L, "null"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.50",
                "123456789012345678901234567890.10",
                "-0",
                "\"x\\u00e4\"",
                "\"\"",
                "true",
                "null",
                "{}",
                "[ 1 , 2 ]",
                "{\"a\":{\"b\":\"}\"}}"
            })
    void dataIsKeptAsItWasSent(String data) {
        assertThat(read("{\"id\":7,\"location\":\"ä\",\"data\":" + data + "}").data())
                .isEqualTo(data);
        assertThat(read("{\"data\" : " + data + " ,\"id\":7,\"location\":\"ä\"}")
                        .data())
                .isEqualTo(data);
    }

    @Test
    void whatItWritesItReads() {
        Heartbeat heartbeat = read("{\"id\":7,\"location\":\"a \\\" b\",\"data\":\"\\u2028\"}");
        assertThat(read(HeartbeatWriter.post(heartbeat))).isEqualTo(heartbeat);
        assertThat(HeartbeatWriter.write(heartbeat))
                .startsWith(
                        "{\"id\":7,\"location\":\"a \\\" b\",\"address\":\"10.0.0.1\",\"timestamp\":\"2023-11-14T22:13:20.123Z\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "id=7&location=lab&data=1",
                "{\"id\":7,\"location\":\"lab\",\"data\":1",
                "{\"id\":7,\"location\":\"lab\",\"data\":1}}",
                "{\"id\":7,\"location\":\"lab\",\"data\":NaN}",
                "{'id':7,'location':'lab','data':1}",
                "\u0000"
            })
    void whatIsNoJsonIsRefused(String body) {
        assertThatThrownBy(() -> read(body))
                .isInstanceOf(BadRequestException.class)
                .hasMessage("Heartbeat object must be in json format.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "7",
                "null",
                "{\"id\":7,\"location\":\"lab\"}",
                "{\"id\":7,\"data\":1}",
                "{\"location\":\"lab\",\"data\":1}",
                "[{\"id\":7,\"location\":\"lab\",\"data\":1}]"
            })
    void whatLacksAFieldIsRefused(String body) {
        assertThatThrownBy(() -> read(body))
                .isInstanceOf(BadRequestException.class)
                .hasMessage("Heartbeat object must contain 'id', 'location', and 'data'.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"7\"",
                "7.0",
                "-1",
                "true",
                "null",
                "[7]",
                "99999999999999999999999",
                "1e3",
                "9223372036854775808"
            })
    void anIdThatIsNoWholeNumberIsRefused(String id) {
        assertThatThrownBy(() -> read("{\"id\":" + id + ",\"location\":\"lab\",\"data\":1}"))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("'id' must be a whole number");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE"})
    void jsonThatIsNotUtf8IsRefused(String charset) {
        byte[] body = "{\"id\":7,\"location\":\"lab\",\"data\":1}".getBytes(Charset.forName(charset));
        assertThatThrownBy(() -> reader.read(body, "10.0.0.1", 0))
                .isInstanceOf(BadRequestException.class)
                .hasMessage("Heartbeat object must be in json format.");
    }

    /** Balancers would not take the claim of one with more digits, nor of those that are claimed with it. */
    @Test
    void anIdThatNoPathCanNameIsRefused() {
        assertThat(read("{\"id\":999999999999999999,\"location\":\"lab\",\"data\":1}")
                        .id())
                .isEqualTo(999_999_999_999_999_999L);
        assertThatThrownBy(() -> read("{\"id\":1000000000000000000,\"location\":\"lab\",\"data\":1}"))
                .isInstanceOf(BadRequestException.class)
                .hasMessage("Heartbeat 'id' must be at most 999999999999999999.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "true", "null", "{}", "\"a\\u0000b\"", "\"a\\nb\""})
    void aLocationThatIsNoneIsRefused(String location) {
        assertThatThrownBy(() -> read("{\"id\":7,\"location\":" + location + ",\"data\":1}"))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("'location' must");
    }

    @Test
    void theLongestLocationIsReadAndALongerOneIsNot() {
        String longest = "x".repeat(HeartbeatReader.LOCATION_MAX);
        assertThat(read("{\"id\":7,\"location\":\"" + longest + "\",\"data\":1}")
                        .location())
                .isEqualTo(longest);
        assertThatThrownBy(() -> read("{\"id\":7,\"location\":\"x" + longest + "\",\"data\":1}"))
                .isInstanceOf(BadRequestException.class);
    }

    @Test
    void depthAndLengthsAreBounded() {
        // The object of the heartbeat is one level itself.
        assertThat(read("{\"id\":7,\"location\":\"lab\",\"data\":" + nested(DEPTH_MAX - 1) + "}")
                        .data())
                .isEqualTo(nested(DEPTH_MAX - 1));
        for (int depth : new int[] {DEPTH_MAX, 100, 100_000}) {
            assertThatThrownBy(() -> read("{\"id\":7,\"location\":\"lab\",\"data\":" + nested(depth) + "}"))
                    .isInstanceOf(BadRequestException.class);
            assertThatThrownBy(() -> read(nested(depth))).isInstanceOf(BadRequestException.class);
        }
        assertThatThrownBy(() -> read("{\"id\":7,\"location\":\"lab\",\"data\":" + "9".repeat(1_000_000) + "}"))
                .isInstanceOf(BadRequestException.class);
    }

    private static String nested(int depth) {
        return "[".repeat(depth) + "]".repeat(depth);
    }
}
