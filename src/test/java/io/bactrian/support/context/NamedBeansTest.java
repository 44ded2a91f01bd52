package io.bactrian.support.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Registry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a context that finds the plugins of this project by itself. */
class NamedBeansTest {
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final AtomicInteger made = new AtomicInteger();

    @TempDir
    Path folder;

    @BeforeEach
    void bind() {
        context.getPropertiesComponent()
                .addInitialProperty("bactrian.data", folder.resolve("data").toString());
        NamedBeans.bind(context, "greeting", StringBuilder.class, () -> {
            made.incrementAndGet();
            return new StringBuilder("hello");
        });
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void whoLooksForBeansOfAnyTypeMakesNone() {
        context.start();
        assertThat(context.getRegistry().findByTypeWithName(Object.class))
                .doesNotContainKeys("greeting", "bactrianHub");
        assertThat(context.getRegistry().findByType(CharSequence.class)).isEmpty();
        assertThat(made).hasValue(0);
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void aBeanIsMadeOnceByItsNameAndFoundByItsTypeFromThenOn() {
        Registry registry = context.getRegistry();
        Object bean = registry.lookupByName("greeting");
        assertThat(bean).hasToString("hello");
        assertThat(registry.lookupByNameAndType("greeting", CharSequence.class)).isSameAs(bean);
        assertThat(registry.lookupByNameAndType("greeting", Map.class)).isNull();
        assertThat(registry.findByTypeWithName(CharSequence.class)).containsEntry("greeting", (CharSequence) bean);
        assertThat(made).hasValue(1);
    }

    @Test
    void aRouteThatIsAddedToARunningContextFindsItsBean() throws Exception {
        context.start();
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").bean("greeting", "append(${body})");
            }
        });
        assertThat(context.createProducerTemplate().requestBody("direct:in", " you", String.class))
                .isEqualTo("hello you");
    }

    @Test
    void aBeanThatSomebodyHasBoundComesFirst() {
        Registry registry = context.getRegistry();
        registry.bind("greeting", "mine");
        assertThat(registry.lookupByName("greeting")).isEqualTo("mine");
        assertThat(made).hasValue(0);
    }

    @Test
    void aBeanThatCannotBeMadeIsTriedAgain() {
        NamedBeans.bind(context, "late", String.class, () -> {
            if (made.incrementAndGet() == 1) {
                throw new IllegalStateException("not yet");
            }
            return "now";
        });
        assertThatThrownBy(() -> context.getRegistry().lookupByName("late")).hasMessageContaining("not yet");
        assertThat(context.getRegistry().lookupByName("late")).isEqualTo("now");
    }
}
