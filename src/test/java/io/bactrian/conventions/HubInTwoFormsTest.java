package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.CatchDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.SplitDefinition;
import org.apache.camel.model.TryDefinition;
import org.apache.camel.model.language.ExpressionDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.URISupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The hub is shipped in YAML and in XML: each route has the same steps in both. */
class HubInTwoFormsTest {
    /** Not part of a hub: it has no form in XML. */
    private static final String FORWARD_PLAIN = "forward-plain";

    /** A file that is there in one form only has a name here, too. */
    static Stream<String> files() throws IOException {
        return Stream.concat(names("routes/pubsub", ".camel.yaml"), names("routes/xml", ".camel.xml"))
                .filter(name -> !name.equals(FORWARD_PLAIN))
                .distinct();
    }

    private static Stream<String> names(String folder, String ending) throws IOException {
        return Project.files(Project.ROOT.resolve(folder)).stream()
                .map(file -> file.getFileName().toString().replace(ending, ""));
    }

    @ParameterizedTest
    @MethodSource("files")
    void aRouteHasTheSameStepsInBoth(String name) throws Exception {
        assertThat(steps(name, "", "")).isNotEmpty().isEqualTo(xmlSteps(name));
    }

    @Test
    void aStepThatIsMissingIsFound() throws Exception {
        assertThat(steps("hear-subscribers", "        - bean: { ref: bactrianFeed, method: keep }\n", ""))
                .isNotEqualTo(xmlSteps("hear-subscribers"));
    }

    @Test
    void anotherExceptionThatIsCaughtIsFound() throws Exception {
        assertThat(steps("take-in", "java.lang.Exception", "java.io.IOException"))
                .isNotEqualTo(xmlSteps("take-in"));
    }

    @Test
    void anotherConditionIsFound() throws Exception {
        assertThat(steps("publish-plain", "method: wanted", "method: unwrap")).isNotEqualTo(xmlSteps("publish-plain"));
        assertThat(steps(
                        "feed-subscribers",
                        "simple: { expression: \"${body} != null\" }",
                        "constant: { expression: \"${body} != null\" }"))
                .isNotEqualTo(xmlSteps("feed-subscribers"));
    }

    @Test
    void aFileWithoutItsFormInXmlIsFound() {
        assertThatThrownBy(() -> xmlSteps(FORWARD_PLAIN)).isInstanceOf(NoSuchFileException.class);
    }

    /** The steps in YAML, with a text of the file in place of another. */
    private static Map<String, List<String>> steps(String name, String text, String by) throws Exception {
        return steps(Project.ROOT.resolve("routes/pubsub/" + name + ".camel.yaml"), text, by);
    }

    private static Map<String, List<String>> xmlSteps(String name) throws Exception {
        return steps(Project.ROOT.resolve("routes/xml/" + name + ".camel.xml"), "", "");
    }

    /** The steps of each route of a file. */
    private static Map<String, List<String>> steps(Path file, String replaced, String by) throws Exception {
        String text = Files.readString(file);
        assertThat(text).contains(replaced);
        Map<String, List<String>> routes = new TreeMap<>();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.build();
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString(
                            file.getFileName().toString(), replaced.isEmpty() ? text : text.replace(replaced, by)));
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
                ExpressionDefinition expression = node.getExpression();
                step.append(' ').append(expression.getLanguage()).append(' ').append(expression);
            } else if (output instanceof CatchDefinition caught) {
                step.append(' ').append(caught.getExceptions()).append(' ').append(caught.getOnWhen());
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
