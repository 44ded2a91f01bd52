package io.bactrian.support.springboot;

import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.spring.boot.util.HierarchicalPropertiesEvaluator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Makes {@code camel.component.NAME.*} of an application of Spring Boot the options of our component of that name, as Camel's starters do.
 * A component that is configured so is made at start, so that a wrong option is told then.
 */
@AutoConfiguration(after = CamelAutoConfiguration.class)
@ConditionalOnClass(CamelAutoConfiguration.class)
@ConditionalOnBean({CamelAutoConfiguration.class, CamelContext.class})
public class ComponentAutoConfiguration {
    private static final String OURS = "io.bactrian.";
    private static final List<String> NAMES = List.of("zeromq", "journal", "bactrian");

    /** Applies the options when Camel makes a component of ours. */
    @Bean
    public ComponentCustomizer bactrianComponentCustomizer(CamelContext context, Environment environment) {
        return new ComponentCustomizer() {
            @Override
            public boolean isEnabled(String name, Component component) {
                return component.getClass().getName().startsWith(OURS) && isConfigured(name, environment);
            }

            @Override
            public void configure(String name, Component component) {
                new ComponentProperties(name, environment).applyTo(component, context);
            }
        };
    }

    /** Makes the components that are configured, whether or not a route has them. */
    @Bean
    public CamelContextConfiguration bactrianConfiguredComponents(Environment environment) {
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {
                for (String name : NAMES) {
                    if (isConfigured(name, environment)) {
                        context.getComponent(name, true, false);
                    }
                }
            }

            @Override
            public void afterApplicationStart(CamelContext context) {
                // All is done before.
            }
        };
    }

    private static boolean isConfigured(String name, Environment environment) {
        String prefix = ComponentProperties.PREFIX + name;
        return HierarchicalPropertiesEvaluator.evaluate(environment, "camel.component", prefix)
                && HierarchicalPropertiesEvaluator.evaluate(
                        environment, "camel.component.customizer", prefix + ".customizer")
                && !new ComponentProperties(name, environment).isEmpty();
    }
}
