package io.bactrian.app.bench;

import ch.qos.logback.classic.Level;
import io.bactrian.ship.core.ShipSummary;
import io.bactrian.ship.routes.FolderSender;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of the benchmark of shipping: it runs one shipped route, says {@code ready}, and as a sender ships for each line
 * that it reads, and says {@code done} with figures.
 */
public final class ShipWorker {
    private ShipWorker() {}

    /** Route file, whether to forget what was shipped before each round, and properties as {@code key=value}. */
    public static void main(String[] args) throws Exception {
        // Standard output is read line by line for what it says, and nobody reads on in between.
        if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof ch.qos.logback.classic.Logger root) {
            root.setLevel(Level.WARN);
        }
        if (LoggerFactory.getLogger("io.bactrian") instanceof ch.qos.logback.classic.Logger ours) {
            ours.setLevel(Level.WARN);
        }
        Properties properties = new Properties();
        for (int i = 2; i < args.length; i++) {
            String[] halves = args[i].split("=", 2);
            properties.setProperty(halves[0], halves[1]);
        }
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getPropertiesComponent().setOverrideProperties(properties);
            context.getShutdownStrategy().setTimeout(2);
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.resolveMandatoryResource(
                            context, "classpath:io/bactrian/routes/ship/" + args[0] + ".camel.yaml"));
            context.start();
            System.out.println("ready");
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (in.readLine() != null) {
                ship(context, Boolean.parseBoolean(args[1]));
            }
        }
    }

    private static void ship(DefaultCamelContext context, boolean forget) throws Exception {
        if (forget) {
            context.getRegistry()
                    .lookupByNameAndType("bactrianShipSender", FolderSender.class)
                    .forget();
        }
        try (ProducerTemplate template = context.createProducerTemplate()) {
            long startedNs = System.nanoTime();
            ShipSummary summary = template.requestBody("direct:ship-folder", null, ShipSummary.class);
            long tookUs = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startedNs);
            System.out.println("done us=" + tookUs + " bytes=" + (summary.sentBytes() + summary.receivedBytes())
                    + " literal=" + summary.literalBytes() + " heap="
                    + (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()));
        }
    }
}
