package io.bactrian.zeromq;

import io.bactrian.testing.EventHooks;
import io.bactrian.zeromq.socket.SocketView;
import org.zeromq.ZEvent;
import org.zeromq.ZMonitor;

/** Runs the code of tests on I/O threads of ZeroMQ. */
final class IoThreads {
    private IoThreads() {}

    /** Is told of the events of the socket that is bound to an address on its I/O thread, in place of the component. */
    static void hook(ZeroMqComponent component, String address, ZEvent.ZEventConsummer consumer)
            throws ReflectiveOperationException {
        EventHooks.hook(socket(component, address), consumer);
    }

    private static SocketView socket(ZeroMqComponent component, String address) {
        return component.sockets().stream()
                .filter(socket -> socket.boundAddresses().contains(address))
                .findFirst()
                .orElseThrow();
    }

    /** Ends the I/O thread of the socket that is bound to an address with an error. */
    static void kill(ZeroMqComponent component, String address) throws Exception {
        EventHooks.dieAt(socket(component, address), ZMonitor.Event.ACCEPTED);
        RawPeer.connect(address).close();
    }
}
