package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** Starting, stopping and starting again. */
class LifecycleTest extends ZeroMqTest {

    @Test
    void aRouteThatIsRestartedBindsTheSamePortAgain() throws Exception {
        String pull = "zeromq:pull:tcp://127.0.0.1:" + Ports.free();
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(pull).routeId("in").process(received::add);
            }
        });
        for (int i = 0; i < 20; i++) {
            context.getRouteController().stopRoute("in");
            context.getRouteController().startRoute("in");
        }
        send("zeromq:push:" + bound(pull), "still here");
        await().until(() -> bodies().equals(List.of("still here")));
    }

    @Test
    void ipcAndInprocAddressesAreFreeAfterAStop() throws Exception {
        for (String address : List.of("ipc:///tmp/bactrian-" + System.nanoTime(), "inproc://here")) {
            String pull = "zeromq:pull:" + address;
            routes(new RouteBuilder() {
                @Override
                public void configure() {
                    from(pull).routeId(address).process(received::add);
                }
            });
            context.getRouteController().stopRoute(address);
            context.getRouteController().startRoute(address);
            send("zeromq:push:" + address, address);
            await().until(() -> bodies().contains(address));
        }
    }

    @Test
    void aPortInUseStopsTheStart() throws Exception {
        String address = consume("zeromq:pull:" + FREE);
        assertThatThrownBy(() -> consume("zeromq:rep:" + address))
                .hasMessageContaining("cannot bind rep to " + address);
    }

    @Test
    void whatIsQueuedIsSentByAStop() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?batchSize=1000");
        DefaultCamelContext sender = context();
        sender.start();
        sender.createProducerTemplate().sendBody("zeromq:push:" + address + "?linger=10s", numbers(50_000));
        sender.stop();
        await().until(() -> batched().size() == 50_000);
    }

    @Test
    void aStopWithoutAPeerEndsWithinLingerAndReports() throws Exception {
        String push = "zeromq:push:tcp://127.0.0.1:" + Ports.free() + "?linger=200&sendHighWaterMark=10";
        DefaultCamelContext sender = context();
        sender.start();
        sender.createProducerTemplate().sendBody(push, numbers(100));
        var socket =
                sender.getComponent("zeromq", ZeroMqComponent.class).sockets().get(0);
        sender.stop();
        assertThat(sender.isStopped()).isTrue();
        assertThat(socket.counters().get(Counter.DROPPED_SENT)).isEqualTo(90);
    }

    @Test
    void aStopWaitsForTheExchangeUnderWay() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        String pull = "zeromq:pull:" + FREE;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(pull).routeId("slow").process(e -> {
                    entered.countDown();
                    leave.await();
                    received.add(e);
                });
            }
        });
        send("zeromq:push:" + bound(pull), "slow");
        entered.await();
        Thread stopper = new Thread(() -> {
            try {
                context.getRouteController().stopRoute("slow");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        stopper.start();
        assertThat(received).isEmpty();
        leave.countDown();
        stopper.join();
        assertThat(bodies()).containsExactly("slow");
        assertThat(bound(pull)).isEmpty();
    }

    @Test
    void aPeerThatComesBackIsFoundAgain() throws Exception {
        String address = "tcp://127.0.0.1:" + Ports.free();
        String dealer = "zeromq:dealer:" + address + "?requestTimeout=500";
        for (int life = 0; life < 3; life++) {
            DefaultCamelContext server = context();
            server.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("zeromq:rep:" + address).transform(constant("here"));
                }
            });
            server.start();
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> "here"
                            .equals(context.createProducerTemplate().requestBody(dealer, "there?", String.class)));
            server.stop();
        }
    }

    @Test
    void aSuspendedRouteLeavesMessagesInZeroMq() throws Exception {
        String pull = "zeromq:pull:" + FREE;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(pull).routeId("in").process(received::add);
            }
        });
        context.getRouteController().suspendRoute("in");
        send("zeromq:push:" + bound(pull), numbers(100));
        context.getRouteController().resumeRoute("in");
        await().until(() -> received.size() == 100);
        assertThat(bodies())
                .isEqualTo(IntStream.range(0, 100).mapToObj(Integer::toString).toList());
    }
}
