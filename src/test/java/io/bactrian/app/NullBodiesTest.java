package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.client.BactrianComponent;
import io.bactrian.pubsub.client.BareHub;
import java.nio.file.Path;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One rule for all components: a null body is refused, an empty one is a message. */
@Timeout(600)
class NullBodiesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zeromq:push:inproc://null",
                "zeromq:dealer:inproc://rep?requestTimeout=20000",
                "zeromq:pub:inproc://pub",
                "journal:null",
                "bactrian:t"
            })
    void aNullBodyIsRefusedAndAnEmptyOneIsAMessage(String uri) throws Exception {
        try (BareHub hub = new BareHub(folder.resolve("hub"));
                DefaultCamelContext context = new DefaultCamelContext()) {
            BactrianComponent component = new BactrianComponent();
            component.getConfiguration().setPublishPort(hub.publishPort());
            component.getConfiguration().setSubscribePort(hub.subscribePort());
            component.getConfiguration().setData(folder.resolve("data").toString());
            context.addComponent("bactrian", component);
            String folderOption = "?folder=RAW(" + folder.resolve("journal") + ")";
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("zeromq:pull:inproc://null").to("mock:got");
                    from("zeromq:rep:inproc://rep").setBody(constant("answer"));
                }
            });
            context.start();
            String to = uri.startsWith("journal") ? uri + folderOption : uri;
            assertThat(send(context, to, null)).isInstanceOf(InvalidPayloadException.class);
            assertThat(send(context, to, "")).isNull();
            assertThat(send(context, to, new byte[0])).isNull();
        }
    }

    private static Exception send(DefaultCamelContext context, String uri, Object body) {
        Exchange sent = context.createProducerTemplate()
                .send(uri, exchange -> exchange.getMessage().setBody(body));
        return sent.getException();
    }
}
