package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The routes of the component's page, taken from the page. */
class PatternsTest extends ZeroMqTest {
    private static final Path PAGE = Path.of("docs/reference/zeromq-component.md");
    private static final String BEGIN = "```yaml\n";
    private static final String END = "```\n";
    private static final long PATIENCE_MS = 60_000;

    private final ConsumerTemplate results = context.createConsumerTemplate();

    @AfterEach
    void close() {
        results.stop();
    }

    /** Loads the routes below a heading, with free addresses. */
    private void load(String heading, String... addresses) throws Exception {
        String page = Files.readString(PAGE);
        int section = page.indexOf("### " + heading + "\n");
        assertThat(section).isPositive();
        int begin = page.indexOf(BEGIN, section) + BEGIN.length();
        String yaml = page.substring(begin, page.indexOf(END, begin));
        Properties properties = new Properties();
        for (String address : addresses) {
            properties.setProperty(address, "tcp://127.0.0.1:" + Ports.free());
        }
        context.getPropertiesComponent().setOverrideProperties(properties);
        PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("pattern.camel.yaml", yaml));
        results.start();
    }

    private String result(String uri) {
        return results.receiveBody(uri, PATIENCE_MS, String.class);
    }

    @Test
    void pipeline() throws Exception {
        load("Pipeline", "work.address", "results.address");
        List<String> done = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            send("direct:work", "job " + i);
        }
        for (int i = 0; i < 100; i++) {
            done.add(result("seda:results"));
        }
        assertThat(done).startsWith("done: job 0").endsWith("done: job 99").doesNotHaveDuplicates();
    }

    @Test
    void publishAndSubscribe() throws Exception {
        load("Publish and subscribe", "weather.address");
        // The subscriber misses what comes before it is connected.
        await().until(() -> {
            send("direct:weather", "wet", Map.of(ZeroMqConstants.TOPIC, "weather.bergen"));
            send("direct:weather", "cold", Map.of(ZeroMqConstants.TOPIC, "weather.oslo"));
            return "cold".equals(results.receiveBody("seda:oslo", 100, String.class));
        });
    }

    @Test
    void router() throws Exception {
        load("Router", "orders.address");
        for (int i = 0; i < 10; i++) {
            send("direct:order", "order " + i);
        }
        for (int i = 0; i < 10; i++) {
            assertThat(result("seda:confirmed")).isEqualTo("confirmed: order " + i);
        }
    }

    @Test
    void requestAndReply() throws Exception {
        load("Request and reply", "questions.address");
        assertThat(context.createProducerTemplate().requestBody("direct:ask", "why?", String.class))
                .isEqualTo("answer to why?");
    }
}
