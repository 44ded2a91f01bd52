package io.bactrian.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The component's own jar needs nothing but camel-support and JeroMQ. */
class ComponentJarIT {
    /** Camel-support with what it needs itself, and JeroMQ with what it needs itself. */
    private static final Pattern NEEDED = Pattern.compile(
            "(camel-(api|support|util|util-json|management-api|xml-jaxp-util)|slf4j-api|jeromq|jnacl)-[0-9].*");
    /** What a Camel application has besides: its engine. */
    private static final Pattern ENGINE = Pattern.compile(
            "camel-(core-engine|base|base-engine|core-model|core-processor|core-reifier|core-languages|core-catalog)-[0-9].*");

    @TempDir
    Path folder;

    @Test
    void holdsTheComponentAndNothingElse() {
        Set<String> entries = Built.entries(Built.componentJar());
        assertThat(entries)
                .allMatch(name -> name.startsWith("META-INF/")
                        || name.startsWith("io/bactrian/zeromq/")
                        || name.startsWith("io/bactrian/support/service/ServiceDirectory")
                        || name.startsWith("io/bactrian/support/springboot/")
                        || name.startsWith("io/bactrian/support/thread/")
                        || name.startsWith("io/bactrian/support/text/FileErrors")
                        || name.startsWith("io/bactrian/support/text/RateLimitedLog"))
                .contains(
                        "io/bactrian/zeromq/ZeroMqComponent.class",
                        "META-INF/io/bactrian/zeromq/zeromq.json",
                        "META-INF/services/org/apache/camel/component/zeromq",
                        "META-INF/services/org/apache/camel/configurer/zeromq-endpoint");
        assertThat(entries)
                .filteredOn(name -> name.startsWith("META-INF/services/"))
                .allMatch(name -> name.contains("/zeromq")
                        || name.endsWith("/component.properties")
                        || name.endsWith("/TypeConverterLoader"));
    }

    @Test
    void itsListOfComponentsNamesOnlyZeroMq() throws IOException {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {url(Built.componentJar())}, null)) {
            URL list = loader.findResource("META-INF/services/org/apache/camel/component.properties");
            assertThat(new String(list.openStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("components=zeromq\n", "artifactId=camel-zeromq\n", "version=" + Built.VERSION)
                    .doesNotContain("journal");
        }
    }

    @Test
    void itsClassesLoadWithCamelSupportAndJeroMqOnly() throws Exception {
        List<URL> urls = new ArrayList<>(List.of(url(Built.componentJar())));
        for (Path jar : Stranger.jars(NEEDED)) {
            urls.add(url(jar));
        }
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> component = loader.loadClass("io.bactrian.zeromq.ZeroMqComponent");
            assertThat(component.getDeclaredConstructor().newInstance()).isNotNull();
            assertThat(loader.getResource("org/h2/Driver.class")).isNull();
            assertThat(loader.getResource("io/micrometer/core/instrument/Meter.class"))
                    .isNull();
        }
    }

    @Test
    void aStrangersApplicationSendsAMessageThroughIt() throws Exception {
        String program = """
                import org.apache.camel.ConsumerTemplate;
                import org.apache.camel.ProducerTemplate;
                import org.apache.camel.impl.DefaultCamelContext;

                public class Stranger {
                    public static void main(String[] arguments) throws Exception {
                        try (var context = new DefaultCamelContext()) {
                            context.start();
                            ConsumerTemplate consumer = context.createConsumerTemplate();
                            consumer.start();
                            ProducerTemplate producer = context.createProducerTemplate();
                            String address = "ipc://" + arguments[0];
                            new Thread(() -> producer.sendBody("zeromq:push:" + address, "hello".getBytes())).start();
                            byte[] body = consumer.receiveBody("zeromq:pull:" + address, 30_000, byte[].class);
                            System.out.println(body == null ? "nothing came" : new String(body));
                        }
                        System.exit(0);
                    }
                }
                """;
        List<Path> jars = new ArrayList<>(Stranger.jars(NEEDED));
        jars.addAll(Stranger.jars(ENGINE));
        assertThat(Stranger.run(
                        Stranger.JAVA,
                        folder,
                        "Stranger",
                        program,
                        jars,
                        folder.resolve("socket").toString()))
                .contains("hello");
    }

    private static URL url(Path file) throws IOException {
        return file.toUri().toURL();
    }
}
