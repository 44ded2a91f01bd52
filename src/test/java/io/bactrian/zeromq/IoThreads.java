package io.bactrian.zeromq;

import io.bactrian.socket.SocketView;
import java.lang.reflect.Field;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;
import org.zeromq.ZMonitor;

/** Runs the code of tests on I/O threads of ZeroMQ. */
final class IoThreads {
    private IoThreads() {}

    /** Is told of the events of the socket that is bound to an address on its I/O thread, in place of the component. */
    static void hook(ZeroMqComponent component, String address, ZEvent.ZEventConsummer consumer)
            throws ReflectiveOperationException {
        SocketView view = component.sockets().stream()
                .filter(socket -> socket.boundAddresses().contains(address))
                .findFirst()
                .orElseThrow();
        Field field = view.getClass().getDeclaredField("zmq");
        field.setAccessible(true);
        ZMQ.Socket zmq = (ZMQ.Socket) field.get(view);
        zmq.base().setEventHook(null, 0);
        zmq.setEventHook(consumer, ZMQ.EVENT_ALL);
    }

    /** Ends the I/O thread of the socket that is bound to an address with an error. */
    static void kill(ZeroMqComponent component, String address) throws Exception {
        hook(component, address, event -> {
            if (event.getEvent() == ZMonitor.Event.ACCEPTED) {
                throw new OutOfMemoryError("for the test");
            }
        });
        RawPeer.connect(address).close();
    }
}
