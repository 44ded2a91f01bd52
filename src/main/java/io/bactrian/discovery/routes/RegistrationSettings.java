package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import io.bactrian.discovery.core.ServiceOffers;
import io.bactrian.support.config.NumberUnit;
import io.bactrian.support.service.ActiveRole;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/** What the properties that begin with {@code bactrian.discovery.node.} say. */
final class RegistrationSettings {
    private static final String KEYS = "bactrian.discovery.node.";
    private static final String REGISTRY = "bactrian.discovery.registry.";
    private static final Pattern PORT = Pattern.compile("([A-Za-z0-9_.-]{1,64})=(?:.*:)?([0-9]{1,5})");

    private RegistrationSettings() {}

    /** The agent of the node. @throws IllegalArgumentException with the key that is wrong */
    static NodeAgent agent(CamelContext context) {
        String ping = text(context, "ping");
        try {
            String active = text(context, "activeBy");
            Registration node = new Registration(
                    text(context, "id"),
                    text(context, "kind"),
                    "",
                    text(context, "host"),
                    Integer.parseInt(text(context, "port")),
                    text(context, "group"),
                    "",
                    list(context, "capabilities"),
                    ports(list(context, "ports")),
                    // Two processes with one id are told apart; one that starts again at its place takes its id back.
                    text(context, "host") + ping.substring(ping.lastIndexOf(':')),
                    NumberUnit.DURATION.parse(text(context, "lease")),
                    Integer.parseInt(ping.substring(ping.lastIndexOf(':') + 1)),
                    list(context, "covers"));
            return new NodeAgent(
                    context, node, list(context, "routers"), active.isEmpty() ? null : role(context, active));
        } catch (RequestRefusedException e) {
            throw new IllegalArgumentException("The configuration of the node, " + KEYS + "*, is wrong: " + e.reason());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "The configuration of the node, " + KEYS + "*, is wrong: " + e.getMessage());
        }
    }

    private static ActiveRole role(CamelContext context, String bean) {
        ActiveRole role = context.getRegistry().lookupByNameAndType(bean, ActiveRole.class);
        if (role == null) {
            throw new IllegalArgumentException(
                    KEYS + "activeBy=" + bean + " names no bean that says whether this process is active");
        }
        return role;
    }

    /** Ports by name, each as {@code NAME=PORT} or {@code NAME=ADDRESS:PORT}. */
    private static Map<String, String> ports(List<String> texts) {
        Map<String, String> ports = new TreeMap<>();
        for (String text : texts) {
            Matcher port = PORT.matcher(text);
            if (!port.matches()) {
                throw new IllegalArgumentException(KEYS + "ports holds " + text
                        + ", but each must be NAME=PORT or NAME=ADDRESS, such as publish=5570");
            }
            ports.put(ServiceOffers.PORT + port.group(1), port.group(2));
        }
        return ports;
    }

    /** Where services are. @throws IllegalArgumentException with the key that is wrong */
    static RegistryDirectory directory(CamelContext context) {
        String refresh = context.resolvePropertyPlaceholders("{{" + REGISTRY + "refreshMs}}")
                .strip();
        if (!refresh.matches("[0-9]{1,8}")) {
            throw new IllegalArgumentException(REGISTRY + "refreshMs=" + refresh + " must be a number of milliseconds");
        }
        String routers = context.resolvePropertyPlaceholders("{{" + REGISTRY + "routers}}");
        return new RegistryDirectory(context, split(routers), Math.max(10, Long.parseLong(refresh)));
    }

    private static List<String> list(CamelContext context, String key) {
        return split(text(context, key));
    }

    private static List<String> split(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static String text(CamelContext context, String key) {
        return context.resolvePropertyPlaceholders("{{" + KEYS + key + "}}").strip();
    }
}
