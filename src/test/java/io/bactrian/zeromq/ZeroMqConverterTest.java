package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.TypeConversionException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class ZeroMqConverterTest extends ZeroMqTest {
    private static final String TEXT = "grün";

    private <T> T convert(Class<T> type, Object value) {
        return context.getTypeConverter().convertTo(type, new DefaultExchange(context), value);
    }

    @Test
    void aMessageOfOneFrameIsTextOctetsStreamAndBuffer() throws Exception {
        ZeroMqMessage message = ZeroMqMessage.of(null, bytes(TEXT));
        assertThat(convert(String.class, message)).isEqualTo(TEXT);
        assertThat(convert(byte[].class, message)).isEqualTo(bytes(TEXT));
        assertThat(convert(InputStream.class, message).readAllBytes()).isEqualTo(bytes(TEXT));
        ByteBuffer buffer = convert(ByteBuffer.class, message);
        assertThat(buffer).isEqualTo(ByteBuffer.wrap(bytes(TEXT)));
        assertThat(buffer.isReadOnly()).isTrue();
        assertThat((Object) convert(List.class, message)).isEqualTo(List.of(message.frame(0)));
    }

    @Test
    void textOctetsStreamBufferAndListAreAMessage() {
        ByteBuffer buffer = ByteBuffer.wrap(bytes("x" + TEXT)).position(1);
        for (Object value : List.of(
                TEXT,
                bytes(TEXT),
                new ByteArrayInputStream(bytes(TEXT)),
                buffer,
                List.of(TEXT),
                List.of(bytes(TEXT)))) {
            ZeroMqMessage message = convert(ZeroMqMessage.class, value);
            assertThat(message.size()).isEqualTo(1);
            assertThat(message.frame(0)).as(value.getClass().getName()).isEqualTo(bytes(TEXT));
        }
        assertThat(buffer.position()).isEqualTo(1);
        assertThat(convert(ZeroMqMessage.class, List.of("a", bytes("b"))).frames())
                .containsExactly(bytes("a"), bytes("b"));
    }

    @Test
    void aMessageOfSeveralFramesIsAListOnly() {
        ZeroMqMessage message = ZeroMqMessage.of(null, bytes("topic"), bytes("body"));
        List<?> frames = convert(List.class, message);
        assertThat(frames).hasSize(2);
        assertThatThrownBy(() -> convert(String.class, message))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("the message has 2 frames, convert it to a List");
    }

    @Test
    void textIsInTheCharsetOfTheExchange() {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty(Exchange.CHARSET_NAME, "ISO-8859-1");
        ZeroMqMessage message = context.getTypeConverter().convertTo(ZeroMqMessage.class, exchange, TEXT);
        assertThat(message.frame(0)).isEqualTo(TEXT.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(context.getTypeConverter().convertTo(String.class, exchange, message))
                .isEqualTo(TEXT);
    }

    @Test
    void theMessagesOfABatchAreSplitIntoText() throws Exception {
        String pull = "zeromq:pull:" + FREE + "?batchSize=10";
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(pull).split(body()).convertBodyTo(String.class).process(received::add);
            }
        });
        send("zeromq:push:" + bound(pull), numbers(3));
        await().until(() -> received.size() == 3);
        assertThat(received).extracting(e -> e.getMessage().getBody()).containsExactly("0", "1", "2");
    }

    @Test
    void aStreamAndABufferAreSentAsOneFrame() throws Exception {
        String push = "zeromq:push:" + consume("zeromq:pull:" + FREE);
        send(push, new ByteArrayInputStream(bytes("stream")));
        send(push, ByteBuffer.wrap(bytes("buffer")));
        await().until(() -> bodies().equals(List.of("stream", "buffer")));
    }
}
