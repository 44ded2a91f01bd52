package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.JavaCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.engine.PooledExchangeFactory;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** The component in applications of others. */
@Tag("slow")
class HousesTest {
    private static final String PULL = "zeromq:pull:tcp://127.0.0.1:*";
    private static final String LOGGING_SYSTEM = "org.springframework.boot.logging.LoggingSystem";

    @TempDir
    Path folder;

    /** What an application has that uses Camel's starter. There is a database on the class path that it does not use. */
    @SpringBootConfiguration
    @EnableAutoConfiguration(exclude = {DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
    static class Application {
        final Queue<String> received = new ConcurrentLinkedQueue<>();

        @Bean
        RouteBuilder routes() {
            return new RouteBuilder() {
                @Override
                public void configure() {
                    from("{{in}}").process(e -> received.add(e.getMessage().getBody(String.class)));
                    from("zeromq:rep:tcp://127.0.0.1:*").routeId("rep").transform(body().prepend("re: "));
                }
            };
        }
    }

    private static String bound(CamelContext context, String uri) {
        return context.getEndpoint(uri, ZeroMqEndpoint.class)
                .getBoundAddresses()
                .get(0);
    }

    @Test
    void springBoot() {
        // Spring Boot would set up the logging of this whole process anew.
        System.setProperty(LOGGING_SYSTEM, "none");
        try (ConfigurableApplicationContext spring = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties("in=" + PULL, "camel.main.jmx-enabled=false")
                .run()) {
            CamelContext context = spring.getBean(CamelContext.class);
            Application application = spring.getBean(Application.class);
            var template = context.createProducerTemplate();
            template.sendBody("zeromq:push:" + bound(context, PULL), "hello");
            await().until(() -> application.received.contains("hello"));
            String rep = bound(context, "zeromq:rep:tcp://127.0.0.1:*");
            assertThat(template.requestBody("zeromq:req:" + rep, "boot", String.class))
                    .isEqualTo("re: boot");
        } finally {
            System.clearProperty(LOGGING_SYSTEM);
        }
    }

    @Test
    void camelMainWithXml() throws Exception {
        Path routes = Files.writeString(folder.resolve("houses.camel.xml"), """
                <routes xmlns="http://camel.apache.org/schema/xml-io">
                  <route id="answer">
                    <from uri="zeromq:rep:tcp://127.0.0.1:*"/>
                    <setBody><simple>xml: ${body}</simple></setBody>
                  </route>
                </routes>
                """);
        Main main = new Main();
        main.configure().withRoutesIncludePattern("file:" + routes);
        main.configure().withJmxEnabled(false);
        main.start();
        try {
            CamelContext context = main.getCamelContext();
            String rep = bound(context, "zeromq:rep:tcp://127.0.0.1:*");
            assertThat(context.createProducerTemplate().requestBody("zeromq:dealer:" + rep, "hello", String.class))
                    .isEqualTo("xml: hello");
        } finally {
            main.stop();
        }
    }

    /** Its Exchanges are used again as soon as they are released, so nothing may be read from them then. */
    @Test
    void pooledExchanges() throws Exception {
        try (var context = ZeroMqTest.context()) {
            context.getCamelContextExtension().setExchangeFactory(new PooledExchangeFactory());
            Queue<String> received = new ConcurrentLinkedQueue<>();
            Queue<String> failed = new ConcurrentLinkedQueue<>();
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from(PULL).process(e -> received.add(e.getMessage().getBody(String.class)));
                    from(PULL + "?socketName=fails&exceptionHandler=#failures").process(e -> {
                        throw new IllegalArgumentException(e.getMessage().getBody(String.class));
                    });
                    from("zeromq:rep:tcp://127.0.0.1:*").transform(body().prepend("re: "));
                    from("zeromq:rep:tcp://127.0.0.1:*?socketName=async")
                            .delay(1)
                            .asyncDelayed()
                            .transform(body().prepend("async: "));
                    from("zeromq:rep:tcp://127.0.0.1:*?socketName=several&concurrentExchanges=8")
                            .delay(1)
                            .asyncDelayed()
                            .transform(body().prepend("async: "));
                }
            });
            context.getRegistry().bind("failures", new FailureCollector(failed));
            context.start();
            var template = context.createProducerTemplate();
            List<String> numbers =
                    IntStream.range(0, 1_000).mapToObj(Integer::toString).toList();
            String push = "zeromq:push:" + bound(context, PULL);
            numbers.forEach(number -> template.sendBody(push, number));
            await().until(() -> List.copyOf(received).equals(numbers));
            template.sendBody(
                    "zeromq:push:" + bound(context, PULL + "?socketName=fails&exceptionHandler=#failures"), "bad");
            await().until(() -> List.copyOf(failed).equals(List.of("bad")));
            for (String name : List.of("", "?socketName=async", "?socketName=several&concurrentExchanges=8")) {
                String dealer = "zeromq:dealer:" + bound(context, "zeromq:rep:tcp://127.0.0.1:*" + name);
                for (int i = 0; i < 50; i++) {
                    assertThat(template.requestBody(dealer, Integer.toString(i), String.class))
                            .isEqualTo((name.isEmpty() ? "re: " : "async: ") + i);
                }
            }
        }
    }

    /** The switch is read once in a process, so this takes one of its own. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreads() throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        JavaCommand.of(List.of("-Dcamel.threads.virtual.enabled=true"), VirtualThreadsMain.class))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(output, StandardCharsets.UTF_8)).contains("answered=1000 virtual=1000");
    }
}
