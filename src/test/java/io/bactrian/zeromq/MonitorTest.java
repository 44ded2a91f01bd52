package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import io.bactrian.zeromq.socket.SocketEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The events of connections, at a consumer and at Camel's event notifiers. */
class MonitorTest extends ZeroMqTest {
    @TempDir
    Path folder;

    private final Queue<SocketEvent> events = new ConcurrentLinkedQueue<>();

    private void monitor(String uri) throws Exception {
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri).process(e -> events.add(e.getMessage().getBody(SocketEvent.class)));
            }
        });
    }

    private List<SocketEvent.Type> types(String kind) {
        return events.stream()
                .filter(e -> e.socket().startsWith(kind))
                .map(SocketEvent::type)
                .toList();
    }

    @Test
    void aMonitorHearsOfBothSidesOfAConnection() throws Exception {
        String address = "tcp://127.0.0.1:" + Ports.free();
        monitor("zeromq:monitor:" + address);
        String push = "zeromq:push:" + address + "?linger=0";
        send(push, "early");
        await().until(() -> types("push").contains(SocketEvent.Type.RETRIED));
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from("zeromq:pull:" + address).routeId("in").process(received::add);
            }
        });
        await().until(() -> received.size() == 1);
        context.getRouteController().stopRoute("in");
        await().until(() -> types("push").contains(SocketEvent.Type.DISCONNECTED));
        await().until(() -> types("pull").contains(SocketEvent.Type.CLOSED));
        assertThat(types("pull"))
                .startsWith(SocketEvent.Type.LISTENING, SocketEvent.Type.ACCEPTED)
                .contains(SocketEvent.Type.CLOSED);
        assertThat(types("push")).contains(SocketEvent.Type.CONNECTED);
    }

    @Test
    void aMonitorHearsOnlyOfItsAddresses() throws Exception {
        monitor("zeromq:monitor:tcp://127.0.0.1:" + Ports.free());
        Queue<SocketEvent> all = new ConcurrentLinkedQueue<>();
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from("zeromq:monitor:*").process(e -> all.add(e.getMessage().getBody(SocketEvent.class)));
            }
        });
        String address = consume("zeromq:pull:" + FREE);
        await().until(() -> all.stream().anyMatch(e -> e.address().equals(address)));
        assertThat(events).isEmpty();
    }

    @Test
    void notifiersAndHeadersTellWhoWasRefused() throws Exception {
        CurveKeys keys = CurveKeys.generate();
        Path certificate = Files.writeString(folder.resolve("keys"), CurveCertificate.secretText(keys, Map.of()));
        Path admitted = Files.createDirectory(folder.resolve("admitted"));
        Queue<CamelEvent> notified = new ConcurrentLinkedQueue<>();
        context.getManagementStrategy().addEventNotifier(new SimpleEventNotifierSupport() {
            @Override
            public void notify(CamelEvent event) {
                if (event instanceof ZeroMqConnectionEvent) {
                    notified.add(event);
                }
            }
        });
        Queue<String> headers = new ConcurrentLinkedQueue<>();
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from("zeromq:monitor:*")
                        .filter(header(ZeroMqConstants.EVENT).isEqualTo("REFUSED"))
                        .process(e -> headers.add(
                                Objects.requireNonNull(e.getMessage().getHeader(ZeroMqConstants.ADDRESS)) + " "
                                        + e.getMessage().getHeader(ZeroMqConstants.DETAIL)));
            }
        });
        String curve = "security=curve&linger=0&curveKeyFile=" + certificate;
        String address = consume("zeromq:pull:" + FREE + "?" + curve + "&curveClientKeys=" + admitted);
        send("zeromq:push:" + address + "?" + curve + "&curveServerKeyFile=" + certificate, "x");
        await().until(() -> !headers.isEmpty());
        assertThat(headers.element()).contains("127.0.0.1", keys.publicKey().fingerprint(), "is not in " + admitted);
        await().until(() -> notified.stream()
                .anyMatch(e -> e.toString().contains("REFUSED")
                        && e.toString().contains(keys.publicKey().fingerprint())));
        await().until(() -> notified.stream().anyMatch(e -> e.toString().contains("NOT_ADMITTED")));
    }

    @Test
    void aMonitorNeedsAnAddressAndSendsNothing() {
        assertThatThrownBy(() -> monitor("zeromq:monitor:")).hasRootCauseInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> context.getEndpoint("zeromq:monitor:*").createProducer())
                .hasMessageContaining("cannot be a producer");
    }
}
