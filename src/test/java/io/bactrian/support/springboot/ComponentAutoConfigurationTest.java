package io.bactrian.support.springboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.bactrian.journal.JournalComponent;
import io.bactrian.pubsub.client.BactrianComponent;
import io.bactrian.zeromq.ZeroMqComponent;
import io.bactrian.zeromq.ZeroMqSecurity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.flyway.FlywayAutoConfiguration;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** The options of our components in an application of Spring Boot. */
class ComponentAutoConfigurationTest {
    private static final Path METADATA = Path.of("src/generated/resources/META-INF/spring-configuration-metadata.json");

    /** There is a database on the class path that the application does not use. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = {DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
    static class Application {
        @Bean
        BactrianComponent branch() {
            return new BactrianComponent();
        }
    }

    @BeforeAll
    static void leaveTheLoggingOfThisProcess() {
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
    }

    private static ConfigurableApplicationContext start(String... arguments) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties(Map.of("camel.main.jmx-enabled", "false", "camel.component.bactrian.host", "the.weakest"))
                .run(arguments);
    }

    private static <T extends Component> T component(
            ConfigurableApplicationContext spring, String name, Class<T> type) {
        return spring.getBean(CamelContext.class).getComponent(name, type);
    }

    @Test
    void everyDefaultOfTheMetadataIsTaken() throws Exception {
        JsonObject metadata = (JsonObject) Jsoner.deserialize(Files.readString(METADATA));
        List<String> arguments = new ArrayList<>();
        for (Object property : metadata.getCollection("properties")) {
            JsonObject described = (JsonObject) property;
            if (described.get("defaultValue") != null) {
                arguments.add("--" + described.getString("name") + "=" + described.get("defaultValue"));
            }
        }
        assertThat(arguments).hasSizeGreaterThan(70);
        try (ConfigurableApplicationContext spring = start(arguments.toArray(String[]::new))) {
            assertThat(component(spring, "zeromq", ZeroMqComponent.class).getConfiguration())
                    .usingRecursiveComparison()
                    .isEqualTo(new ZeroMqComponent().getConfiguration());
            assertThat(component(spring, "bactrian", BactrianComponent.class).getConfiguration())
                    .usingRecursiveComparison()
                    .isEqualTo(new BactrianComponent().getConfiguration());
        }
    }

    @Test
    void theOptionsOfAllComponentsAreSetInEveryWayThatSpringWritesThem() {
        try (ConfigurableApplicationContext spring = start(
                "--camel.component.zeromq.ioThreads=3",
                "--camel.component.zeromq.request-timeout=7s",
                "--camel.component.zeromq.security=plain",
                "--camel.component.zeromq.PLAIN_PASSWORD=${secret}",
                "--secret=in a placeholder",
                "--camel.component.journal.root=elsewhere",
                "--camel.component.bactrian.publishport=1",
                "--camel.component.branch.host=a.branch")) {
            ZeroMqComponent zeromq = component(spring, "zeromq", ZeroMqComponent.class);
            assertThat(zeromq.getIoThreads()).isEqualTo(3);
            assertThat(zeromq.getConfiguration().getRequestTimeout()).isEqualTo(7_000);
            assertThat(zeromq.getConfiguration().getSecurity()).isEqualTo(ZeroMqSecurity.plain);
            assertThat(zeromq.getConfiguration().getPlainPassword()).isEqualTo("in a placeholder");
            assertThat(component(spring, "journal", JournalComponent.class).getRoot())
                    .isEqualTo("elsewhere");
            BactrianComponent bactrian = component(spring, "bactrian", BactrianComponent.class);
            assertThat(bactrian.getConfiguration().getPublishPort()).isEqualTo(1);
            assertThat(bactrian.getConfiguration().getHost()).isEqualTo("the.weakest");
            BactrianComponent branch = component(spring, "branch", BactrianComponent.class);
            assertThat(branch.getConfiguration().getHost()).isEqualTo("a.branch");
            assertThat(branch.getConfiguration().getPublishPort()).isEqualTo(5570);
        }
    }

    @Test
    void theStrongestSourceOfAnOptionCountsHoweverItIsWritten() {
        try (ConfigurableApplicationContext spring = start("--camel.component.bactrian.HOST=the.strongest")) {
            assertThat(component(spring, "bactrian", BactrianComponent.class)
                            .getConfiguration()
                            .getHost())
                    .isEqualTo("the.strongest");
        }
    }

    @Test
    void optionsThatAreSwitchedOffAreNotSet() {
        for (String off : List.of(
                "camel.component.bactrian.enabled",
                "camel.component.bactrian.customizer.enabled",
                "camel.component.enabled")) {
            try (ConfigurableApplicationContext spring =
                    start("--" + off + "=false", "--camel.component.bactrian.x=y")) {
                assertThat(component(spring, "bactrian", BactrianComponent.class)
                                .getConfiguration()
                                .getHost())
                        .as(off)
                        .isEqualTo("127.0.0.1");
            }
        }
    }

    @Test
    void aStartSaysAllThatIsWrongAndNoSecret() throws IOException {
        Throwable failure = catchThrowable(() -> start(
                        "--camel.component.zeromq.plain-passwort=Geheim1",
                        "--camel.component.zeromq.plain-password=Geheim2{{nowhere}}",
                        "--camel.component.zeromq.curve-secret-key=Geheim3{{",
                        "--camel.component.zeromq.io-threads=many",
                        "--camel.component.zeromq.bind=perhaps",
                        "--camel.component.zeromq.security=gnome",
                        "--camel.component.zeromq.request-timeout=a while")
                .close());
        assertThat(new ComponentOptionsFailureAnalyzer().analyze(failure).getDescription())
                .contains("camel.component.zeromq.plain-passwort is no option of the component zeromq")
                .contains("camel.component.zeromq.plain-password cannot be set: a bean or a property that")
                .contains("camel.component.zeromq.curve-secret-key cannot be set: a bean or a property that")
                .contains("camel.component.zeromq.io-threads cannot be set: it must be a value of the type int: ")
                .contains("camel.component.zeromq.bind cannot be set: it must be a value of the type Boolean: ")
                .contains(
                        "camel.component.zeromq.security cannot be set: it must be a value of the type ZeroMqSecurity: ")
                .contains(
                        "camel.component.zeromq.request-timeout cannot be set: it must be a value of the type long: ");
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain("Geheim");
    }
}
