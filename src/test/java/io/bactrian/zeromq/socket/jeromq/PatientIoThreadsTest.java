package io.bactrian.zeromq.socket.jeromq;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

class PatientIoThreadsTest {
    /** Fails with a JeroMQ that has other fields: then look whether it still needs this. */
    @Test
    void thisJeroMqIsMadePatientAndStillCarriesMessages() {
        try (ZMQ.Context context = ZMQ.context(2);
                ZMQ.Socket pull = context.socket(SocketType.PULL);
                ZMQ.Socket push = context.socket(SocketType.PUSH)) {
            assertThat(PatientIoThreads.in(context)).isEqualTo(2);
            push.setHandshakeIvl(300);
            pull.setHandshakeIvl(300);
            pull.setReceiveTimeOut(60_000);
            push.connect("tcp://127.0.0.1:" + pull.bindToRandomPort("tcp://127.0.0.1"));
            for (int i = 0; i < 10_000; i++) {
                push.send(String.valueOf(i));
            }
            for (int i = 0; i < 10_000; i++) {
                assertThat(pull.recvStr()).isEqualTo(String.valueOf(i));
            }
        }
    }
}
