package io.bactrian.app.cli;

import io.bactrian.pubsub.client.Message;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.apache.camel.util.json.JsonObject;

/** How {@code get} writes a message. */
enum OutputFormat {
    /** The body and a newline. */
    LINE {
        @Override
        byte[] encode(Message message) {
            return ended(message.body(), '\n');
        }
    },
    /** The body and an octet of zero. */
    NULL {
        @Override
        byte[] encode(Message message) {
            return ended(message.body(), '\0');
        }
    },
    /** A JSON object in one line, with the body in base64. */
    JSON {
        @Override
        byte[] encode(Message message) {
            JsonObject object = new JsonObject();
            object.put("topic", message.topic());
            object.put("position", message.position());
            object.put("publisher", message.publisher());
            object.put("sequence", message.sequence());
            object.put("redelivered", message.redelivered());
            object.put("body", Base64.getEncoder().encodeToString(message.body()));
            return ended(object.toJson().getBytes(StandardCharsets.UTF_8), '\n');
        }
    };

    abstract byte[] encode(Message message);

    private static byte[] ended(byte[] body, char end) {
        byte[] ended = Arrays.copyOf(body, body.length + 1);
        ended[body.length] = (byte) end;
        return ended;
    }
}
