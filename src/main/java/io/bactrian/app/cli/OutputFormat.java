package io.bactrian.app.cli;

import io.bactrian.pubsub.client.Message;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** How {@code get} writes a message. */
enum OutputFormat {
    /** The body and a newline. */
    LINE {
        @Override
        void write(Message message, Octets out) {
            out.add(message.body());
            out.add('\n');
        }
    },
    /** The body and an octet of zero. */
    NULL {
        @Override
        void write(Message message, Octets out) {
            out.add(message.body());
            out.add('\0');
        }
    },
    /** A JSON object in one line, with the headers; the body as text if it is UTF-8, else in base64. */
    JSON {
        @Override
        void write(Message message, Octets out) {
            JsonObject object = new JsonObject();
            object.put("topic", message.topic());
            object.put("position", message.position());
            object.put("publisher", message.publisher());
            object.put("sequence", message.sequence());
            object.put("redelivered", message.redelivered());
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

    abstract void write(Message message, Octets out);

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
