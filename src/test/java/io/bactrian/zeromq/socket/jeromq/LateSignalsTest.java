package io.bactrian.zeromq.socket.jeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import zmq.Command;
import zmq.IMailbox;
import zmq.ZError;

class LateSignalsTest {
    /** Takes each command, then fails as a signal does. */
    private record Failing(IOException failure) implements IMailbox {
        @Override
        public void send(Command command) {
            throw new ZError.IOException(failure);
        }

        @Override
        public Command recv(long timeout) {
            throw new IllegalStateException("nobody reads");
        }

        @Override
        public void close() {}
    }

    /** Fails with a JeroMQ that has other fields: then look whether it still needs this. */
    @Test
    void aSocketOfThisJeroMqIsSafeAndStillCarriesMessages() {
        try (ZMQ.Context context = ZMQ.context(1);
                ZMQ.Socket pull = context.socket(SocketType.PULL);
                ZMQ.Socket push = context.socket(SocketType.PUSH)) {
            assertThat(LateSignals.in(context, pull)).isTrue();
            assertThat(LateSignals.in(context, push)).isTrue();
            pull.setReceiveTimeOut(60_000);
            push.connect("tcp://127.0.0.1:" + pull.bindToRandomPort("tcp://127.0.0.1"));
            push.send("m");
            assertThat(pull.recvStr()).isEqualTo("m");
        }
    }

    @Test
    void aSignalThatFindsItsSocketClosedIsTakenAsGiven() {
        IMailbox closed = new LateSignals.Mailbox(new Failing(new ClosedChannelException()));
        assertThatCode(() -> closed.send(null)).doesNotThrowAnyException();
    }

    @Test
    void aSignalThatFailsOtherwiseFails() {
        IMailbox broken = new LateSignals.Mailbox(new Failing(new IOException("no descriptors")));
        assertThatThrownBy(() -> broken.send(null)).isInstanceOf(ZError.IOException.class);
    }
}
