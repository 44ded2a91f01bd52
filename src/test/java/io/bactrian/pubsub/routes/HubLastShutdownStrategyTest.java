package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Suspendable;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class HubLastShutdownStrategyTest {
    private static final int TIMEOUT_S = 60;

    private final List<String> answers = new CopyOnWriteArrayList<>();

    /** The hub is started last here, so that without the strategy it would be suspended first. */
    @Test
    void whatIsUnderWayWhenTheStopBeginsIsAnsweredByTheHub() throws Exception {
        CountDownLatch underWay = new CountDownLatch(1);
        String address = "tcp://127.0.0.1:" + Ports.free();
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            HubLastShutdownStrategy strategy = new HubLastShutdownStrategy(camel);
            strategy.setTimeout(TIMEOUT_S);
            camel.setShutdownStrategy(strategy);
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("timer:once?repeatCount=1&delay=0")
                            .routeId("client")
                            .startupOrder(1)
                            .process(exchange -> {
                                underWay.countDown();
                                await().atMost(TIMEOUT_S, TimeUnit.SECONDS).until(() -> suspended(camel));
                                exchange.getMessage().setBody("request");
                            })
                            .to(ExchangePattern.InOut, "zeromq:req:" + address + "?requestTimeout=3s&retries=0")
                            .process(exchange ->
                                    answers.add(exchange.getMessage().getBody(String.class)));
                    from("zeromq:rep:" + address)
                            .routeGroup(HubLastShutdownStrategy.GROUP)
                            .startupOrder(2)
                            .setBody(constant("answer"));
                }
            });
            camel.start();
            assertThat(underWay.await(TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
            camel.stop();
            assertThat(answers).containsExactly("answer");
            assertThat(strategy.hasTimeoutOccurred()).isFalse();
        }
    }

    private static boolean suspended(DefaultCamelContext camel) {
        Suspendable consumer = (Suspendable) camel.getRoute("client").getConsumer();
        return ((ServiceSupport) consumer).isSuspended();
    }
}
