package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.SplitDefinition;
import org.apache.camel.model.TryDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.URISupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The hub is shipped in YAML and in XML: each route has the same steps in both. */
class HubInTwoFormsTest {
    static Stream<String> files() throws IOException {
        return Project.files(Project.ROOT.resolve("routes/xml")).stream()
                .map(file -> file.getFileName().toString().replace(".camel.xml", ""));
    }

    @ParameterizedTest
    @MethodSource("files")
    void aRouteHasTheSameStepsInBoth(String name) throws Exception {
        Map<String, List<String>> xml = steps(Project.ROOT.resolve("routes/xml/" + name + ".camel.xml"), "");
        assertThat(xml).isNotEmpty();
        assertThat(steps(Project.ROOT.resolve("routes/pubsub/" + name + ".camel.yaml"), ""))
                .isEqualTo(xml);
    }

    @Test
    void aStepThatIsMissingIsFound() throws Exception {
        Path yaml = Project.ROOT.resolve("routes/pubsub/hear-subscribers.camel.yaml");
        assertThat(steps(yaml, "        - bean: { ref: bactrianFeed, method: keep }\n"))
                .isNotEqualTo(steps(Project.ROOT.resolve("routes/xml/hear-subscribers.camel.xml"), ""));
    }

    /** The steps of each route of a file, without a text that is cut out of it. */
    private static Map<String, List<String>> steps(Path file, String without) throws Exception {
        String text = Files.readString(file);
        assertThat(text).contains(without);
        Map<String, List<String>> routes = new TreeMap<>();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.build();
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString(file.getFileName().toString(), text.replace(without, "")));
            for (RouteDefinition route : context.getRouteDefinitions()) {
                List<String> steps = new ArrayList<>();
                steps.add(route.getGroup() + ": " + route.getDescriptionText());
                steps.add("from " + normal(route.getInput().getUri()));
                add(steps, route.getOutputs(), "");
                routes.put(route.getRouteId(), steps);
            }
        }
        return routes;
    }

    private static void add(List<String> steps, List<ProcessorDefinition<?>> outputs, String indent) throws Exception {
        for (ProcessorDefinition<?> output : outputs) {
            StringBuilder step = new StringBuilder(indent).append(output.getShortName());
            if (output instanceof BeanDefinition bean) {
                step.append(' ').append(bean.getRef()).append('.').append(bean.getMethod());
            } else if (output instanceof SendDefinition<?> send) {
                step.append(' ').append(normal(send.getUri()));
            } else if (output instanceof ExpressionNode node) {
                step.append(' ').append(node.getExpression().getExpression());
            }
            if (output instanceof SplitDefinition split) {
                step.append(" stopOnException=").append(split.getStopOnException());
            }
            steps.add(step.toString());
            add(steps, output.getOutputs(), indent + "  ");
            if (output instanceof TryDefinition tried && tried.getCatchClauses() != null) {
                // From XML they are among the outputs, from YAML they are not yet.
                List<ProcessorDefinition<?>> clauses = new ArrayList<>(tried.getCatchClauses());
                clauses.removeAll(output.getOutputs());
                add(steps, clauses, indent + "  ");
            }
        }
    }

    /** An address with its options in order. */
    private static String normal(String uri) throws Exception {
        String plain = uri.replace("%7B", "{").replace("%7D", "}");
        int options = plain.indexOf('?');
        return options < 0
                ? plain
                : plain.substring(0, options) + " "
                        + new TreeMap<>(URISupport.parseQuery(plain.substring(options + 1)));
    }
}
