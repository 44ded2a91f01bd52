package io.bactrian.gateway.routes;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultMessage;
import org.apache.camel.support.MessageHelper;

/**
 * Takes requests of one path into its route. With {@code eventLoop} the route begins on the event loop of the connection and must
 * never block it: a step that waits for something answers with a CompletionStage. Without it, the route runs on a worker thread,
 * as with any platform-http. A change of threads costs more than all that a gateway does for most requests.
 *
 * <p>The message has the body of the request as a {@code byte[]}, null if there is none, the headers that the filter lets in, the path parameters,
 * the caller's and the own address, method, path and query. The answer is the body of the message at the end of the route.
 */
final class GatewayHttpConsumer extends VertxPlatformHttpConsumer {
    private static final int SERVER_ERROR = 500;

    private final LargeBodies largeBodies;
    private final boolean eventLoop;

    GatewayHttpConsumer(
            PlatformHttpEndpoint endpoint,
            Processor processor,
            String routerName,
            LargeBodies largeBodies,
            boolean eventLoop) {
        super(endpoint, processor, List.of(), routerName);
        this.largeBodies = largeBodies;
        this.eventLoop = eventLoop;
    }

    @Override
    protected void handleRequest(RoutingContext request) {
        if (isSuspended()) {
            super.handleRequest(request);
            return;
        }
        Exchange exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        exchange.setMessage(message(request, exchange));
        Context loop = request.vertx().getOrCreateContext();
        if (eventLoop) {
            begin(request, exchange, loop);
        } else {
            loop.executeBlocking(
                            () -> {
                                createUoW(exchange);
                                getProcessor().process(exchange);
                                return exchange;
                            },
                            false)
                    .onComplete(done -> {
                        if (done.failed()) {
                            exchange.setException(done.cause());
                        }
                        finish(request, exchange);
                    });
        }
    }

    private void begin(RoutingContext request, Exchange exchange, Context loop) {
        try {
            createUoW(exchange);
        } catch (Exception e) {
            exchange.setException(e);
            finish(request, exchange);
            return;
        }
        getAsyncProcessor().process(exchange, doneSync -> {
            if (Context.isOnEventLoopThread()) {
                finish(request, exchange);
            } else {
                loop.runOnContext(back -> finish(request, exchange));
            }
        });
    }

    /** In place of Camel's default callback: the answer is written on the event loop before the Exchange is released. */
    private void finish(RoutingContext request, Exchange exchange) {
        try {
            HttpServerResponse response = request.response();
            // The answer may have been cut off meanwhile, by the client or by the time that a request may take.
            if (!response.ended() && !response.closed()) {
                answer(request, response, exchange);
            }
        } catch (RuntimeException e) {
            getExceptionHandler().handleException("Cannot write the answer", exchange, e);
            request.fail(SERVER_ERROR);
        } finally {
            doneUoW(exchange);
            releaseExchange(exchange, false);
        }
    }

    private void answer(RoutingContext request, HttpServerResponse response, Exchange exchange) {
        if (exchange.getException() != null) {
            // The error handler of the route has logged it.
            request.fail(SERVER_ERROR);
            return;
        }
        Message message = exchange.getMessage();
        HeaderFilterStrategy filter = getEndpoint().getHeaderFilterStrategy();
        for (Map.Entry<String, Object> header : message.getHeaders().entrySet()) {
            if (header.getValue() != null
                    && !filter.applyFilterToCamelHeaders(header.getKey(), header.getValue(), exchange)) {
                response.putHeader(header.getKey(), header.getValue().toString());
            }
        }
        String type = MessageHelper.getContentType(message);
        if (type != null) {
            response.putHeader("Content-Type", type);
        }
        Object code = message.getHeader(Exchange.HTTP_RESPONSE_CODE);
        Integer status =
                code instanceof Integer number ? number : message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        if (status != null) {
            response.setStatusCode(status);
        }
        byte[] body = body(message);
        if (body.length <= LargeBodies.SMALL) {
            request.end(Buffer.buffer(body));
        } else if (largeBodies.take(body.length)) {
            request.end(Buffer.buffer(body)).onComplete(gone -> largeBodies.release(body.length));
        } else {
            HttpAnswers.end(request, HttpAnswers.UNAVAILABLE, LargeBodies.REFUSED);
        }
    }

    private static byte[] body(Message message) {
        if (message.getBody() instanceof ByteBuffer buffer) {
            byte[] octets = new byte[buffer.remaining()];
            buffer.duplicate().get(octets);
            return octets;
        }
        byte[] body = message.getBody(byte[].class);
        return body == null ? new byte[0] : body;
    }

    private Message message(RoutingContext request, Exchange exchange) {
        Message message = new DefaultMessage(exchange);
        HttpServerRequest http = request.request();
        HeaderFilterStrategy filter = getEndpoint().getHeaderFilterStrategy();
        http.headers().forEach((name, value) -> {
            if (!filter.applyFilterToExternalHeaders(name, value, exchange)) {
                message.setHeader(name, value);
            }
        });
        request.pathParams().forEach(message::setHeader);
        message.setHeader(VertxPlatformHttpConstants.LOCAL_ADDRESS, http.localAddress());
        message.setHeader(VertxPlatformHttpConstants.REMOTE_ADDRESS, http.remoteAddress());
        message.setHeader(Exchange.HTTP_METHOD, http.method().name());
        message.setHeader(Exchange.HTTP_PATH, request.normalizedPath());
        message.setHeader(Exchange.HTTP_QUERY, http.query());
        Buffer body = request.body().buffer();
        message.setBody(body == null ? null : body.getBytes());
        return message;
    }
}
