package io.bactrian.support.springboot;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.spi.PropertyConfigurer;
import org.apache.camel.spi.PropertyConfigurerGetter;
import org.apache.camel.support.PropertyBindingSupport;
import org.apache.camel.support.service.ServiceHelper;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** The properties {@code camel.component.NAME.*} of an environment of Spring. */
final class ComponentProperties {
    static final String PREFIX = "camel.component.";

    /** What every starter has besides the options of its component. */
    private static final Set<String> SWITCHES = Set.of("enabled", "customizerenabled");

    private final String name;
    /** Keys as they are written, without the prefix; the strongest source of properties first. */
    private final Map<String, String> written;

    ComponentProperties(String name, Environment environment) {
        this.name = name;
        this.written = Binder.get(environment)
                .bind(PREFIX + name, Bindable.mapOf(String.class, String.class))
                .orElse(Map.of());
    }

    boolean isEmpty() {
        return written.isEmpty();
    }

    /**
     * Sets the options.
     *
     * @throws ComponentOptionsException if properties are no options or cannot be set
     */
    void applyTo(Component component, CamelContext context) {
        ServiceHelper.initService(component);
        PropertyConfigurer configurer = component.getComponentPropertyConfigurer();
        List<String> wrong = new ArrayList<>();
        options().forEach((option, key) -> {
            Class<?> type = ((PropertyConfigurerGetter) configurer).getOptionType(option, true);
            try {
                if (type == null) {
                    wrong.add(PREFIX + name + "." + key + " is no option of the component " + name);
                } else {
                    PropertyBindingSupport.build()
                            .withConfigurer(configurer)
                            .withIgnoreCase(true)
                            .withMandatory(true)
                            .bind(context, component, option, written.get(key));
                }
            } catch (PropertyBindingException | IllegalArgumentException e) {
                wrong.add(PREFIX + name + "." + key + " cannot be set: " + reason(e, type));
            }
        });
        if (!wrong.isEmpty()) {
            throw new ComponentOptionsException(wrong);
        }
    }

    private static String reason(Throwable failure, Class<?> type) {
        if (type == String.class) {
            return "a bean or a property that the value names is not there, or its braces do not match";
        }
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "it must be a value of the type " + type.getSimpleName() + ": " + cause.getMessage();
    }

    /** The written key of each option, whose own key has small letters only: {@code io-threads}, {@code ioThreads} and IO_THREADS are one. */
    private Map<String, String> options() {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String key : written.keySet()) {
            keys.putIfAbsent(key.replaceAll("[-._]", "").toLowerCase(Locale.ROOT), key);
        }
        keys.keySet().removeAll(SWITCHES);
        return keys;
    }
}
