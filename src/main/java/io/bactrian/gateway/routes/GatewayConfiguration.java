package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.BalancerPolicy;
import io.bactrian.gateway.core.TargetPoolSettings;
import io.bactrian.support.config.SettingsReader;
import io.bactrian.support.database.DatabaseSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/** Reads the keys {@code bactrian.gateway.*} of a context. All problems of what is read are in one message. */
final class GatewayConfiguration {
    private static final String KEYS = "bactrian.gateway.";
    private static final String POLICIES = "round-robin, least-requests, power-of-two or sticky";
    private static final String PORTS = "a port from 1 to 65535, or several with commas between them";
    private static final Pattern ADDRESS =
            Pattern.compile("https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.%]+])(:\\d{1,5})?/?");

    private final SettingsReader in;

    GatewayConfiguration(CamelContext context) {
        this.in = new SettingsReader(context, "the gateway", KEYS);
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
                in.list("hosts"),
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
            return in.wrong("balancer.policy", name, POLICIES, BalancerPolicy.ROUND_ROBIN);
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
                ? DatabaseSettings.shared(Path.of(in.data()), "gateway")
                : new DatabaseSettings(
                        url, text("database.user"), text("database.password"), number("database.connectionsMax"));
        check();
        return settings;
    }

    private List<String> addresses(String key) {
        List<String> addresses = new ArrayList<>();
        for (String address : in.list(key)) {
            if (ADDRESS.matcher(address).matches()) {
                addresses.add(address.endsWith("/") ? address.substring(0, address.length() - 1) : address);
            } else {
                in.wrong(
                        key,
                        address,
                        "an address such as http://localhost:5000, or several with commas between them",
                        "");
            }
        }
        return addresses;
    }

    private List<Integer> ports(String key) {
        List<Integer> ports = new ArrayList<>();
        for (String port : in.list(key)) {
            if (port.matches("\\d{1,5}")
                    && Integer.parseInt(port) >= 1
                    && Integer.parseInt(port) <= SettingsReader.PORT_MAX) {
                ports.add(Integer.parseInt(port));
            } else {
                in.wrong(key, port, PORTS, 0);
            }
        }
        if (ports.isEmpty()) {
            ports.add(in.wrong(key, "", PORTS, 1));
        }
        return ports;
    }

    int number(String key) {
        return in.number(key, 0);
    }

    long milliseconds(String key) {
        return in.durationOrZero(key).toMillis();
    }

    String text(String key) {
        return in.text(key);
    }

    void check() {
        in.check();
    }
}
