package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A context has the beans of a hub if it has a route of one, however and whenever that came. */
class HubPluginTest {
    @TempDir
    Path folder;

    private final CamelContext context = new DefaultCamelContext();

    @BeforeEach
    void configure() {
        Properties properties = new Properties();
        properties.setProperty("bactrian.data", folder.toString());
        properties.setProperty("hub.bean", "bactrianHub");
        context.getPropertiesComponent().setOverrideProperties(properties);
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private static RoutesBuilder status(String bean) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:status").bean(bean, "statusLine");
            }
        };
    }

    private void assertIsAHub() {
        assertThat(context.createProducerTemplate().requestBody("direct:status", null, String.class))
                .startsWith("accepted=0 ");
        assertThat(context.getRegistry().lookupByNameAndType("bactrianHub", Hub.class))
                .isNotNull();
    }

    @Test
    void aContextWithoutARouteOfAHubHasNoneOfItsBeans() throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:other")
                        .filter(method("other", "isEmpty"))
                        .bean("other", "length")
                        .to("bean:other?method=length");
            }
        });
        context.getRegistry().bind("other", "x");
        context.start();
        for (Class<?> type : List.of(Hub.class, Intake.class, Feed.class, PlainPeers.class, HubElection.class)) {
            assertThat(context.getRegistry().findByType(type))
                    .as(type.getName())
                    .isEmpty();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bactrianHub", "{{hub.bean}}"})
    void aRouteThatIsThereAtTheStartHasThem(String bean) throws Exception {
        context.addRoutes(status(bean));
        context.start();
        assertIsAHub();
    }

    @Test
    void aRouteThatIsAddedToARunningContextHasThem() throws Exception {
        context.start();
        assertThat(context.getRegistry().findByType(Hub.class)).isEmpty();
        context.addRoutes(status("bactrianHub"));
        assertIsAHub();
    }

    @Test
    void aRouteThatATemplateMakesHasThem() throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                routeTemplate("status-of")
                        .templateParameter("bean")
                        .from("direct:status")
                        .bean("{{bean}}", "statusLine");
            }
        });
        context.start();
        assertThat(context.getRegistry().findByType(Hub.class)).isEmpty();
        context.addRouteFromTemplate("status", "status-of", Map.of("bean", "bactrianHub"));
        assertIsAHub();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- to: { uri: 'bean:bactrianHub?method=statusLine' }",
                "- to: { uri: bean:bactrianHub, parameters: { method: statusLine } }",
                "- setBody: { expression: { method: { ref: bactrianHub, method: statusLine } } }",
                "- setBody: { expression: { simple: { expression: '${bean:bactrianHub?method=statusLine}' } } }"
            })
    void aRouteThatNamesOneInAnotherWayHasThem(String step) throws Exception {
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString(
                        "status.camel.yaml",
                        "- route:\n    id: status\n    from:\n      uri: direct:status\n      steps:\n        "
                                + step));
        context.start();
        assertIsAHub();
    }

    @Test
    void aRouteConfigurationThatNamesOneHasThem() throws Exception {
        context.addRoutes(new RouteConfigurationBuilder() {
            @Override
            public void configuration() {
                routeConfiguration("status")
                        .onException(Exception.class)
                        .handled(true)
                        .bean("bactrianHub", "statusLine");
            }
        });
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:status").routeConfigurationId("status").throwException(new IllegalStateException("no"));
            }
        });
        context.start();
        assertIsAHub();
    }

    @Test
    void aBeanThatTheApplicationHasUnderTheNameStays() throws Exception {
        Object own = new Object();
        context.getRegistry().bind("bactrianFeed", own);
        context.addRoutes(status("bactrianHub"));
        context.start();
        assertThat(context.getRegistry().lookupByName("bactrianFeed")).isSameAs(own);
        assertIsAHub();
    }
}
