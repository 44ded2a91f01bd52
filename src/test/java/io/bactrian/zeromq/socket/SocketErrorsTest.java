package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

class SocketErrorsTest {
    @Test
    void anAddressThatIsInUseIsToldInWordsWithWhatToDo() {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket first = context.createSocket(SocketType.PULL);
            int port = first.bindToRandomPort("tcp://127.0.0.1");
            ZMQ.Socket second = context.createSocket(SocketType.PULL);
            ZMQException refused =
                    catchThrowableOfType(ZMQException.class, () -> second.bind("tcp://127.0.0.1:" + port));
            int code = refused == null ? second.errno() : refused.getErrorCode();
            assertThat(SocketErrors.say(code)).contains("in use", "choose another port");
        }
    }

    @Test
    void whatHasNoWordsOfOursHasItsName() {
        assertThat(SocketErrors.say(ZMQ.Error.EFSM.getCode())).contains("EFSM");
    }
}
