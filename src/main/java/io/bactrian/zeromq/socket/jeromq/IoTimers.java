package io.bactrian.zeromq.socket.jeromq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;
import zmq.Ctx;
import zmq.ZObject;
import zmq.io.IOThread;
import zmq.poll.Poller;
import zmq.util.MultiMap;

/**
 * The timers of the I/O threads of a context, by which it connects again, sends heartbeats and gives handshakes up.
 * JeroMQ 0.7.0 reckons them by the wall clock: when that is set back by a day, a connection that was to be tried again
 * in 100 ms is tried again in a day. So whoever sees that it was set back says so here. The timers lie in a private
 * field, and are changed on their I/O thread only, to which a command brings the errand. If JeroMQ has other fields, or
 * does not open them to us, all works as before. Any thread.
 */
final class IoTimers {
    private static final Logger LOG = LoggerFactory.getLogger(IoTimers.class);

    /** How long a thread may have been kept from seeing the step. */
    private static final long MARGIN_MS = 10_000;

    static final IoTimers NONE = new IoTimers(List.of());

    private record IoThread(IOThread thread, MultiMap<Long, Object> timers) {}

    private final List<IoThread> threads;

    private IoTimers(List<IoThread> threads) {
        this.threads = threads;
    }

    /** The timers of a context that has its I/O threads, which come with its first socket. */
    static IoTimers of(ZMQ.Context context) {
        List<IoThread> threads = new ArrayList<>();
        try {
            Object ctx = PrivateFields.read(ZMQ.Context.class, context, "ctx");
            for (Object thread : (List<?>) PrivateFields.read(Ctx.class, ctx, "ioThreads")) {
                Object poller = PrivateFields.read(IOThread.class, thread, "poller");
                @SuppressWarnings("unchecked") // as it is declared there, but for a private class
                var timers =
                        (MultiMap<Long, Object>) PrivateFields.read(Poller.class.getSuperclass(), poller, "timers");
                threads.add(new IoThread((IOThread) thread, timers));
            }
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.info("this JeroMQ waits longer when the clock is set back: {}", e.toString());
        }
        return new IoTimers(threads);
    }

    /**
     * The wall clock was set back a moment ago.
     *
     * @param byMs by so many milliseconds
     */
    void clockSetBack(long byMs) {
        long seenAtMs = System.currentTimeMillis();
        threads.forEach(each -> new Errand(each.thread(), () -> setBack(each.timers(), byMs, seenAtMs)).send());
    }

    /**
     * On the I/O thread, which may have been held back since the step was seen. What would have been due long before that
     * was set after the step, and is left alone.
     */
    static void setBack(MultiMap<Long, Object> timers, long byMs, long seenAtMs) {
        for (Map.Entry<Object, Long> timer : timers.entries()) {
            long due = timer.getValue() - byMs;
            if (due >= seenAtMs - MARGIN_MS) {
                timers.insert(due, timer.getKey());
            }
        }
    }

    /** Work for an I/O thread: a command to itself that only it receives, and that JeroMQ gives to administrators to send. */
    private static final class Errand extends ZObject {
        private final Runnable work;

        Errand(IOThread thread, Runnable work) {
            super(thread);
            this.work = work;
        }

        void send() {
            sendStop();
        }

        @Override
        protected void processStop() {
            work.run();
        }
    }
}
