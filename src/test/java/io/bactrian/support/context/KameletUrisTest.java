package io.bactrian.support.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of our Kamelets' properties that Camel would make others of, as a user writes them among the parameters of a route in YAML. */
class KameletUrisTest {
    private static final String NOBODY = "tcp://127.0.0.1:" + Ports.free();

    @TempDir
    Path folder;

    @Test
    void theKameletsAreThoseThatAreShipped() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("routes/kamelets"))) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".kamelet.yaml", ""))
                            .collect(Collectors.toSet()))
                    .isEqualTo(KameletUris.OURS);
        }
    }

    /** Starts a context with a route from a Kamelet, or to one; the Kamelet has these parameters. */
    private DefaultCamelContext start(boolean source, String kamelet, String parameters) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        context.disableJMX();
        context.getPropertiesComponent().addOverrideProperty("plus", "a+b");
        String uri = "{ uri: 'kamelet:" + kamelet + "', parameters: { " + parameters + " } }";
        PluginHelper.getRoutesLoader(context).loadRoutes(ResourceHelper.fromString("route.yaml", """
                        - route:
                            from:
                              uri: %s
                              %s
                              steps:
                                - filter:
                                    expression: { simple: { expression: "${body} != null" } }
                                    steps:
                                      - to: %s
                        """.formatted(
                        source ? "kamelet:" + kamelet : "direct:x",
                        source ? "parameters: { " + parameters + " }" : "",
                        source ? "{ uri: 'direct:y', parameters: { failIfNoConsumers: false } }" : uri)));
        try {
            context.start();
            return context;
        } catch (Exception e) {
            context.close();
            throw e;
        }
    }

    private String sinkTo(String topic) {
        return "topic: " + Jsoner.serialize(topic) + ", publisher: p, port: " + Ports.free();
    }

    @ParameterizedTest
    @CsvSource({
        "a+b, a + in the property topic is a blank in a URI",
        "{{plus}}, a + in the property topic is a blank in a URI",
        "a&b, there is no property b which could follow an &",
        "a&b=c, there is no property b which could follow an &",
        "a&publisher=q, the property publisher is given twice",
    })
    void aValueThatWouldBecomeAnotherStopsTheStart(String topic, String reason) {
        assertThatThrownBy(() ->
                        start(false, "bactrian-publish-sink", sinkTo(topic)).close())
                .hasStackTraceContaining(reason)
                .hasStackTraceContaining("write a value that has + or & as RAW(value)");
        assertThatThrownBy(() -> start(
                                true,
                                "bactrian-subscribe-source",
                                "subscriber: s, publisher: p, data: RAW(" + folder + "), topic: "
                                        + Jsoner.serialize(topic).replace("publisher", "subscriber"))
                        .close())
                .hasStackTraceContaining("kamelet:bactrian-subscribe-source: ");
        assertThatThrownBy(() -> start(
                                false,
                                "ship-sink",
                                "address: '" + NOBODY + "', target: x, folder: "
                                        + Jsoner.serialize(topic).replace("publisher", "target"))
                        .close())
                .hasStackTraceContaining("kamelet:ship-sink: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "RAW(a+b)", "RAW(a&b)", "RAW{a)&b}", "a%41", "a=b", "a/b"})
    void whatIsTakenAsItIsStarts(String topic) throws Exception {
        try (DefaultCamelContext context = start(false, "bactrian-publish-sink", sinkTo(topic))) {
            assertThat(context.isStarted()).isTrue();
        }
    }

    /** None of them is loaded when the endpoints of the others are there. */
    @Test
    void severalKameletsStartTogetherAndOneOfThemIsRefused() throws Exception {
        for (boolean lost : new boolean[] {false, true}) {
            DefaultCamelContext context = new DefaultCamelContext();
            context.disableJMX();
            String file = folder.resolve("data").toString();
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:x").to("kamelet:bactrian-publish-sink?topic=t&port=" + Ports.free());
                    from("direct:y").to("kamelet:ship-sink?folder=RAW(" + file + ")&address=" + NOBODY);
                    from("kamelet:bactrian-subscribe-source?topic=t&subscriber=s&port=" + Ports.free() + "&data=RAW("
                                    + file + ")")
                            .to("log:x");
                    from("direct:z")
                            .to("kamelet:bactrian-publish-sink?topic=u&port=" + Ports.free() + (lost ? "&b=c" : ""));
                }
            });
            try (context) {
                if (lost) {
                    assertThatThrownBy(context::start).hasStackTraceContaining("no property b which could follow an &");
                } else {
                    context.start();
                    assertThat(context.isStarted()).isTrue();
                }
            }
        }
    }

    /** The bound of it: what reads as a property that is not given otherwise, and a line break, are gone before anybody could see them. */
    @ParameterizedTest
    @CsvSource({"a&acceptance=HUB, a", "'a\nb', ab"})
    void whatCamelTakesForAnotherPropertyOrLeavesOutCannotBeTold(String topic, String becomes) throws Exception {
        try (DefaultCamelContext context = start(false, "bactrian-publish-sink", sinkTo(topic.replace("\\n", "\n")))) {
            assertThat(context.getEndpoints())
                    .anyMatch(endpoint -> endpoint.getEndpointUri().startsWith("bactrian:")
                            && endpoint.getEndpointUri().matches(".*exactTopic=RAW\\(" + becomes + "\\).*"));
        }
    }
}
