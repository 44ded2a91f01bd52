package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages that are asked for, one by one. */
@Timeout(600)
class BactrianPollingTest {
    private static final String FROM = "bactrian:t?subscriber=s&from=oldest";

    @TempDir
    Path folder;

    private BareHub hub;
    private DefaultCamelContext context;

    @BeforeEach
    void start() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
        context = started();
        for (int i = 1; i <= 50; i++) {
            context.createProducerTemplate().sendBody("bactrian:t", "m" + i);
        }
    }

    private DefaultCamelContext started() {
        DefaultCamelContext made = new DefaultCamelContext();
        made.disableJMX();
        BactrianComponent component = new BactrianComponent();
        component.getConfiguration().setPublishPort(hub.publishPort());
        component.getConfiguration().setSubscribePort(hub.subscribePort());
        component.getConfiguration().setData(folder.resolve("data").toString());
        made.addComponent("bactrian", component);
        made.start();
        return made;
    }

    @AfterEach
    void stop() throws Exception {
        context.stop();
        hub.close();
    }

    private void restart() {
        context.stop();
        context = started();
    }

    private List<String> next(int count) {
        List<String> got = new ArrayList<>();
        ConsumerTemplate template = context.createConsumerTemplate();
        while (got.size() < count) {
            got.add(template.receiveBody(FROM, 20_000, String.class));
        }
        assertThat(template.receiveBody(FROM, 200, String.class)).isNull();
        return got;
    }

    @Test
    void whatWasNotHandedToACallerStays() {
        assertThat(context.createConsumerTemplate().receiveBody(FROM, 20_000, String.class))
                .isEqualTo("m1");
        restart();
        assertThat(next(49)).startsWith("m2").endsWith("m50");
    }

    @Test
    void whatFailedOrWasNotCompletedIsHandedOutAgain() {
        ConsumerTemplate template = context.createConsumerTemplate();
        Exchange first = template.receive(FROM, 20_000);
        Exchange second = template.receive(FROM, 20_000);
        first.setException(new IllegalStateException("for the test"));
        template.doneUoW(second);
        template.doneUoW(first);
        Exchange again = template.receive(FROM, 20_000);
        assertThat(again.getMessage().getBody(String.class)).isEqualTo("m1");
        assertThat(again.getMessage().getHeader(BactrianConstants.REDELIVERED)).isEqualTo(true);
        restart();
        assertThat(next(50)).startsWith("m1", "m2");
    }

    @Test
    void anEnrichmentCountsWhenTheExchangeThatItEnrichesCompletes() throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:take")
                        .pollEnrich(FROM, 20_000)
                        .filter(header("fail").isEqualTo(true))
                        .throwException(new IllegalStateException("for the test"));
            }
        });
        ProducerTemplate template = context.createProducerTemplate();
        assertThatThrownBy(() -> template.requestBodyAndHeader("direct:take", "x", "fail", true))
                .isNotNull();
        assertThat(template.requestBody("direct:take", "x", String.class)).isEqualTo("m1");
        restart();
        assertThat(next(49)).startsWith("m2");
    }
}
