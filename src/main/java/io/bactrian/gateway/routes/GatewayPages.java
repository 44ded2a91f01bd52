package io.bactrian.gateway.routes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** The description of the HTTP API, as OpenAPI, and a page that reads it and tries each path. Nothing comes from elsewhere. */
public final class GatewayPages {
    private static final String FOLDER = "/io/bactrian/gateway/";
    private static final String POLICY =
            "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; connect-src *";

    private final byte[] balancer = read("balancer.openapi.json");
    private final byte[] worker = read("worker.openapi.json");
    private final byte[] page = read("try.html");

    /** The description of a balancer. */
    public void balancer(Exchange exchange) {
        answer(exchange, "application/json", balancer);
    }

    /** The description of a worker. */
    public void worker(Exchange exchange) {
        answer(exchange, "application/json", worker);
    }

    /** The page, the same for both. */
    public void page(Exchange exchange) {
        answer(exchange, "text/html; charset=utf-8", page);
        exchange.getMessage().setHeader("Content-Security-Policy", POLICY);
    }

    private static void answer(Exchange exchange, String type, byte[] content) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.CONTENT_TYPE, type);
        message.setBody(ByteBuffer.wrap(content));
    }

    private static byte[] read(String name) {
        try (InputStream in = GatewayPages.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("The jar does not contain " + FOLDER + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + name + " in the jar", e);
        }
    }
}
