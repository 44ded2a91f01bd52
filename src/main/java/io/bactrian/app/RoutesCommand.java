package io.bactrian.app;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian routes}: shows the routes of roles without starting them. */
@Command(
        name = "routes",
        description =
                "Shows the routes of the roles (hub if none is named), read from their files; nothing is started.")
final class RoutesCommand implements Callable<Integer> {
    @Parameters(arity = "0..*", paramLabel = "ROLE", description = "Whose routes; hub by default.")
    private List<String> roles = new ArrayList<>();

    @Option(
            names = "--story",
            description = "Shows ids and descriptions in the order in which a message meets them: a route that another"
                    + " one calls stands indented below it.")
    private boolean story;

    @Option(names = "--json", description = "Prints a JSON array.")
    private boolean json;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Configuration configuration = options.load(roles.isEmpty() ? List.of("hub") : roles);
        List<RouteStory.Step> steps = RouteStory.read(configuration);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(toJson(steps));
        } else {
            steps.forEach(step -> out.println(story ? line(step) : step.id()));
        }
        out.flush();
        return ExitCode.OK;
    }

    private static String line(RouteStory.Step step) {
        return "  ".repeat(step.depth()) + step.id() + " (" + step.from() + "): " + step.description();
    }

    private static String toJson(List<RouteStory.Step> steps) {
        JsonArray array = new JsonArray();
        for (RouteStory.Step step : steps) {
            JsonObject object = new JsonObject();
            object.put("id", step.id());
            object.put("description", step.description());
            object.put("from", step.from());
            object.put("depth", step.depth());
            object.put("calls", new JsonArray(step.calls()));
            array.add(object);
        }
        return array.toJson();
    }
}
