package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Registration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;

/** Registers a node by one request, as the reference's sensors do. */
public final class NodeClient {
    private static final String CHANNEL = "channel-one";
    /** The prefix of the keys that say with which keys a client comes to the routers. */
    public static final String SECURITY = "bactrian.discovery.routers.security";

    /** The option of an endpoint that makes it use them. */
    static final String SECURED = "&securityPrefix=" + SECURITY;

    private static final String OPTIONS = "?retries=1&linger=0&maxFrameBytes=4194304" + SECURED;

    private static final int ATTEMPTS = 2;
    private static final Duration TIMEOUT = Duration.ofSeconds(6);

    private NodeClient() {}

    /** The four frames of a registration. */
    public static List<byte[]> frames(Registration node, boolean leaves, boolean wantsJson) {
        return List.of(
                CHANNEL.getBytes(StandardCharsets.UTF_8),
                node.name().getBytes(StandardCharsets.UTF_8),
                node.host().getBytes(StandardCharsets.UTF_8),
                RegistrationJson.announcement(node, leaves, wantsJson).getBytes(StandardCharsets.UTF_8));
    }

    /** Sends one registration, with no security. */
    public static String once(String address, Registration node, boolean leaves) {
        return once(address, node, leaves, Map.of(), TIMEOUT);
    }

    /**
     * Sends one registration in a context of its own.
     *
     * @param address where the router takes registrations
     * @param leaves true to deregister
     * @param security the keys below {@link #SECURITY} that are set, with their values
     * @return {@code ACK}, or {@code ERR} and the reason, also if nobody answers
     */
    public static String once(
            String address, Registration node, boolean leaves, Map<String, String> security, Duration timeout) {
        try (DefaultCamelContext context = new DefaultCamelContext(false)) {
            context.getCamelContextExtension().setName("bactrian-node");
            context.setApplicationContextClassLoader(NodeClient.class.getClassLoader());
            Properties properties = new Properties();
            properties.putAll(security);
            context.getPropertiesComponent().setOverrideProperties(properties);
            context.start();
            ProducerTemplate template = context.createProducerTemplate();
            return template.requestBody(
                    "zeromq:req:" + address + OPTIONS + "&requestTimeout=" + Math.max(1, timeout.toMillis() / ATTEMPTS),
                    frames(node, leaves, false),
                    String.class);
        } catch (CamelExecutionException e) {
            return "ERR no router answers at " + address + " within " + timeout.toMillis()
                    + " ms; is it there, and does it admit the keys of " + SECURITY + " here?";
        } catch (IOException e) {
            return "ERR the request could not be sent: " + e.getMessage();
        }
    }
}
