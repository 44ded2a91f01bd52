package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.zeromq.socket.SocketView;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.engine.DefaultShutdownStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A context without JMX, and what the tests of the component do again and again. */
abstract class ZeroMqTest {
    static final String FREE = "tcp://127.0.0.1:*";

    final DefaultCamelContext context = context();
    final Queue<Exchange> received = new ConcurrentLinkedQueue<>();

    static DefaultCamelContext context() {
        DefaultCamelContext context = new DefaultCamelContext();
        context.disableJMX();
        DefaultShutdownStrategy shutdown = new DefaultShutdownStrategy(context);
        shutdown.setTimeout(10);
        context.setShutdownStrategy(shutdown);
        return context;
    }

    @BeforeEach
    void start() {
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    /** Starts a route that keeps what it receives; returns the address that it is bound to, or an empty string. */
    String consume(String uri) throws Exception {
        return consume(uri, received::add);
    }

    String consume(String uri, Processor processor) throws Exception {
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri).process(processor);
            }
        });
        return bound(uri);
    }

    void routes(RouteBuilder routes) throws Exception {
        context.addRoutes(routes);
    }

    String bound(String uri) {
        List<String> bound = context.getEndpoint(uri, ZeroMqEndpoint.class).getBoundAddresses();
        return bound.isEmpty() ? "" : bound.get(0);
    }

    List<SocketView> sockets() {
        return context.getComponent("zeromq", ZeroMqComponent.class).sockets();
    }

    /** Sends a body and headers with the in-only pattern; the Exchange holds the exception if that fails. */
    Exchange send(String uri, Object body, Map<String, Object> headers) {
        return context.createProducerTemplate().send(uri, e -> {
            e.getMessage().setBody(body);
            e.getMessage().setHeaders(new HashMap<>(headers));
        });
    }

    Exchange send(String uri, Object body) {
        return send(uri, body, Map.of());
    }

    List<String> bodies() {
        return received.stream().map(e -> e.getMessage().getBody(String.class)).toList();
    }

    /** The first frames of all messages in the batches received. */
    List<String> batched() {
        return received.stream()
                .flatMap(e -> ((Collection<?>) e.getMessage().getBody()).stream())
                .map(m -> ((ZeroMqMessage) m).topic())
                .toList();
    }

    /** Messages with the numbers from 0 as text. */
    static List<ZeroMqMessage> numbers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ZeroMqMessage.of(null, bytes(Integer.toString(i))))
                .toList();
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
