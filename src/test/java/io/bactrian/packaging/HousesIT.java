package io.bactrian.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Required;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The component's own jar in applications of others: none of our classes is there but those that are in it. */
class HousesIT {
    /** All jars that there are but our own. */
    private static final Pattern OTHERS = Pattern.compile("(?!bactrian-|camel-zeromq-).*\\.jar");

    @TempDir
    Path folder;

    @Test
    void springBoot() throws Exception {
        String program = """
                import org.apache.camel.CamelContext;
                import org.apache.camel.builder.RouteBuilder;
                import org.springframework.boot.SpringBootConfiguration;
                import org.springframework.boot.WebApplicationType;
                import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
                import org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration;
                import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
                import org.springframework.boot.builder.SpringApplicationBuilder;
                import org.springframework.context.annotation.Bean;

                @SpringBootConfiguration(proxyBeanMethods = false)
                @EnableAutoConfiguration(exclude = {DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
                public class Boot {
                    @Bean
                    public RouteBuilder routes() {
                        return new RouteBuilder() {
                            @Override
                            public void configure() {
                                from("zeromq:rep:ipc://{{socket}}").transform(body().prepend("boot: "));
                            }
                        };
                    }

                    public static void main(String[] arguments) {
                        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
                        try (var spring = new SpringApplicationBuilder(Boot.class)
                                .web(WebApplicationType.NONE)
                                .properties("socket=" + arguments[0], "camel.main.jmx-enabled=false")
                                .run()) {
                            System.out.println(spring.getBean(CamelContext.class).createProducerTemplate()
                                    .requestBody("zeromq:req:ipc://{{socket}}", "hello", String.class));
                        }
                        System.exit(0);
                    }
                }
                """;
        assertThat(Stranger.run(
                        Stranger.JAVA,
                        folder,
                        "Boot",
                        program,
                        Stranger.jars(OTHERS),
                        folder.resolve("s").toString()))
                .contains("boot: hello");
    }

    @Test
    void camelMainWithXml() throws Exception {
        assertThat(xml(Stranger.JAVA, "camel.main.name", "stranger")).contains("xml: hello");
    }

    @Test
    void camelMainWithPooledExchanges() throws Exception {
        assertThat(xml(Stranger.JAVA, "camel.main.exchangeFactory", "pooled")).contains("xml: hello");
    }

    @Test
    void camelMainWithVirtualThreads() throws Exception {
        Path java = Path.of(System.getProperty("bactrian.java25.home", ""), "bin", "java");
        if (!Files.isExecutable(java)) {
            Required.missing("Java 25: set JAVA25_HOME");
        }
        assertThat(xml(java.toString(), "camel.threads.virtual.enabled", "true"))
                .contains("xml: hello on a VirtualThread");
    }

    /** An application of camel-main with a route in XML, and a property of its own. */
    private String xml(String java, String property, String value) throws Exception {
        Path routes = Files.writeString(folder.resolve("stranger.camel.xml"), """
                <routes xmlns="http://camel.apache.org/schema/xml-io">
                  <route id="answer">
                    <from uri="zeromq:rep:ipc://{{socket}}?concurrentExchanges=10"/>
                    <threads/>
                    <setBody><simple>xml: ${body} on a ${bean:where?method=thread}</simple></setBody>
                  </route>
                </routes>
                """);
        String program = """
                import org.apache.camel.main.Main;

                public class Xml {
                    public String thread() {
                        return Thread.currentThread().getClass().getSimpleName();
                    }

                    public static void main(String[] arguments) throws Exception {
                        System.setProperty(arguments[2], arguments[3]);
                        Main main = new Main();
                        main.bind("where", new Xml());
                        main.configure().withRoutesIncludePattern("file:" + arguments[1]);
                        main.configure().withJmxEnabled(false);
                        main.addInitialProperty("socket", arguments[0]);
                        main.addInitialProperty(arguments[2], arguments[3]);
                        main.start();
                        System.out.println(main.getCamelContext().createProducerTemplate()
                                .requestBody("zeromq:dealer:ipc://{{socket}}", "hello", String.class));
                        main.stop();
                        System.exit(0);
                    }
                }
                """;
        return Stranger.run(
                java,
                folder,
                "Xml",
                program,
                Stranger.jars(OTHERS),
                folder.resolve("s").toString(),
                routes.toString(),
                property,
                value);
    }
}
