package io.bactrian.faults;

import io.bactrian.ship.core.ShipSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** A node of its own that runs a shipped route of shipping; a sender ships once and says {@code done}. */
final class ShipProcess {
    private ShipProcess() {}

    /** A file of properties, and the route file. */
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(args[0]))) {
            properties.load(reader);
        }
        DefaultCamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setOverrideProperties(properties);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(
                        context, "classpath:io/bactrian/routes/ship/" + args[1] + ".camel.yaml"));
        context.start();
        System.out.println("ready 1");
        if (args[1].equals("ship-folder")) {
            ShipSummary summary =
                    context.createProducerTemplate().requestBody("direct:ship-folder", null, ShipSummary.class);
            System.out.println("literal " + summary.literalBytes());
            System.out.println("done");
        }
        // Until it is killed.
        new CountDownLatch(1).await();
    }
}
