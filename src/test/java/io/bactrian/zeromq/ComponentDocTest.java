package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.tooling.model.ComponentModel;
import org.apache.camel.tooling.model.JsonMapper;
import org.junit.jupiter.api.Test;

/**
 * The option table of the component's page is generated from the component's metadata. With
 * {@code -Dbactrian.docs.write=true} this writes it, else it checks it.
 */
class ComponentDocTest {
    private static final Path PAGE = Path.of("docs/reference/zeromq-component.md");
    private static final String BEGIN = "<!-- options: written by ComponentDocTest -->\n";
    private static final String END = "<!-- end -->\n";

    private static String table() throws IOException {
        try (InputStream json =
                ComponentDocTest.class.getResourceAsStream("/META-INF/io/bactrian/zeromq/zeromq.json")) {
            assertThat(json).isNotNull();
            ComponentModel model = JsonMapper.generateComponentModel(new String(json.readAllBytes(), UTF_8));
            StringBuilder table = new StringBuilder("| option | for | type | default | |\n|---|---|---|---|---|\n");
            for (var option : model.getEndpointOptions()) {
                Object value = option.getDefaultValue();
                table.append("| `")
                        .append(option.getName())
                        .append("` | ")
                        .append(option.getLabel() == null ? "" : option.getLabel())
                        .append(" | ")
                        .append(option.getType())
                        .append(" | ")
                        .append(value == null ? "" : value)
                        .append(" | ")
                        .append(option.getDescription().replace("|", "\\|"))
                        .append(" |\n");
            }
            return table.toString();
        }
    }

    @Test
    void theOptionTableIsThatOfTheMetadata() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END, begin);
        assertThat(begin).isGreaterThan(BEGIN.length());
        assertThat(end).isGreaterThan(0);
        if (Boolean.getBoolean("bactrian.docs.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + table() + page.substring(end));
        } else {
            assertThat(page.substring(begin, end)).isEqualTo(table());
        }
    }
}
