package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.SocketEvent;
import java.util.EventObject;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.CamelEvent;

/** Tells Camel's event notifiers what happened to a connection of a socket of the component. */
public final class ZeroMqConnectionEvent extends EventObject implements CamelEvent.CamelContextEvent {
    private static final long serialVersionUID = 1;

    private final transient CamelContext context;
    private final transient SocketEvent event;
    private long timestamp;

    ZeroMqConnectionEvent(CamelContext context, SocketEvent event, long timestamp) {
        super(context);
        this.context = context;
        this.event = event;
        this.timestamp = timestamp;
    }

    /** Returns the event. */
    public SocketEvent event() {
        return event;
    }

    @Override
    public CamelContext getContext() {
        return context;
    }

    @Override
    public Type getType() {
        return Type.Custom;
    }

    /** Milliseconds since 1970. */
    @Override
    public long getTimestamp() {
        return timestamp;
    }

    @Override
    public void setTimestamp(long timestamp) {
        this.timestamp = timestamp;
    }

    @Override
    public String toString() {
        return "ZeroMQ " + event.type() + " socket=" + event.socket() + " address=" + event.address()
                + (event.detail().isEmpty() ? "" : " " + event.detail());
    }
}
