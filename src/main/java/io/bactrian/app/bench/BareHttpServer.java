package io.bactrian.app.bench;

import java.io.OutputStream;
import java.util.Properties;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/** The least that a platform-http route can do, with Camel's own server: it answers a constant. The yardstick of the gateway. */
public final class BareHttpServer {
    private BareHttpServer() {}

    /** Takes the port; says {@code ready}. */
    public static void main(String[] arguments) throws Exception {
        Main main = new Main();
        Properties values = new Properties();
        values.setProperty("camel.server.enabled", "true");
        values.setProperty("camel.server.host", "127.0.0.1");
        values.setProperty("camel.server.port", arguments[0]);
        // Observability brings a second server, which would take the route.
        values.setProperty("camel.management.enabled", "false");
        values.setProperty("camel.opentelemetry2.enabled", "false");
        values.setProperty("camel.metrics.enabled", "false");
        main.setOverrideProperties(values);
        main.setDefaultPropertyPlaceholderLocation("false");
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/constant").setBody(constant("ok"));
            }
        });
        main.start();
        System.out.println("ready");
        // It lives as long as whoever has started it.
        System.in.transferTo(OutputStream.nullOutputStream());
        main.stop();
    }
}
