package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.app.ConfigKey;
import io.bactrian.app.ConfigKeys;
import io.bactrian.app.Configuration;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page of the configuration says what the shipped file says; {@code -Dbactrian.docs.write=true} writes it anew. */
class ConfigurationPageTest {
    private static final Path PAGE = Project.ROOT.resolve("docs/reference/configuration.md");

    @Test
    void thePageShowsEveryKeyAsItIsDeclared() throws IOException {
        String page = page(Configuration.declared());
        if (Boolean.getBoolean("bactrian.docs.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/reference/configuration.md is behind config/application.properties:"
                        + " mvn test -Dtest=ConfigurationPageTest -Dbactrian.docs.write=true")
                .isEqualTo(page);
    }

    static List<Path> roleFiles() throws IOException {
        return Project.files(Project.ROOT.resolve("config")).stream()
                .filter(file -> file.getFileName().toString().matches("application-.*\\.properties"))
                .toList();
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("roleFiles")
    void aRoleSetsOnlyDeclaredKeysToValuesThatFit(Path file) throws IOException {
        Properties values = new Properties();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            values.load(reader);
        }
        ConfigKeys keys = Configuration.declared();
        List<String> wrong = new ArrayList<>();
        for (String key : values.stringPropertyNames()) {
            if (key.startsWith(ConfigKeys.PREFIX) && keys.find(key).isEmpty()) {
                wrong.add(key + " is not declared in config/application.properties");
            }
        }
        assertThat(wrong).as(Project.name(file)).isEmpty();
    }

    private static String page(ConfigKeys keys) {
        StringBuilder page = new StringBuilder("""
                # Configuration

                Every key, as `config/application.properties` declares it. Its default is the weakest
                value; stronger are, in this order, `config/application-<role>.properties`, an
                environment variable (`BACTRIAN_DATA` for `bactrian.data`), `-Dkey=value` in
                `BACTRIAN_OPTS`, and `--set key=value` on the command line. A part in angle brackets
                stands for any text. Durations are written as `500ms`, `5s`, `1h30m` or `7d`, sizes in
                octets as `512`, `64k`, `16m` or `2g`. A wrong configuration stops the start with one
                message that lists every problem. Keys that do not begin with `bactrian.` go to Camel.

                | key | default | type | meaning |
                |---|---|---|---|
                """);
        for (ConfigKey key : keys.keys()) {
            page.append("| `").append(key.name()).append("` | ");
            page.append(key.set() ? code(key.value()) : "not set; such as " + code(key.value()))
                    .append(" | ");
            page.append(key.typeWords().replace("|", "\\|")).append(" | ");
            page.append(key.meaning().replace("|", "\\|")).append(" |\n");
        }
        return page.toString();
    }

    private static String code(String value) {
        return value.isEmpty() ? "empty" : "`" + value + "`";
    }
}
