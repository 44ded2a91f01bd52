package io.bactrian.app;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/** Reads route files without starting them, and orders the routes as a message meets them. */
final class RouteStory {
    private final Map<String, RouteDefinition> byInput = new LinkedHashMap<>();
    private final Set<String> told = new HashSet<>();
    private final List<Step> steps = new ArrayList<>();

    private RouteStory() {}

    /**
     * One route.
     *
     * @param id its id
     * @param description its description, empty if it has none
     * @param from the scheme and path of its input, without options
     * @param depth how many routes call each other to get here
     * @param calls the ids of the routes that it calls
     */
    record Step(String id, String description, String from, int depth, List<String> calls) {
        Step {
            calls = List.copyOf(calls);
        }
    }

    /**
     * The routes of a configuration: those that something outside starts, in the order of the route files, each
     * followed by those that it calls; at the end those that nothing calls.
     *
     * @throws CommandFailedException if a route file cannot be read
     */
    static List<Step> read(Configuration configuration) {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            Properties values = new Properties();
            values.putAll(configuration.forCamel());
            context.getPropertiesComponent().setInitialProperties(values);
            context.build();
            for (String pattern : configuration.routePatterns()) {
                Collection<Resource> files =
                        PluginHelper.getPackageScanResourceResolver(context).findResources(pattern);
                PluginHelper.getRoutesLoader(context).loadRoutes(files);
            }
            return new RouteStory().tell(context.getRouteDefinitions());
        } catch (Exception e) {
            throw new CommandFailedException("The routes cannot be read: " + e.getMessage(), e);
        }
    }

    private List<Step> tell(List<RouteDefinition> routes) {
        routes.forEach(route -> byInput.putIfAbsent(input(route), route));
        routes.stream().filter(route -> !isInternal(input(route))).forEach(route -> tell(route, 0));
        routes.forEach(route -> tell(route, 0));
        return steps;
    }

    private void tell(RouteDefinition route, int depth) {
        if (!told.add(route.getRouteId())) {
            return;
        }
        List<RouteDefinition> called = called(route);
        String description = route.getDescriptionText();
        steps.add(new Step(
                route.getRouteId(),
                description == null ? "" : description,
                input(route),
                depth,
                called.stream().map(RouteDefinition::getRouteId).toList()));
        called.forEach(next -> tell(next, depth + 1));
    }

    @SuppressWarnings({"rawtypes", "unchecked"})
    private List<RouteDefinition> called(RouteDefinition route) {
        Set<RouteDefinition> called = new LinkedHashSet<>();
        Collection<ProcessorDefinition> all =
                ProcessorDefinitionHelper.filterTypeInOutputs((List) route.getOutputs(), ProcessorDefinition.class);
        for (ProcessorDefinition<?> step : all) {
            if (step instanceof EndpointRequiredDefinition to && to.getEndpointUri() != null) {
                String address = withoutOptions(to.getEndpointUri());
                RouteDefinition next = byInput.get(address);
                // What goes to a socket leaves the process, also where another route hears answers on that socket.
                if (next != null && isInternal(address)) {
                    called.add(next);
                }
            }
        }
        return List.copyOf(called);
    }

    private static String input(RouteDefinition route) {
        return route.getInput() == null ? "" : withoutOptions(route.getInput().getEndpointUri());
    }

    private static boolean isInternal(String input) {
        return input.startsWith("direct:") || input.startsWith("seda:");
    }

    private static String withoutOptions(String uri) {
        int options = uri.indexOf('?');
        return (options < 0 ? uri : uri.substring(0, options)).replace("://", ":");
    }
}
