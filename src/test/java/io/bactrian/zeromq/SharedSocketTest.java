package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.bactrian.zeromq.socket.Security;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints of the same type and address are one socket. */
class SharedSocketTest extends ZeroMqTest {
    private static final String ROUTER = "zeromq:router:" + FREE;

    @Test
    void twoEndpointsWithAFreePortShareIt() throws Exception {
        String address = consume(ROUTER + "?batchSize=10");
        assertThat(address).isNotEmpty();
        send(ROUTER, "x", Map.of(ZeroMqConstants.ROUTING_ID, bytes("nobody")));
        assertThat(bound(ROUTER)).isEqualTo(address);
        assertThat(sockets()).hasSize(1);
    }

    @Test
    void optionsThatDisagreeAreNamed() throws Exception {
        consume(ROUTER);
        assertThatThrownBy(() -> consume(ROUTER + "?mandatory=true&sendHighWaterMark=7"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mandatory=false and mandatory=true")
                .hasMessageContaining("sendHighWaterMark=1000 and sendHighWaterMark=7")
                .hasMessageNotContaining("linger");
    }

    /** In a context that starts all producers are started before any consumer. */
    @Test
    void whatAnEndpointDoesNotSetItTakesFromTheOtherOneThoughItIsOpenedFirst() throws Exception {
        try (DefaultCamelContext starting = context()) {
            starting.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:answers").to(ROUTER);
                    from(ROUTER + "?mandatory=true&maxFrameBytes=5000").process(received::add);
                }
            });
            starting.start();
            assertThat(starting.getComponent("zeromq", ZeroMqComponent.class).sockets())
                    .singleElement()
                    .satisfies(socket -> {
                        assertThat(socket.settings().pattern().mandatory()).isTrue();
                        assertThat(socket.settings().queues().maxFrameBytes()).isEqualTo(5_000);
                        assertThat(socket.settings().limits().maxMessageBytes()).isEqualTo(20_000);
                    });
        }
    }

    @Test
    void theSecurityIsTakenAsAWholeAndTheOpenSocketKnowsItAfterItsEndpointIsGone(@TempDir Path folder)
            throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "");
        String secured = ROUTER + "?security=plain&plainUsers=" + users + "&mandatory=true";
        consume(secured);
        send(ROUTER + "?sendTimeout=1000", "x", Map.of(ZeroMqConstants.ROUTING_ID, bytes("nobody")));
        context.getRouteController().stopAllRoutes();
        context.removeRoute(context.getRoutes().get(0).getId());
        context.removeEndpoints(secured);
        assertThat(context.hasEndpoint(secured)).isNull();
        send(ROUTER + "?sendTimeout=2000", "x", Map.of(ZeroMqConstants.ROUTING_ID, bytes("nobody")));
        assertThat(sockets()).singleElement().satisfies(socket -> {
            assertThat(socket.settings().security()).isInstanceOf(Security.PlainServer.class);
            assertThat(socket.settings().pattern().mandatory()).isTrue();
        });
        assertThatThrownBy(() -> consume(ROUTER + "?mandatory=false&security=none"))
                .hasMessageContaining("mandatory=true and mandatory=false")
                .hasMessageContaining("security=");
    }

    @Test
    @ShowsEffectOf("socketName")
    void aSecondConsumerIsRefusedUnlessItHasItsOwnSocket() throws Exception {
        String pub = "zeromq:pub:" + FREE;
        send(pub, "opens the socket");
        String sub = "zeromq:sub:" + bound(pub);
        consume(sub);
        assertThatThrownBy(() -> consume(sub + "?batchSize=2")).hasMessageContaining("socketName");
        consume(sub + "?batchSize=2&socketName=second");
        assertThat(sockets()).hasSize(3);
    }

    @Test
    void routesThatAnswerOnTheirOwnSocketDoNotBlockUnderLoad() throws Exception {
        assertThat(threadsThatAnswer("")).singleElement(STRING).contains(" - bactrian-in-router:");
    }

    @Test
    @ShowsEffectOf("onSocketThread")
    void norDoTheyOnTheSocketsThread() throws Exception {
        assertThat(threadsThatAnswer("&onSocketThread=true"))
                .singleElement(STRING)
                .contains(" - bactrian-router:");
    }

    private Set<String> threadsThatAnswer(String options) throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        int count = 20_000;
        String small = ROUTER + "?pendingQueue=4" + options;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(small).to("direct:answer");
            }
        });
        String dealer = "zeromq:dealer:" + bound(small) + "?pendingQueue=4";
        consume(dealer + "&batchSize=100");
        send(dealer, List.of());
        // The socket has waited for messages alone till now, and the first of them comes at once.
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:answer")
                        .process(e -> threads.add(Thread.currentThread().getName()))
                        .to(small);
            }
        });
        List<ZeroMqMessage> all = numbers(count);
        for (int from = 0; from < count; from += 500) {
            // Within the high-water marks: a router that is not mandatory drops for a peer that is full.
            send(dealer, all.subList(from, from + 500));
            int soFar = from + 500;
            await().pollInterval(Duration.ofMillis(1)).until(() -> batched().size() == soFar);
        }
        assertThat(batched())
                .isEqualTo(IntStream.range(0, count).mapToObj(Integer::toString).toList());
        return threads;
    }
}
