package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.tooling.model.BaseOptionModel;
import org.apache.camel.tooling.model.ComponentModel;
import org.apache.camel.tooling.model.JsonMapper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The tables of options and headers in the component's page are generated from the component's metadata. With
 * {@code -Dbactrian.docs.write=true} this writes them, else it checks them.
 */
class ComponentDocTest {
    private static final Path PAGE = Path.of("docs/reference/zeromq-component.md");
    private static final String END = "<!-- end -->\n";

    private static ComponentModel model() throws IOException {
        try (InputStream json =
                ComponentDocTest.class.getResourceAsStream("/META-INF/io/bactrian/zeromq/zeromq.json")) {
            assertThat(json).isNotNull();
            return JsonMapper.generateComponentModel(new String(json.readAllBytes(), UTF_8));
        }
    }

    /** Those that are not also options of an endpoint. */
    private static String component() throws IOException {
        Set<String> endpoint = model().getEndpointOptions().stream()
                .map(BaseOptionModel::getName)
                .collect(Collectors.toSet());
        return options(model().getComponentOptions().stream()
                .filter(option -> !endpoint.contains(option.getName()))
                .toList());
    }

    private static String endpoint() throws IOException {
        return options(model().getEndpointOptions());
    }

    private static String options(List<? extends BaseOptionModel> options) {
        StringBuilder table = new StringBuilder("| option | for | type | default | |\n|---|---|---|---|---|\n");
        for (BaseOptionModel option : options) {
            Object value = option.getDefaultValue();
            row(
                    table,
                    "`" + option.getName() + "`",
                    text(option.getLabel()),
                    option.getType(),
                    value == null ? "" : value.toString(),
                    option.getDescription());
        }
        return table.toString();
    }

    private static String headers() throws IOException {
        StringBuilder table = new StringBuilder("| header | for | type | |\n|---|---|---|---|\n");
        for (var header : model().getEndpointHeaders()) {
            row(
                    table,
                    "`" + header.getName() + "`",
                    text(header.getLabel()),
                    "`" + header.getJavaType() + "`",
                    header.getDescription());
        }
        return table.toString();
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static void row(StringBuilder table, String... cells) {
        for (String cell : cells) {
            table.append("| ").append(cell.replace("|", "\\|")).append(' ');
        }
        table.append("|\n");
    }

    private static void check(String name, String table) throws IOException {
        String mark = "<!-- " + name + ": written by ComponentDocTest -->\n";
        String page = Files.readString(PAGE);
        int begin = page.indexOf(mark) + mark.length();
        int end = page.indexOf(END, begin);
        assertThat(page).contains(mark);
        assertThat(end).isGreaterThan(0);
        if (Boolean.getBoolean("bactrian.docs.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
        } else {
            assertThat(page.substring(begin, end)).isEqualTo(table);
        }
    }

    @Test
    void theOptionTablesAreThoseOfTheMetadata() throws IOException {
        check("component options", component());
        check("options", endpoint());
    }

    @Test
    void theHeaderTableIsThatOfTheMetadata() throws IOException {
        check("headers", headers());
    }
}
