package io.bactrian.testing;

import java.lang.reflect.Field;
import java.util.concurrent.CompletableFuture;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;
import org.zeromq.ZMonitor;

/** Runs the code of tests on I/O threads of ZeroMQ. */
public final class EventHooks {
    private EventHooks() {}

    /**
     * Is told of the events of a socket on its I/O thread, in place of its owner.
     *
     * @param owner what has the socket in its field {@code zmq}
     */
    public static void hook(Object owner, ZEvent.ZEventConsummer consumer) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField("zmq");
        field.setAccessible(true);
        ZMQ.Socket zmq = (ZMQ.Socket) field.get(owner);
        zmq.base().setEventHook(null, 0);
        zmq.setEventHook(consumer, ZMQ.EVENT_ALL);
    }

    /** Ends the I/O thread of a socket with an error at the next event of a kind. The future is done just before. */
    public static CompletableFuture<Void> dieAt(Object owner, ZMonitor.Event kind) throws ReflectiveOperationException {
        CompletableFuture<Void> dying = new CompletableFuture<>();
        hook(owner, event -> {
            if (event.getEvent() == kind) {
                dying.complete(null);
                throw new OutOfMemoryError("for the test");
            }
        });
        return dying;
    }
}
