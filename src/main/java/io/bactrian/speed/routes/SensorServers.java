package io.bactrian.speed.routes;

import io.bactrian.support.config.ZeroMqAddress;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.PropertiesSource;
import org.jspecify.annotations.Nullable;

/** The two addresses in {@code bactrian.sensor.servers}, each as a property of its own, for the routes of a sensor. */
record SensorServers(CamelContext context) implements PropertiesSource {
    private static final String PREFIX = "bactrian.sensor.server.";
    private static final int PRIMARY_PORT = 5001;

    @Override
    public String getName() {
        return "BactrianSensorServers";
    }

    @Override
    public @Nullable String getProperty(String name) {
        if (!name.startsWith(PREFIX)) {
            return null;
        }
        List<String> both = addresses(context.resolvePropertyPlaceholders("{{bactrian.sensor.servers}}"));
        return switch (name.substring(PREFIX.length())) {
            case "first" -> both.get(0);
            case "second" -> both.get(1);
            default -> null;
        };
    }

    /**
     * Reads two addresses or hosts with a comma between them; of a host alone the classic port is meant.
     *
     * @throws IllegalArgumentException if they are not two
     */
    static List<String> addresses(String text) {
        String[] parts = text.split(",", -1);
        List<String> addresses = new ArrayList<>();
        for (String part : parts) {
            String one = part.strip();
            if (!one.isEmpty()) {
                String address = one.contains("://") ? one : "tcp://" + one + ":" + (PRIMARY_PORT + addresses.size());
                if (!ZeroMqAddress.isAddress(address)) {
                    throw new IllegalArgumentException("bactrian.sensor.servers=" + text + " holds " + one
                            + ", but each must be a host, or " + ZeroMqAddress.NOUN);
                }
                addresses.add(address);
            }
        }
        if (addresses.size() != 2 || parts.length != 2) {
            throw new IllegalArgumentException("bactrian.sensor.servers=" + text
                    + " must be two servers, primary and backup, with a comma between them");
        }
        return addresses;
    }
}
