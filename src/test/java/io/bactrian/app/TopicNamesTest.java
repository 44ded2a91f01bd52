package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.pubsub.client.BactrianComponent;
import io.bactrian.pubsub.client.BactrianConstants;
import io.bactrian.pubsub.client.BactrianEndpointUriFactory;
import io.bactrian.pubsub.client.BareHub;
import io.bactrian.support.text.RawValue;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.NormalizedUri;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.URISupport;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Names over every way: a topic arrives as it was given, or is an error before anything is sent; it is never another. */
@Timeout(600)
@Tag("system")
class TopicNamesTest {
    private static final List<String> NAMES = List.of(
            "plain",
            "a/b/c",
            "a b",
            "a+b",
            "a&b",
            "a%41",
            "a%",
            "a%2541",
            "//a",
            "/a",
            "a//b",
            "RAW(x)",
            "RAW{x}",
            "a)b",
            "a}b",
            "a)%41",
            "f(1)&x=1+y z",
            "a)&topicFromHeader=true&publisher=RAW(",
            "a)}%41",
            "a?b=c",
            "a#b",
            "größe",
            "駱駝",
            "\uD83D\uDC2A",
            "a=b",
            "a,b",
            "a;b:c@d",
            "a\\b",
            "a\"b",
            "a'b",
            "a|b$c",
            "#bean:x",
            "a${body}",
            "a$simple{body}",
            " a",
            "a\nb",
            "a~^`");

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Where each message arrived, by its body. */
    private static final Map<String, String> ARRIVED = new ConcurrentHashMap<>();

    @TempDir
    static Path folder;

    private static BareHub hub;
    private static DefaultCamelContext context;
    private static ProducerTemplate template;

    @BeforeAll
    static void start() throws Exception {
        hub = new BareHub(folder.resolve("hub"));
        context = new DefaultCamelContext();
        context.disableJMX();
        BactrianComponent component = new BactrianComponent();
        component.getConfiguration().setPublishPort(hub.publishPort());
        component.getConfiguration().setSubscribePort(hub.subscribePort());
        component.getConfiguration().setData(folder.resolve("data").toString());
        component.getConfiguration().setFrom("oldest");
        context.addComponent("bactrian", component);
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                errorHandler(noErrorHandler());
                from("bactrian:*?subscriber=all")
                        .process(e -> ARRIVED.put(
                                e.getMessage().getBody(String.class),
                                e.getMessage().getHeader(BactrianConstants.TOPIC, String.class)));
                from("direct:toD").toD("bactrian:${header.name}");
                from("direct:toDWithOptions").toD("bactrian:${header.name}?acceptance=HUB");
                from("direct:toDExact").toD("bactrian:exact?exactTopic=${header.raw}");
            }
        });
        context.start();
        template = context.createProducerTemplate();
    }

    @AfterAll
    static void stop() {
        context.stop();
        hub.close();
    }

    /** One way to put a message to a topic. */
    private interface Way {
        void put(String body) throws Exception;
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aTopicIsWhatWasGivenOverEveryWay(String name) throws Exception {
        int number = NUMBER.incrementAndGet();
        Map<String, Way> ways = new LinkedHashMap<>();
        ways.put(
                "header",
                body -> template.sendBodyAndHeader(
                        "bactrian:x?topicFromHeader=true", body, BactrianConstants.TOPIC, name));
        ways.put("path", body -> template.sendBody("bactrian:" + name, body));
        ways.put(
                "map",
                body -> template.sendBody(
                        context.getEndpoint("bactrian:map" + number, Map.of("exactTopic", name)), body));
        ways.put("exact", body -> template.sendBody("bactrian:exact?exactTopic=" + RawValue.of(name), body));
        if (!name.contains("\n")) {
            // Camel leaves line breaks out of a URI before anybody sees it.
            ways.put(
                    "exact in parentheses",
                    body -> template.sendBody("bactrian:exact?exactTopic=RAW(" + name + ")", body));
            ways.put("exact in braces", body -> template.sendBody("bactrian:exact?exactTopic=RAW{" + name + "}", body));
        }
        ways.put("exact without RAW", body -> template.sendBody("bactrian:exact?exactTopic=" + name, body));
        ways.put("factory", body -> {
            BactrianEndpointUriFactory factory = new BactrianEndpointUriFactory();
            factory.setCamelContext(context);
            template.sendBody(
                    factory.buildUri(
                            "bactrian", new LinkedHashMap<>(Map.of("topic", "exact", "exactTopic", RawValue.of(name)))),
                    body);
        });
        ways.put("toD", body -> template.sendBodyAndHeader("direct:toD", body, "name", name));
        ways.put("toD with options", body -> template.sendBodyAndHeader("direct:toDWithOptions", body, "name", name));
        ways.put("toD exact", body -> template.sendBodyAndHeader("direct:toDExact", body, "raw", RawValue.of(name)));
        ways.put(
                "sink",
                body -> template.sendBody(
                        "kamelet:bactrian-publish-sink?publisher=sink&port=" + hub.publishPort() + "&topic="
                                + RawValue.of(name),
                        body));
        context.getPropertiesComponent()
                .addOverrideProperty("camel.kamelet.bactrian-publish-sink.r" + number + ".topic", name);
        ways.put(
                "sink with a property",
                body -> template.sendBody(
                        "kamelet:bactrian-publish-sink/r" + number + "?publisher=sink&port=" + hub.publishPort(),
                        body));
        ways.put("parameters of a factory", body -> {
            BactrianEndpointUriFactory factory = new BactrianEndpointUriFactory();
            factory.setCamelContext(context);
            template.sendBody(factory.buildUri("bactrian", new LinkedHashMap<>(Map.of("topic", name))), body);
        });
        // As Camel's endpoint DSL hands over what it has built.
        ways.put("endpoint DSL", body -> send(NormalizedUri.newNormalizedUri("bactrian://" + name, true), body));
        ways.put(
                "endpoint DSL exact",
                body -> send(
                        NormalizedUri.newNormalizedUri(
                                "bactrian://exact?"
                                        + URISupport.createQueryString(Map.of("exactTopic", RawValue.of(name)), true),
                                true),
                        body));
        ways.put("YAML", body -> sendFromYaml("yaml" + number, name, body));
        ways.put("sink in YAML", body -> sendToSinkFromYaml("sink" + number, name, body));
        ways.put("command", body -> put(name, body));

        Map<String, String> wanted = new LinkedHashMap<>();
        Map<String, String> refused = new LinkedHashMap<>();
        for (Map.Entry<String, Way> way : ways.entrySet()) {
            String body = way.getKey() + " " + number;
            try {
                way.getValue().put(body);
                wanted.put(body, written(way.getKey(), name));
            } catch (Exception e) {
                refused.put(way.getKey(), e.toString());
            }
        }
        await().atMost(LONG).until(() -> ARRIVED.keySet().containsAll(wanted.keySet()));
        Map<String, String> arrived = new LinkedHashMap<>(wanted);
        arrived.replaceAll((body, topic) -> ARRIVED.get(body));
        assertThat(arrived).isEqualTo(wanted);
        if (name.contains("%")) {
            assertThat(refused).containsKey("path");
        }
        if (name.matches(".*[+&].*")) {
            assertThat(refused).containsKey("sink in YAML");
        }
        assertThat(refused).doesNotContainKeys("header", "map", "command", "toD with options");
        if (isQuotable(name)) {
            assertThat(refused).doesNotContainKeys("exact", "factory", "toD exact", "sink with a property");
        }
        if (name.matches("[A-Za-z0-9/ö]+") && !name.contains("//") && !name.startsWith("/")) {
            assertThat(refused).containsOnlyKeys("exact without RAW");
        }
    }

    private static void send(NormalizedUri uri, String body) {
        template.sendBody(context.getCamelContextExtension().getEndpoint(uri), body);
    }

    /** A route as a user writes it, with the topic as a parameter. */
    private static void sendFromYaml(String id, String topic, String body) throws Exception {
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString(id + ".yaml", """
                - route:
                    id: %s
                    from:
                      uri: direct:%s
                      steps:
                        - to:
                            uri: bactrian
                            parameters: { topic: %s }
                """.formatted(id, id, Jsoner.serialize(topic))));
        template.sendBody("direct:" + id, body);
    }

    /** A route as a user writes it, with the Kamelet's properties as parameters. */
    private static void sendToSinkFromYaml(String id, String topic, String body) throws Exception {
        PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString(id + ".yaml", """
                - route:
                    id: %s
                    from:
                      uri: direct:%s
                      steps:
                        - to:
                            uri: kamelet:bactrian-publish-sink
                            parameters: { publisher: sink, port: %d, topic: %s }
                """.formatted(
                        id, id, hub.publishPort(), Jsoner.serialize(topic))));
        template.sendBody("direct:" + id, body);
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aSubscriptionIsToWhatWasGiven(String name) throws Exception {
        String number = "s" + NUMBER.incrementAndGet();
        context.getPropertiesComponent()
                .addOverrideProperty("camel.kamelet.bactrian-subscribe-source." + number + ".topic", name);
        Map<String, String> sources = new LinkedHashMap<>();
        String places = "&port=" + hub.subscribePort() + "&data=RAW(" + folder.resolve("a+b%41 &c") + ")";
        if (isQuotable(name)) {
            sources.put("exact", "bactrian:exact?exactTopic=" + RawValue.of(name) + "&subscriber=e" + number);
            sources.put(
                    "source with a property",
                    "kamelet:bactrian-subscribe-source/" + number + "?subscriber=RAW(k +" + number + ")" + places);
        }
        if (isQuotable(name) && !name.startsWith("#")) {
            sources.put(
                    "source",
                    "kamelet:bactrian-subscribe-source?topic=" + RawValue.of(name) + "&subscriber=" + number + places);
        }
        Map<String, String> got = new ConcurrentHashMap<>();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                sources.forEach((way, uri) -> from(uri)
                        .routeId(way + number)
                        .process(e -> got.merge(way, e.getMessage().getBody(String.class), String::concat)));
            }
        });
        for (String topic : List.of(name + "x", "x" + name, name)) {
            template.sendBodyAndHeader(
                    "bactrian:x?topicFromHeader=true", "[" + topic + "]", BactrianConstants.TOPIC, topic);
        }
        await().atMost(LONG).until(() -> got.size() == sources.size());
        assertThat(got.values())
                .allMatch(bodies -> bodies.replace("[" + name + "]", "").isEmpty());
    }

    /** What a URI says, where the name is written into it as it is, by the rules of URIs and of Camel. */
    private static String written(String way, String name) {
        return switch (way) {
            case "path", "YAML", "parameters of a factory" -> name.replaceFirst("^//", "");
            case "exact in parentheses", "exact in braces" -> name.replace("%25", "%");
            case "map", "exact without RAW" -> name.replaceFirst("^RAW.x.$", "x");
            // Camel leaves line breaks out of a URI, and a parameter in YAML may be quoted.
            case "sink in YAML" -> name.replaceFirst("^RAW.x.$", "x").replace("\n", "");
            default -> name;
        };
    }

    @Test
    void aTopicThatEndsInAnAsteriskIsWrittenWithABackslashInAnEndpoint() throws Exception {
        String number = String.valueOf(NUMBER.incrementAndGet());
        template.sendBodyAndHeader(
                "bactrian:x?topicFromHeader=true", "header " + number, BactrianConstants.TOPIC, "a*");
        template.sendBody("bactrian:exact?exactTopic=RAW(a\\*)", "exact " + number);
        template.sendBodyAndHeader("direct:toD", "toD " + number, "name", "a\\*");
        template.sendBody(
                "kamelet:bactrian-publish-sink?publisher=sink&topic=a\\*&port=" + hub.publishPort(), "sink " + number);
        put("a*", "command " + number);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(List.of("header ", "exact ", "toD ", "sink ", "command "))
                        .allSatisfy(way -> assertThat(ARRIVED).containsEntry(way + number, "a*")));
        for (String endpoint : List.of("bactrian:a*", "bactrian:exact?exactTopic=RAW(a*)")) {
            assertThatThrownBy(() -> template.sendBody(endpoint, "x"))
                    .hasStackTraceContaining("one that ends in an asterisk is written \\*");
        }
        assertThatThrownBy(() -> template.sendBodyAndHeader("direct:toD", "x", "name", "a*"))
                .hasStackTraceContaining("one that ends in an asterisk is written \\*");
    }

    private static boolean isQuotable(String name) {
        try {
            return !RawValue.of(name).isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void put(String topic, String body) {
        StringWriter err = new StringWriter();
        int code = Main.run(
                new ByteArrayOutputStream(),
                new PrintWriter(err),
                "put",
                topic,
                body,
                "--hub",
                "127.0.0.1",
                "--publish-port",
                String.valueOf(hub.publishPort()),
                "--subscribe-port",
                String.valueOf(hub.subscribePort()),
                "--data",
                folder.resolve("command").toString());
        assertThat(code).as(err.toString()).isZero();
    }
}
