package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** Another Vert.x than the one that the gateway comes with. What holds with that one is in {@code BadInputTest}. */
class VertxInternalsTest {
    @Test
    void connectionsAndServersOfAnotherKindWorkOnWithoutABrake() {
        assertThatCode(() -> VertxInternals.brake(another(HttpConnection.class)))
                .doesNotThrowAnyException();
        assertThatCode(() -> VertxInternals.stopAccepting(another(Vertx.class))).doesNotThrowAnyException();
    }

    private static <T> T another(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                }));
    }
}
