package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.SocketEvent;
import java.util.List;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

/** Makes an Exchange of each event of the connections of some addresses. */
final class ZeroMqMonitorConsumer extends DefaultConsumer {
    private final ZeroMqComponent component;
    private final List<String> addresses;
    private final Consumer<SocketEvent> monitor = this::take;

    ZeroMqMonitorConsumer(ZeroMqEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.component = endpoint.getComponent();
        this.addresses = endpoint.getConfiguration().addresses();
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException(endpoint
                    + " names no address: it must be zeromq:monitor:<address>[,<address>...] or zeromq:monitor:*");
        }
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        component.events().add(monitor);
    }

    @Override
    protected void doStop() throws Exception {
        component.events().remove(monitor);
        super.doStop();
    }

    private void take(SocketEvent event) {
        if (isSuspendingOrSuspended() || addresses.stream().noneMatch(a -> a.equals("*") || event.concerns(a))) {
            return;
        }
        Exchange exchange = createExchange(false);
        exchange.getMessage().setBody(event);
        exchange.getMessage().setHeader(ZeroMqConstants.EVENT, event.type().name());
        exchange.getMessage().setHeader(ZeroMqConstants.SOCKET, event.socket());
        exchange.getMessage().setHeader(ZeroMqConstants.ADDRESS, event.address());
        exchange.getMessage().setHeader(ZeroMqConstants.DETAIL, event.detail());
        // Not asynchronously with Camel's default callback: events stay in order.
        try {
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        if (exchange.getException() != null) {
            getExceptionHandler().handleException("Error processing an event", exchange, exchange.getException());
        }
        releaseExchange(exchange, false);
    }
}
