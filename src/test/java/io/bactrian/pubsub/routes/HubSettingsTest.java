package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class HubSettingsTest {
    private static CamelContext context(String key, String value) {
        Properties properties = new Properties();
        properties.setProperty(key, value);
        CamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setOverrideProperties(properties);
        context.build();
        return context;
    }

    @Test
    void aFrameMustHoldTheLargestBatch() {
        CamelContext context = context("bactrian.hub.batch.max", "16m");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HubSettings.of(context))
                .withMessageContaining("bactrian.hub.frame.maxBytes=8454144 must be a number of at least 16777216");
        assertThat(HubSettings.of(context("bactrian.hub.batch.max", "4m"))
                        .limits()
                        .batchBytesMax())
                .isEqualTo(4 << 20);
    }
}
