package io.bactrian.support.text;

import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RouteTemplateParameterDefinition;
import org.apache.camel.spi.PropertiesFunction;
import org.apache.camel.util.StringHelper;
import org.jspecify.annotations.Nullable;

/**
 * Gives a property as the value of an option in a URI, unchanged: {@code data: "{{bactrian-raw:data}}"} in a Kamelet, and
 * {@code {{bactrian-raw:?data}}} for one that may be missing. A property that no URI can hold is an error when the route is made, and so is
 * a parameter that the Kamelet does not have: it is spelt wrong, or it is what follows an ampersand in the text of another.
 */
public final class RawValueFunction implements PropertiesFunction, CamelContextAware {
    /** What Camel itself gives to each Kamelet. */
    private static final Set<String> OF_CAMEL =
            Set.of("templateId", "routeId", "parentRouteId", "uuid", "noErrorHandler", "bridgeErrorHandler");

    private @Nullable CamelContext context;

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    @Override
    public String getName() {
        return "bactrian-raw";
    }

    @Override
    public boolean lookupFirst(String remainder) {
        return true;
    }

    @Override
    public String apply(String value) {
        CamelContext current = context;
        Properties given =
                current == null ? null : current.getPropertiesComponent().getLocalProperties();
        String kamelet = given == null ? null : given.getProperty("templateId");
        Model model =
                current == null ? null : current.getCamelContextExtension().getContextPlugin(Model.class);
        RouteTemplateDefinition template =
                kamelet == null || model == null ? null : model.getRouteTemplateDefinition(kamelet);
        if (template != null) {
            check(kamelet, template, Objects.requireNonNull(given));
        }
        return RawValue.of(value);
    }

    private static void check(String kamelet, RouteTemplateDefinition template, Properties given) {
        List<RouteTemplateParameterDefinition> parameters = template.getTemplateParameters();
        Set<String> known = (parameters == null ? List.<RouteTemplateParameterDefinition>of() : parameters)
                .stream().map(RouteTemplateParameterDefinition::getName).collect(Collectors.toSet());
        Set<String> unknown = new TreeSet<>();
        for (String name : given.stringPropertyNames()) {
            String camelCase = StringHelper.dashToCamelCase(name);
            if (!known.contains(name) && !known.contains(camelCase) && !OF_CAMEL.contains(camelCase)) {
                unknown.add(camelCase);
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("the Kamelet " + kamelet + " has no parameter "
                    + String.join(", ", unknown) + "; it has " + new TreeSet<>(known)
                    + ". A text with & is written RAW(text) in a URI and in YAML");
        }
    }
}
