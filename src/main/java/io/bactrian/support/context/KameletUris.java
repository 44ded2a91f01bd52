package io.bactrian.support.context;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.ExtendedCamelContext;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.KameletDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RouteTemplateParameterDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.camel.spi.ExtendedPropertyConfigurerGetter;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.util.Pair;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses endpoints of our Kamelets in whose URIs a property may have become another one. Camel writes the {@code parameters} of a route in
 * YAML into a URI as they are, where a plus sign is a blank and an ampersand begins another property, so that {@code a+b} would be {@code a b}
 * and {@code a&b} would be {@code a}.
 */
public final class KameletUris extends ModelLifecycleStrategySupport implements EndpointStrategy {
    static final Set<String> OURS = Set.of(
            "bactrian-publish-sink",
            "bactrian-subscribe-source",
            "ship-sink",
            "ship-source",
            "state-changes-source",
            "state-set-sink");

    private static final Pattern URI = Pattern.compile("kamelet:(?://)?([^/?]+)(?:/[^?]*)?\\?(.*)", Pattern.DOTALL);

    private static final Logger LOG = LoggerFactory.getLogger(KameletUris.class);

    /** Which folder or file a Kamelet is taken from; Camel's own, and not among the options of the endpoint. */
    private static final String LOCATION = "location";

    private final CamelContext context;

    private KameletUris(CamelContext context) {
        this.context = context;
    }

    /**
     * Looks at all routes and endpoints of a context, those that are there and those that come. Twice is as once.
     *
     * @throws IllegalArgumentException if one that is there is refused
     */
    public static void watch(CamelContext context) {
        ExtendedCamelContext extension = context.getCamelContextExtension();
        if (extension.getContextPlugin(KameletUris.class) == null) {
            KameletUris uris = new KameletUris(context);
            extension.addContextPlugin(KameletUris.class, uris);
            Model model = extension.getContextPlugin(Model.class);
            List.copyOf(model.getRouteDefinitions()).forEach(uris::onAddRouteDefinition);
            model.addModelLifecycleStrategy(uris);
            extension.registerEndpointCallback(uris);
        }
    }

    /** Where a plus sign still shows; the endpoint has a blank in its place. */
    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        uris(route)
                .map(this::resolved)
                .map(URI::matcher)
                .filter(kamelet -> kamelet.matches() && OURS.contains(kamelet.group(1)))
                .forEach(kamelet -> properties(kamelet.group(2)).stream()
                        .filter(KameletUris::hasPlus)
                        .findFirst()
                        .ifPresent(property -> {
                            throw refused(
                                    kamelet.group(1), "a + in the property " + name(property) + " is a blank in a URI");
                        }));
        // A Kamelet whose route is made is loaded, which it was not when its endpoints came at the start of the
        // context.
        Map<String, Object> parameters = route.getTemplateParameters();
        if (parameters != null) {
            context.getEndpoints().forEach(endpoint -> check(endpoint, parameters.get("templateId")));
        }
    }

    /** Where what follows an ampersand shows as a property of its own. */
    @Override
    public Endpoint registerEndpoint(String uri, Endpoint endpoint) {
        check(endpoint, null);
        return endpoint;
    }

    private void check(Endpoint endpoint, @Nullable Object only) {
        Matcher kamelet = URI.matcher(endpoint.getEndpointUri());
        if (kamelet.matches() && OURS.contains(kamelet.group(1)) && (only == null || only.equals(kamelet.group(1)))) {
            String name = kamelet.group(1);
            lostProperty(kamelet.group(2), known(name)).ifPresent(reason -> {
                throw refused(name, reason);
            });
        }
    }

    private static IllegalArgumentException refused(String kamelet, String reason) {
        return new IllegalArgumentException("kamelet:" + kamelet + ": " + reason
                + "; write a value that has + or & as RAW(value), also among the parameters of a route");
    }

    /** What shows that a value had an ampersand. No values are told, which may be secret. */
    private static Optional<String> lostProperty(String query, Set<String> known) {
        Set<String> names = new HashSet<>();
        for (String property : properties(query)) {
            String name = name(property);
            if (name.equals(property) || (!known.isEmpty() && !known.contains(name))) {
                return Optional.of("there is no property " + name + " which could follow an &");
            }
            if (!names.add(name)) {
                return Optional.of("the property " + name + " is given twice");
            }
        }
        return Optional.empty();
    }

    /** With the values of properties, as far as the context knows them; those of a template alone are unknown to it. */
    private String resolved(String uri) {
        try {
            return context.resolvePropertyPlaceholders(uri);
        } catch (IllegalArgumentException e) {
            LOG.debug("is looked at without its properties uri={}", URISupport.sanitizeUri(uri), e);
            return uri;
        }
    }

    private static Stream<String> uris(RouteDefinition route) {
        List<ProcessorDefinition<?>> steps = route.getOutputs();
        Stream<String> sends = ProcessorDefinitionHelper.filterTypeInOutputs(steps, SendDefinition.class).stream()
                .map(step -> step.getEndpointUri());
        Stream<String> kamelets = ProcessorDefinitionHelper.filterTypeInOutputs(steps, KameletDefinition.class).stream()
                .map(step -> "kamelet:" + step.getName());
        // An endpoint that is given as an object has no URI there.
        return Stream.concat(
                        Stream.of(route.getInput()).map(FromDefinition::getEndpointUri), Stream.concat(sends, kamelets))
                .filter(Objects::nonNull);
    }

    private static List<String> properties(String query) {
        List<Pair<Integer>> raw = URISupport.scanRaw(query);
        List<String> properties = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i <= query.length(); i++) {
            if (i == query.length() || (query.charAt(i) == '&' && !URISupport.isRaw(i, raw))) {
                properties.add(query.substring(begin, i));
                begin = i + 1;
            }
        }
        return properties;
    }

    private static String name(String property) {
        return property.replaceFirst("(?s)=.*", "");
    }

    private static boolean hasPlus(String property) {
        List<Pair<Integer>> raw = URISupport.scanRaw(property);
        return IntStream.range(0, property.length())
                .anyMatch(i -> property.charAt(i) == '+' && !URISupport.isRaw(i, raw));
    }

    /** The names of the properties of a Kamelet and of its endpoint; empty as long as the Kamelet is not loaded. */
    private Set<String> known(String kamelet) {
        RouteTemplateDefinition template =
                context.getCamelContextExtension().getContextPlugin(Model.class).getRouteTemplateDefinition(kamelet);
        if (template == null) {
            return Set.of();
        }
        Set<String> known = new HashSet<>(Set.of(LOCATION));
        template.getTemplateParameters().stream()
                .map(RouteTemplateParameterDefinition::getName)
                .forEach(known::add);
        if (PluginHelper.getConfigurerResolver(context.getCamelContextExtension())
                        .resolvePropertyConfigurer("kamelet-endpoint", context)
                instanceof ExtendedPropertyConfigurerGetter options) {
            known.addAll(options.getAllOptions(null).keySet());
        }
        return known;
    }
}
