package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerPolicy;
import io.bactrian.gateway.core.TargetPoolSettings;
import io.bactrian.support.database.DatabaseSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.util.TimeUtils;

/** Reads the keys {@code bactrian.gateway.*} of a context. All problems of what is read are in one message. */
final class GatewayConfiguration {
    private static final String KEYS = "bactrian.gateway.";
    private static final int PORT_MAX = 65_535;
    private static final Pattern ADDRESS =
            Pattern.compile("https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+])(:\\d{1,5})?/?");

    private final CamelContext context;
    private final List<String> problems = new ArrayList<>();

    GatewayConfiguration(CamelContext context) {
        this.context = context;
    }

    GatewayHttpSettings http(String role) {
        GatewayHttpSettings settings = new GatewayHttpSettings(
                role,
                text(role + ".host"),
                ports(role + ".port"),
                number("threads"),
                number("body.bytesMax"),
                number("body.largeBytesMax"),
                number("connections.max"),
                milliseconds("request.timeout"),
                milliseconds("idle.timeout"),
                text("apiKey"),
                list("hosts"),
                text("tls.certificate"),
                text("tls.key"));
        check();
        return settings;
    }

    BalancerSettings balancer() {
        BalancerSettings settings = new BalancerSettings(
                "balancer-" + text("balancer.port"),
                pool(),
                number("balancer.producersMax"),
                milliseconds("balancer.probe.interval"),
                milliseconds("balancer.probe.timeout"),
                milliseconds("balancer.lease"),
                milliseconds("request.timeout"),
                addresses("balancer.peers"));
        check();
        return settings;
    }

    private TargetPoolSettings pool() {
        return new TargetPoolSettings(
                policy(text("balancer.policy")),
                number("balancer.workersMax"),
                number("balancer.outlier.errors"),
                milliseconds("balancer.outlier.ejection"),
                milliseconds("balancer.outlier.ejectionMax"),
                number("balancer.outlier.percentMax"),
                milliseconds("balancer.slowStart"));
    }

    private BalancerPolicy policy(String name) {
        try {
            return BalancerPolicy.of(name);
        } catch (IllegalArgumentException e) {
            problems.add(KEYS + "balancer.policy: " + e.getMessage());
            return BalancerPolicy.ROUND_ROBIN;
        }
    }

    WorkerSettings worker() {
        WorkerSettings settings = new WorkerSettings(
                number("worker.cache.max"),
                text("worker.flush").equals("always"),
                milliseconds("worker.flush.interval"),
                number("worker.flush.count"),
                balancers(),
                ports("worker.port"),
                text("tls.certificate").isEmpty() ? "http" : "https",
                milliseconds("worker.register.interval"),
                number("body.depthMax"),
                number("body.bytesMax"),
                text("publish.group"));
        check();
        return settings;
    }

    List<String> balancers() {
        return addresses("balancers");
    }

    DatabaseSettings database(String role) {
        String url = text("database.url");
        DatabaseSettings settings = url.isEmpty()
                ? DatabaseSettings.shared(Path.of(context.resolvePropertyPlaceholders("{{bactrian.data}}")), "gateway")
                : new DatabaseSettings(
                        url, text("database.user"), text("database.password"), number("database.connectionsMax"));
        check();
        return settings;
    }

    List<String> list(String key) {
        return List.of(text(key).split(",")).stream()
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private List<String> addresses(String key) {
        List<String> addresses = new ArrayList<>();
        for (String address : list(key)) {
            if (ADDRESS.matcher(address).matches()) {
                addresses.add(address.endsWith("/") ? address.substring(0, address.length() - 1) : address);
            } else {
                problems.add(KEYS + key + "=" + address
                        + " must be an address such as http://localhost:5000, or several with commas between them");
            }
        }
        return addresses;
    }

    private List<Integer> ports(String key) {
        List<Integer> ports = new ArrayList<>();
        for (String port : list(key)) {
            if (port.matches("\\d{1,5}") && Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= PORT_MAX) {
                ports.add(Integer.parseInt(port));
            } else {
                problems.add(KEYS + key + "=" + port + " must be a port from 1 to " + PORT_MAX
                        + ", or several with commas between them");
            }
        }
        if (ports.isEmpty()) {
            problems.add(KEYS + key + " must name a port");
            ports.add(1);
        }
        return ports;
    }

    int number(String key) {
        String text = text(key);
        if (!text.matches("\\d{1,9}")) {
            problems.add(KEYS + key + "=" + text + " must be a number");
            return 1;
        }
        return Integer.parseInt(text);
    }

    long milliseconds(String key) {
        String text = text(key);
        try {
            return TimeUtils.toMilliSeconds(text);
        } catch (IllegalArgumentException e) {
            problems.add(KEYS + key + "=" + text + " must be a duration such as 500ms or 20s");
            return 1;
        }
    }

    String text(String key) {
        return context.resolvePropertyPlaceholders("{{" + KEYS + key + "}}").strip();
    }

    void check() {
        if (!problems.isEmpty()) {
            String all = "The configuration of the gateway is wrong:\n  " + String.join("\n  ", problems);
            problems.clear();
            throw new IllegalArgumentException(all);
        }
    }
}
