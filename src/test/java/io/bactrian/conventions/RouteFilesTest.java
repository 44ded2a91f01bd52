package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every shipped route can be found by its id and says what it is for. */
class RouteFilesTest {
    @TempDir
    Path folder;

    static Stream<Path> routeFiles() throws IOException {
        return Project.files(Project.ROOT.resolve("routes")).stream()
                .filter(file -> file.toString().matches(".*\\.camel\\.(yaml|xml)"));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("routeFiles")
    void everyRouteHasAnIdAndADescription(Path file) throws Exception {
        assertThat(problems(file)).as(Project.name(file)).isEmpty();
    }

    @Test
    void aRouteWithoutThemIsFound() throws Exception {
        Path file = folder.resolve("bad.camel.yaml");
        Files.writeString(file, "- route:\n    from:\n      uri: direct:a\n      steps:\n        - log: a\n");
        assertThat(problems(file)).hasSize(2);
    }

    private static List<String> problems(Path file) throws Exception {
        List<String> problems = new ArrayList<>();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.build();
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromBytes(file.getFileName().toString(), Files.readAllBytes(file)));
            for (RouteDefinition route : context.getRouteDefinitions()) {
                if (route.getRouteId() == null || !route.hasCustomIdAssigned()) {
                    problems.add("a route has no id");
                }
                if (route.getDescriptionText() == null
                        || route.getDescriptionText().isBlank()) {
                    problems.add("route " + route.getRouteId() + " has no description");
                }
            }
        }
        return problems;
    }
}
