package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.TreeSet;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.scan.DefaultPackageScanResourceResolver;
import org.junit.jupiter.api.Test;

class JarResourcesTest {
    private static final String CONSOLES = "META-INF/services/org/apache/camel/dev-console/*";

    @Test
    void theSameResourcesAreFoundAsByCamel() throws Exception {
        assertThat(found(new JarResources()))
                .isEqualTo(found(new DefaultPackageScanResourceResolver()))
                .hasSizeGreaterThan(20)
                .anyMatch(place -> place.contains(".jar"));
    }

    private static TreeSet<String> found(DefaultPackageScanResourceResolver resolver) throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            resolver.setCamelContext(context);
            resolver.start();
            Collection<Resource> resources = resolver.findResources(CONSOLES);
            TreeSet<String> places = new TreeSet<>();
            resources.forEach(resource -> places.add(resource.getLocation()));
            return places;
        }
    }
}
