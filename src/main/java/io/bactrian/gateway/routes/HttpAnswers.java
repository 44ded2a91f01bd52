package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.HeartbeatWriter;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** Writes the answers of the gateway: a text, or JSON for those who ask for it. Any thread. */
final class HttpAnswers {
    static final int OK = 200;
    static final int FOUND = 302;
    static final int BAD_REQUEST = 400;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int UNAVAILABLE = 503;

    static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    private HttpAnswers() {}

    /** A sentence. */
    static void message(Exchange exchange, int status, String text) {
        value(exchange, status, "message", text);
    }

    /** A text that has a name in JSON. */
    static void value(Exchange exchange, int status, String field, String text) {
        Message message = exchange.getMessage();
        boolean json = wantsJson(message);
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        message.setHeader(Exchange.CONTENT_TYPE, json ? JSON : TEXT);
        message.setBody(body(json ? HeartbeatWriter.write(status, field, text) : text));
    }

    /** A redirect to another address. */
    static void redirect(Exchange exchange, String location) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, FOUND);
        message.setHeader("Location", location);
        message.setBody(body(""));
    }

    /** Something that is JSON already, whatever the caller accepts. */
    static void json(Exchange exchange, String json) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, OK);
        message.setHeader(Exchange.CONTENT_TYPE, JSON);
        message.setBody(body(json));
    }

    /** The octets of a request's body. */
    static byte[] body(Exchange exchange) {
        byte[] octets = exchange.getMessage().getBody(byte[].class);
        return octets == null ? new byte[0] : octets;
    }

    /** A buffer, because platform-http gives a content length for it and sends a text in chunks. */
    private static ByteBuffer body(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean wantsJson(Message message) {
        return message.getHeader("Accept") instanceof String accept && accept.contains(JSON);
    }

    /** Answers with a sentence where there is no route that could. */
    static void end(RoutingContext request, int status, String text) {
        String accept = request.request().getHeader("Accept");
        boolean json = accept != null && accept.contains(JSON);
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", json ? JSON : TEXT)
                .end(json ? HeartbeatWriter.write(status, "message", text) : text);
    }
}
