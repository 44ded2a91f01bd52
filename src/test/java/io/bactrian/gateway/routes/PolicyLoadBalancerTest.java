package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.gateway.core.TargetStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.junit.jupiter.api.Test;

/** The load balancer in routes that have nothing to do with the gateway. */
class PolicyLoadBalancerTest extends CamelTestSupport {
    private final List<String> reached = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> broken = new CopyOnWriteArrayList<>();
    private final List<String> names = new CopyOnWriteArrayList<>();
    private final PolicyLoadBalancer steps = new PolicyLoadBalancer();
    private final PolicyLoadBalancer named = new PolicyLoadBalancer();

    @Override
    protected RoutesBuilder createRouteBuilder() {
        steps.setAttempts(2);
        steps.setErrors(2);
        named.setPolicy("sticky");
        named.setKeyHeader("key");
        named.setSource(() -> names);
        context.getRegistry().bind("steps", steps);
        context.getRegistry().bind("named", named);
        return new RouteBuilder() {
            @Override
            public void configure() throws Exception {
                for (String name : List.of("one", "two", "three")) {
                    from("direct:" + name).process(exchange -> {
                        reached.add(name);
                        bodies.add(exchange.getMessage().getBody(String.class));
                        exchange.getMessage().setBody("from " + name);
                        if (broken.contains(name)) {
                            throw new IllegalStateException(name + " is broken");
                        }
                    });
                }
                PluginHelper.getRoutesLoader(getContext()).loadRoutes(ResourceHelper.fromString("any.camel.yaml", """
                        - route:
                            id: over-steps
                            from:
                              uri: direct:over-steps
                              steps:
                                - loadBalance:
                                    customLoadBalancer: { ref: steps }
                                    steps:
                                      - to: { uri: direct:one }
                                      - to: { uri: direct:two }
                                      - to: { uri: direct:three }
                        - route:
                            id: over-names
                            from:
                              uri: direct:over-names
                              steps:
                                - loadBalance:
                                    customLoadBalancer: { ref: named }
                                    steps:
                                      - toD: { uri: "direct:${exchangeProperty.bactrianTarget}" }
                        """));
            }
        };
    }

    @Test
    void eachStepInTurn() {
        for (int i = 0; i < 6; i++) {
            template.sendBody("direct:over-steps", i);
        }
        assertThat(reached).containsExactly("one", "two", "three", "one", "two", "three");
    }

    @Test
    void whatFailsGoesToTheNextAndIsEjected() {
        broken.add("two");
        for (int i = 0; i < 20; i++) {
            template.sendBody("direct:over-steps", i);
        }
        assertThat(reached)
                .filteredOn("two"::equals)
                .as("ejected after two errors")
                .hasSize(2);
        assertThat(steps.status())
                .filteredOn(target -> target.state() == TargetStatus.State.EJECTED)
                .hasSize(1);
    }

    @Test
    void theNextTargetGetsTheMessageAsItWasBeforeTheFirstAttempt() {
        broken.add("one");
        assertThat(template.requestBody("direct:over-steps", "question", String.class))
                .isEqualTo("from two");
        assertThat(reached).containsExactly("one", "two");
        assertThat(bodies).containsExactly("question", "question");
    }

    @Test
    void whenAllAttemptsFailTheExchangeFails() {
        broken.addAll(List.of("one", "two", "three"));
        assertThatThrownBy(() -> template.sendBody("direct:over-steps", "x"))
                .isInstanceOf(CamelExecutionException.class)
                .hasRootCauseMessage("two is broken");
        assertThat(reached).containsExactly("one", "two");
    }

    @Test
    void targetsComeAndGoByName() {
        assertThatThrownBy(() -> template.sendBodyAndHeader("direct:over-names", "x", "key", 1))
                .hasRootCauseMessage("No target of the load balancer is usable now");
        names.addAll(List.of("one", "two", "three"));
        List<String> before = new ArrayList<>();
        for (int key = 0; key < 12; key++) {
            template.sendBodyAndHeader("direct:over-names", "x", "key", key);
        }
        before.addAll(reached);
        reached.clear();
        names.remove(before.get(0));
        for (int key = 0; key < 12; key++) {
            template.sendBodyAndHeader("direct:over-names", "x", "key", key);
        }
        for (int key = 0; key < 12; key++) {
            assertThat(reached.get(key)).isNotEqualTo(before.get(0));
            if (!before.get(key).equals(before.get(0))) {
                assertThat(reached.get(key)).as("key %d stays", key).isEqualTo(before.get(key));
            }
        }
    }
}
