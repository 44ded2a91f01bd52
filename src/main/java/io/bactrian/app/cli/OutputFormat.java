package io.bactrian.app.cli;

import io.bactrian.pubsub.client.Message;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** How commands write a message for scripts. */
enum OutputFormat {
    /** The body and a newline. */
    LINE {
        @Override
        void write(Message message, OutputBuffer out) {
            out.add(message.body());
            out.add('\n');
        }
    },
    /** The body and an octet of zero. */
    NULL {
        @Override
        void write(Message message, OutputBuffer out) {
            out.add(message.body());
            out.add('\0');
        }
    },
    /** A JSON object in one line, with the headers; the body as text if it is UTF-8, else in base64. */
    JSON {
        @Override
        void write(Message message, OutputBuffer out) {
            JsonObject object = new JsonObject();
            object.put("topic", message.topic());
            object.put("position", message.position());
            object.put("publisher", message.publisher());
            object.put("sequence", message.sequence());
            object.put("redelivered", message.redelivered());
            if (message.timeMs() > 0) {
                object.put("time", Instant.ofEpochMilli(message.timeMs()).toString());
            }
            object.put("headers", new JsonObject(message.headers()));
            String text = message.multipart() ? null : text(message.body());
            if (text != null) {
                object.put("body", text);
            } else {
                object.put("bodyBase64", Base64.getEncoder().encodeToString(message.body()));
            }
            out.add(object.toJson().getBytes(StandardCharsets.UTF_8));
            out.add('\n');
        }
    };

    /** Adds a message to what is to be written. */
    abstract void write(Message message, OutputBuffer out);

    /** A message alone. */
    byte[] encode(Message message) {
        OutputBuffer out = new OutputBuffer(message.body().length + 1);
        write(message, out);
        return Arrays.copyOf(out.array(), out.size());
    }

    private static @Nullable String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
