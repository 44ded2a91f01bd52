package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Registration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;

/** Registers a node by one request, as the reference's sensors do. */
public final class NodeClient {
    private static final String CHANNEL = "channel-one";
    private static final String OPTIONS = "?requestTimeout=3000&retries=1&linger=0&maxFrameBytes=4194304";

    private NodeClient() {}

    /** The four frames of a registration. */
    public static List<byte[]> frames(Registration node, boolean leaves, boolean wantsJson) {
        return List.of(
                CHANNEL.getBytes(StandardCharsets.UTF_8),
                node.name().getBytes(StandardCharsets.UTF_8),
                node.host().getBytes(StandardCharsets.UTF_8),
                RegistrationJson.announcement(node, leaves, wantsJson).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends one registration in a context of its own.
     *
     * @param address where the router takes registrations
     * @param leaves true to deregister
     * @return {@code ACK}, or {@code ERR} and the reason, also if nobody answers
     */
    public static String once(String address, Registration node, boolean leaves) {
        try (DefaultCamelContext context = new DefaultCamelContext(false)) {
            context.getCamelContextExtension().setName("bactrian-node");
            context.setApplicationContextClassLoader(NodeClient.class.getClassLoader());
            context.start();
            ProducerTemplate template = context.createProducerTemplate();
            return template.requestBody("zeromq:req:" + address + OPTIONS, frames(node, leaves, false), String.class);
        } catch (CamelExecutionException e) {
            return "ERR no router answers at " + address;
        } catch (IOException e) {
            return "ERR the request could not be sent: " + e.getMessage();
        }
    }
}
