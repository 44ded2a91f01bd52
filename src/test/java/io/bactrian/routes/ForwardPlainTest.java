package io.bactrian.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** The bare proxy: messages go down, subscriptions go up, and there is no database. */
class ForwardPlainTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** JeroMQ's handshake stalls now and then, and without an interval it is never tried again. */
    private static final int HANDSHAKE_MS = 300;

    @Test
    void messagesGoDownAndSubscriptionsGoUp() throws Exception {
        int in = Ports.free();
        int out = Ports.free();
        Properties properties = new Properties();
        properties.setProperty("bactrian.forward.in", "tcp://127.0.0.1:" + in);
        properties.setProperty("bactrian.forward.out", "tcp://127.0.0.1:" + out);
        try (DefaultCamelContext camel = new DefaultCamelContext();
                ZContext zmq = new ZContext()) {
            camel.getPropertiesComponent().setOverrideProperties(properties);
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(ResourceHelper.resolveMandatoryResource(
                            camel, "classpath:io/bactrian/routes/pubsub/forward-plain.camel.yaml"));
            camel.start();
            ZMQ.Socket publisher = zmq.createSocket(SocketType.XPUB);
            publisher.setReceiveTimeOut(100);
            publisher.setHandshakeIvl(HANDSHAKE_MS);
            publisher.connect("tcp://127.0.0.1:" + in);
            ZMQ.Socket subscriber = zmq.createSocket(SocketType.SUB);
            subscriber.setReceiveTimeOut(100);
            subscriber.setHandshakeIvl(HANDSHAKE_MS);
            subscriber.connect("tcp://127.0.0.1:" + out);
            subscriber.subscribe("wanted");
            await("the subscription arrives upstream").atMost(PATIENCE).until(() -> {
                // JeroMQ subscribes again after a failed handshake only while its socket is used.
                assertThat(subscriber.recv(ZMQ.DONTWAIT)).isNull();
                return Arrays.equals(publisher.recv(), "\u0001wanted".getBytes());
            });
            publisher.sendMore("unwanted");
            publisher.send("x");
            publisher.sendMore("wanted/1");
            publisher.send("body");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(subscriber.recvStr()).isEqualTo("wanted/1"));
            assertThat(subscriber.recvStr()).isEqualTo("body");
        }
    }
}
