package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import io.bactrian.discovery.core.ServiceOffers;
import io.bactrian.support.config.NumberUnit;
import io.bactrian.support.config.ZeroMqAddress;
import io.bactrian.support.service.ActiveRole;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/** The settings {@code bactrian.discovery.node.*}. */
final class RegistrationSettings {
    private static final String KEYS = "bactrian.discovery.node.";
    private static final String REGISTRY = "bactrian.discovery.registry.";
    private static final Pattern PORT = Pattern.compile("([A-Za-z0-9_.-]{1,64})=(.+)");

    private RegistrationSettings() {}

    /** The agent of the node. @throws IllegalArgumentException with the key that is wrong */
    static NodeAgent agent(CamelContext context) {
        String ping = text(context, "ping");
        int port = ZeroMqAddress.tcp(ping)
                .orElseThrow(() -> new IllegalArgumentException(
                        KEYS + "ping=" + ping + " must be an address with a port, such as tcp://127.0.0.1:8110"))
                .port();
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
                    text(context, "host") + ":" + port,
                    NumberUnit.DURATION.parse(text(context, "lease")),
                    port,
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

    /** Ports by name, each as {@code NAME=PORT}, {@code NAME=HOST:PORT} or {@code NAME=tcp://HOST:PORT}. */
    static Map<String, String> ports(List<String> texts) {
        Map<String, String> ports = new TreeMap<>();
        for (String text : texts) {
            Matcher named = PORT.matcher(text);
            int port = named.matches() ? port(named.group(2)) : 0;
            if (port == 0) {
                throw new IllegalArgumentException(KEYS + "ports holds " + text
                        + ", but each must be NAME=PORT or NAME=ADDRESS, such as publish=5570");
            }
            ports.put(ServiceOffers.PORT + named.group(1), String.valueOf(port));
        }
        return ports;
    }

    /** The port of an address or of a number; 0 if it is none. */
    private static int port(String text) {
        return ZeroMqAddress.tcp(text)
                .or(() -> ZeroMqAddress.hostAndPort(text))
                .or(() -> ZeroMqAddress.hostAndPort("*:" + text))
                .map(ZeroMqAddress.Tcp::port)
                .orElse(0);
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
