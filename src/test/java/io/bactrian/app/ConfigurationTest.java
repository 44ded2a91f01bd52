package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {
    private static final String PORT = "bactrian.management.port";

    @TempDir
    Path folder;

    private TestHome home;

    @BeforeEach
    void prepare() throws IOException {
        home = new TestHome(folder)
                .role("clock", "bactrian.routes=pubsub/tick", PORT + "=6001")
                .role("echo", "bactrian.routes=pubsub/tick,pubsub/tock", PORT + "=6002", "my.own.key=1")
                .route("tick", "Ticks.", "timer:tick", "- to: { uri: direct:tock }")
                .route("tock", "Says tock.", "direct:tock", "- log: { message: tock }");
    }

    @Test
    void theJarHasADefaultForEverything() {
        Configuration configuration =
                Configuration.load(new Installation(Optional.empty()), List.of(), Map.of(), Map.of(), new Properties());
        assertThat(configuration.get("bactrian.data")).isEqualTo("data");
        assertThat(configuration.number(PORT)).isEqualTo(5580);
        assertThat(configuration.get("camel.management.port")).isEqualTo("5580");
        assertThat(configuration.forCamel()).containsEntry("camel.management.host", "{{bactrian.management.host}}");
    }

    @Test
    void strongerLayersWin() throws IOException {
        assertThat(home.load(List.of("clock"), Map.of()).number(PORT)).isEqualTo(6001);
        assertThat(home.load(List.of("clock", "echo"), Map.of()).number(PORT)).isEqualTo(6002);
        home.config("application.properties", PORT + "=6000");
        assertThat(home.load(List.of(), Map.of()).number(PORT)).isEqualTo(6000);

        Map<String, String> environment = Map.of("BACTRIAN_MANAGEMENT_PORT", "6003");
        Properties system = new Properties();
        assertThat(load(Map.of(), environment, system).number(PORT)).isEqualTo(6003);
        system.setProperty(PORT, "6004");
        assertThat(load(Map.of(), environment, system).number(PORT)).isEqualTo(6004);
        assertThat(load(Map.of(PORT, "6005"), environment, system).number(PORT)).isEqualTo(6005);
    }

    private Configuration load(Map<String, String> overrides, Map<String, String> environment, Properties system) {
        return Configuration.load(
                new Installation(Optional.of(folder)), List.of("clock"), overrides, environment, system);
    }

    @Test
    void theRoutesOfAllRolesAreJoinedOnceEach() {
        assertThat(home.load(List.of("clock", "echo"), Map.of()).routePatterns())
                .containsExactly(
                        "file:" + folder.resolve("routes/pubsub/tick.camel.yaml"),
                        "file:" + folder.resolve("routes/pubsub/tock.camel.yaml"));
        assertThat(home.load(List.of("clock"), Map.of("bactrian.routes", "pubsub/*"))
                        .routePatterns())
                .containsExactly(
                        "file:" + folder.resolve("routes/pubsub/*.camel.yaml"),
                        "file:" + folder.resolve("routes/pubsub/*.camel.xml"));
    }

    @Test
    void everyProblemIsListedAtOnce() throws IOException {
        home.role("bad", "bactrian.routes=pubsub/nowhere", "bactrian.hub.database.user={{bactrian.usr}}");
        assertThatThrownBy(() -> home.load(
                        List.of("bad", "absent"),
                        Map.of("bactrian.managment.port", "1", PORT, "70000", "bactrian.stop.timeout", "fast")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("6 places")
                .hasMessageContaining("bactrian.routes names 'pubsub/nowhere' (config/application-bad.properties), but")
                .hasMessageContaining(
                        "bactrian.hub.database.user = '{{bactrian.usr}}' (config/application-bad.properties)")
                .hasMessageContaining("no role 'absent'")
                .hasMessageContaining("bactrian.managment.port (--set) is not a key of Bactrian; did you mean " + PORT)
                .hasMessageContaining(PORT + " = '70000' (--set) is not right: give a whole number from 1 to 65535")
                .hasMessageContaining("bactrian.stop.timeout = 'fast'");
    }

    @Test
    void aRoleWithoutRoutesIsAProblem() throws IOException {
        home.role("empty", "my.own.key=1");
        assertThatThrownBy(() -> home.load(List.of("clock", "empty"), Map.of()))
                .hasMessageContaining("role 'empty' names no route files");
    }

    @Test
    void aPasswordIsNeverShown() throws IOException {
        home.role("bad", "bactrian.routes=pubsub/tick", "bactrian.hub.database.password={{geheim}}");
        assertThatThrownBy(() -> home.load(List.of("bad"), Map.of()))
                .hasMessageContaining("bactrian.hub.database.password = xxxxxx")
                .hasMessageNotContaining("'{{geheim}}'");
    }

    @Test
    void keysOfOthersGoToCamelAsTheyAre() {
        assertThat(home.load(List.of("echo"), Map.of()).forCamel()).containsEntry("my.own.key", "1");
    }

    @Test
    void referencesAreResolvedAsCamelDoes() {
        Placeholders placeholders = new Placeholders(key -> Optional.ofNullable(
                Map.of("a", "1", "b", "{{a}}2", "c", "{{c}}").get(key)));
        assertThat(placeholders.resolve("x{{b}}")).isEqualTo("x12");
        assertThat(placeholders.resolve("{{none:7}}")).isEqualTo("7");
        assertThat(placeholders.resolve("{{env:HOME}}")).isEqualTo("{{env:HOME}}");
        assertThatThrownBy(() -> placeholders.resolve("{{c}}{{c}}")).hasMessageContaining("itself");
        assertThatThrownBy(() -> placeholders.resolve("{{none}}")).hasMessageContaining("none, which is not set");
    }
}
