package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.zeromq.socket.jeromq.JeroMq;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

/** As with another JeroMQ, whose private parts are not known. */
class UnguardedOptionTest extends ZeroMqTest {
    private static final String OPEN_TO_OTHERS = "zeromq:pull:tcp://0.0.0.0:*";

    @Test
    @ShowsEffectOf("allowUnguarded")
    void aSocketThatOthersReachOpensOnlyIfItIsAllowedToBeUnguarded() throws Exception {
        ZeroMqComponent component = context.getComponent("zeromq", ZeroMqComponent.class);
        consume("zeromq:pull:" + FREE);
        Object life = read(read(component, "context"), "life");
        Field seen = life.getClass().getDeclaredField("jeroMq");
        seen.setAccessible(true);
        seen.set(life, JeroMq.blind());
        assertThatThrownBy(() -> consume(OPEN_TO_OTHERS)).hasStackTraceContaining("set allowUnguarded=true");
        assertThat(consume(OPEN_TO_OTHERS + "?socketName=open&allowUnguarded=true"))
                .startsWith("tcp://0.0.0.0:");
    }

    private static Object read(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }
}
