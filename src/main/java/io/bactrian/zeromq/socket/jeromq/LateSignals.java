package io.bactrian.zeromq.socket.jeromq;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;
import zmq.Command;
import zmq.IMailbox;
import zmq.ZError;

/**
 * Keeps a connection of a socket that closes from staying open for good.
 *
 * <p>An I/O thread of JeroMQ 0.7.0 that ends a connection puts its last word into the mailbox of the socket, then writes to a
 * pipe that the word is there ({@code zmq.Mailbox.send}). If the thread that takes the socket down reads the word in between,
 * it closes that pipe. The I/O thread then fails in the middle: the connection is not closed, still answers heartbeats, and
 * belongs to nobody. Its peer waits for an answer and never connects anew. So the mailbox is replaced, in a private field, by
 * one that holds such a signal for given, as it is: the word was read. If JeroMQ has other fields, or does not open them to
 * us, all works as before, with that fault.
 */
final class LateSignals {
    private static final Logger LOG = LoggerFactory.getLogger(LateSignals.class);

    private LateSignals() {}

    /** To be called for a socket that nothing was asked of yet. Returns whether it is safe from now on. */
    static boolean in(ZMQ.Context context, ZMQ.Socket socket) {
        try {
            Object ctx = PrivateFields.read(ZMQ.Context.class, context, "ctx");
            IMailbox[] mailboxes = (IMailbox[]) PrivateFields.read(zmq.Ctx.class, ctx, "slots");
            int slot = socket.base().getTid();
            mailboxes[slot] = new Mailbox(mailboxes[slot]);
            return true;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.info(
                    "mailboxes of this JeroMQ are left as they are, and a closed socket may leave a connection: {}",
                    e.toString());
            return false;
        }
    }

    /** Any thread sends, the one that takes the socket down closes. */
    record Mailbox(IMailbox original) implements IMailbox {
        @Override
        public void send(Command command) {
            try {
                original.send(command);
            } catch (ZError.IOException e) {
                if (!(e.getCause() instanceof ClosedChannelException)) {
                    throw e;
                }
                LOG.trace("the socket has read its last word already, and is closed", e);
            }
        }

        @Override
        public Command recv(long timeout) {
            return original.recv(timeout);
        }

        @Override
        public void close() throws IOException {
            original.close();
        }
    }
}
