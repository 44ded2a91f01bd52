package io.bactrian.zeromq.socket.jeromq;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;
import zmq.poll.IPollEvents;

/**
 * Keeps the I/O threads of a context from spinning.
 *
 * <p>A thread that has work for an I/O thread of JeroMQ 0.7.0 writes to a pipe and counts the signal afterwards ({@code
 * zmq.Signaler.send}). An I/O thread that is awake in between finds its pipe readable, but nothing counted, and selects
 * again. On a busy machine the write is where the writer loses its processor to the very thread that it wakes, which
 * then spins until its time slice is over: milliseconds for a message. JeroMQ offers no place to wait, so the handler of
 * the pipe is replaced, in private fields, by one that yields when nothing was counted. If JeroMQ has other fields, or
 * does not open them to us, all works as before, only slower.
 */
final class PatientIoThreads {
    private static final Logger LOG = LoggerFactory.getLogger(PatientIoThreads.class);

    private PatientIoThreads() {}

    /**
     * To be called once, when the context has its I/O threads: they come with its first socket.
     *
     * @return how many of them are patient now
     */
    static int in(ZMQ.Context context) {
        int patient = 0;
        try {
            Object ctx = PrivateFields.read(ZMQ.Context.class, context, "ctx");
            for (Object thread : (List<?>) PrivateFields.read(zmq.Ctx.class, ctx, "ioThreads")) {
                makePatient(thread);
                patient++;
            }
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.info(
                    "I/O threads of this JeroMQ are left as they are, and may spin on a busy machine: {}",
                    e.toString());
        }
        return patient;
    }

    private static void makePatient(Object thread) throws ReflectiveOperationException {
        Object handle = PrivateFields.read(zmq.io.IOThread.class, thread, "mailboxHandle");
        Object mailbox = PrivateFields.read(zmq.io.IOThread.class, thread, "mailbox");
        Object signaler = PrivateFields.read(zmq.Mailbox.class, mailbox, "signaler");
        VarHandle received = MethodHandles.privateLookupIn(signaler.getClass(), MethodHandles.lookup())
                .findVarHandle(signaler.getClass(), "rcursor", long.class);
        Field handler = PrivateFields.open(zmq.poll.Poller.Handle.class, "handler");
        handler.set(handle, new Patient((IPollEvents) handler.get(handle), signaler, received));
    }

    /** Runs on the I/O thread, which alone changes what {@code received} reads. */
    private record Patient(IPollEvents original, Object signaler, VarHandle received) implements IPollEvents {
        @Override
        @SuppressWarnings("ThreadPriorityCheck") // what it waits for takes a few microseconds
        public void inEvent() {
            long before = (long) received.get(signaler);
            original.inEvent();
            if ((long) received.get(signaler) == before) {
                Thread.yield();
            }
        }
    }
}
