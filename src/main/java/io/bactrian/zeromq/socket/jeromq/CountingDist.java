package io.bactrian.zeromq.socket.jeromq;

import java.lang.reflect.Field;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;
import zmq.Msg;
import zmq.pipe.Pipe;
import zmq.socket.pubsub.Dist;
import zmq.socket.pubsub.XPub;

/**
 * Counts what a PUB or XPUB socket drops, of which JeroMQ 0.7.0 says nothing: each message once for each subscriber that
 * wanted it and whose queue was at its high-water mark. It takes the place of the socket's own distributor. If JeroMQ does
 * not let it, nothing is counted and all else is as before. Owner thread only.
 */
final class CountingDist extends Dist {
    private static final Logger LOG = LoggerFactory.getLogger(CountingDist.class);

    private final IntConsumer told;
    private final List<?> pipes;
    private final Field eligible;
    /** Those that take no more now. */
    private final Set<Object> full = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Those that wanted the message that is under way, and do not get it. */
    private final Set<Object> missed = Collections.newSetFromMap(new IdentityHashMap<>());

    private CountingDist(IntConsumer told) throws ReflectiveOperationException {
        this.told = told;
        eligible = PrivateFields.open(Dist.class, "eligible");
        pipes = (List<?>) PrivateFields.read(Dist.class, this, "pipes");
    }

    /** To be called before the socket is bound or connected; does nothing for one that does not publish. */
    static void count(ZMQ.Socket socket, IntConsumer told) {
        if (socket.base() instanceof XPub publisher) {
            try {
                PrivateFields.open(XPub.class, "dist").set(publisher, new CountingDist(told));
            } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
                LOG.warn("this JeroMQ does not show its distributor: what publishers drop is not counted", e);
            }
        }
    }

    @Override
    public void match(Pipe pipe) {
        if (!full.isEmpty() && full.contains(pipe)) {
            missed.add(pipe);
        } else {
            super.match(pipe);
        }
    }

    @Override
    public boolean sendToMatching(Msg msg) {
        // The message is empty when it is sent.
        boolean more = msg.hasMore();
        int before = eligible();
        boolean sent = super.sendToMatching(msg);
        int after = eligible();
        for (int i = after; i < before; i++) {
            full.add(pipes.get(i));
            missed.add(pipes.get(i));
        }
        if (!more && !missed.isEmpty()) {
            told.accept(missed.size());
            missed.clear();
        }
        return sent;
    }

    private int eligible() {
        try {
            return eligible.getInt(this);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void activated(Pipe pipe) {
        full.remove(pipe);
        super.activated(pipe);
    }

    @Override
    public void terminated(Pipe pipe) {
        full.remove(pipe);
        missed.remove(pipe);
        super.terminated(pipe);
    }
}
