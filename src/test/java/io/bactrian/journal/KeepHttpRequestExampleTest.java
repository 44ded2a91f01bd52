package io.bactrian.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped example, over real HTTP. */
class KeepHttpRequestExampleTest {
    @TempDir
    Path root;

    private final ConcurrentLinkedQueue<String> delivered = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean targetIsAway = new AtomicBoolean();
    private final HttpClient client = HttpClient.newHttpClient();
    private Main main = new Main();
    private int port;

    private void start() {
        port = Ports.free();
        main = new Main();
        main.addOverrideProperty("camel.management.enabled", "false");
        main.addOverrideProperty("camel.server.enabled", "true");
        main.addOverrideProperty("camel.server.host", "127.0.0.1");
        main.addOverrideProperty("camel.server.port", Integer.toString(port));
        main.addOverrideProperty("camel.component.journal.root", root.toString());
        main.addOverrideProperty("camel.main.shutdownTimeout", "5");
        main.addOverrideProperty(
                "camel.main.routesIncludePattern", "file:docs/examples/keep-http-request/keep-http-request.camel.yaml");
        main.addOverrideProperty("orders.target", "direct:target");
        main.addOverrideProperty("orders.retry", "10ms");
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:target").process(exchange -> {
                    if (targetIsAway.get()) {
                        throw new IllegalStateException("the target is away");
                    }
                    delivered.add(exchange.getMessage().getBody(String.class));
                });
            }
        });
        main.start();
    }

    @AfterEach
    void stop() {
        main.stop();
    }

    private HttpResponse<String> post(String order) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/orders"))
                .POST(HttpRequest.BodyPublishers.ofString(order))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void deliversWhatItHasAnsweredAlsoAfterARestart() throws Exception {
        start();
        List<String> sent = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            sent.add("order " + i);
            HttpResponse<String> response = post("order " + i);
            assertThat(response.statusCode()).isEqualTo(202);
            assertThat(response.body()).isEqualTo("kept " + i);
            assertThat(response.headers().map().keySet()).noneMatch(name -> name.startsWith("Camel"));
        }
        await().untilAsserted(() -> assertThat(delivered).containsExactlyElementsOf(sent));

        targetIsAway.set(true);
        for (int i = 21; i <= 30; i++) {
            sent.add("order " + i);
            assertThat(post("order " + i).statusCode()).isEqualTo(202);
        }
        main.stop();
        assertThat(delivered).hasSize(20);
        targetIsAway.set(false);
        start();
        await().untilAsserted(() -> assertThat(delivered).containsExactlyElementsOf(sent));
    }

    @Test
    void saysSoWhenItCannotKeepAnOrder() throws Exception {
        start();
        JournalComponent component = main.getCamelContext().getComponent("journal", JournalComponent.class);
        component.journal("orders").close();
        HttpResponse<String> response = post("lost?");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("not kept");
    }
}
