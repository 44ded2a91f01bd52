package io.bactrian.pubsub.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import javax.tools.ToolProvider;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the example of the page; only ports and folder are the test's. */
@Timeout(600)
class JavaApiPageTest {
    private static final Path PAGE = Path.of("docs/how-to/java-api.md");
    private static final Set<String> CAMELS_OWN =
            Set.of("bridgeErrorHandler", "exceptionHandler", "exchangePattern", "lazyStartProducer");
    private static final String HOST = ".host(\"127.0.0.1\")";

    @TempDir
    Path folder;

    @Test
    void theExampleOfThePageRuns() throws Exception {
        String page = Files.readString(PAGE);
        int from = page.indexOf("```java\n") + 8;
        String example = page.substring(from, page.indexOf("```", from));
        assertThat(example).contains(HOST);
        try (BareHub hub = new BareHub(folder.resolve("hub"))) {
            String here = HOST + ".publishPort(" + hub.publishPort() + ").subscribePort(" + hub.subscribePort()
                    + ").data(java.nio.file.Path.of(\"" + folder.resolve("data") + "\"))";
            Path source = folder.resolve("Kitchen.java");
            Files.writeString(source, example.replace(HOST, here));
            int compiled = ToolProvider.getSystemJavaCompiler()
                    .run(
                            null,
                            null,
                            null,
                            "-proc:none",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-d",
                            folder.toString(),
                            source.toString());
            assertThat(compiled).isZero();
            assertThat(run()).isEqualTo("readings/kitchen 21.5\n");
        }
    }

    @Test
    void thePageOfTheComponentNamesEveryOptionWithItsDefault() throws Exception {
        String page = Files.readString(Path.of("docs/reference/bactrian-component.md"));
        JsonObject catalogue = (JsonObject) Jsoner.deserialize(
                Files.readString(Path.of("src/generated/resources/META-INF/io/bactrian/pubsub/client/bactrian.json")));
        ((JsonObject) catalogue.get("properties")).forEach((name, value) -> {
            JsonObject option = (JsonObject) value;
            if (!CAMELS_OWN.contains(name)) {
                assertThat(page).contains("`" + name).contains(option.getString("description"));
            }
        });
    }

    private String run() throws Exception {
        PrintStream former = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(out, true, UTF_8));
            loader.loadClass("Kitchen").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(former);
        }
        return out.toString(UTF_8);
    }
}
