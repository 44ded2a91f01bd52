package io.bactrian.gateway.routes;

import io.bactrian.app.Application;
import io.bactrian.app.Configuration;
import io.bactrian.app.ConfigurationOptions;
import io.bactrian.app.Installation;
import io.bactrian.testing.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine;

/** Roles of the gateway in this process, from the shipped routes and configuration, as {@code bactrian run} starts them. */
final class GatewayNode implements AutoCloseable {
    private final Application application;
    private final int port;

    private GatewayNode(Application application, int port) {
        this.application = application;
        this.port = port;
    }

    /** A balancer on a free port. */
    static GatewayNode balancer(Path data, String... settings) {
        return balancer(data, Ports.free(), settings);
    }

    static GatewayNode balancer(Path data, int port, String... settings) {
        return start(
                "balancer",
                data,
                port,
                with(
                        settings,
                        "bactrian.gateway.balancer.port=" + port,
                        // A worker that is only slow, on a machine that is busy, is not out.
                        "bactrian.gateway.balancer.probe.timeout=5s",
                        "bactrian.gateway.balancer.lease=10s"));
    }

    /** A worker on a free port that registers with balancers. */
    static GatewayNode worker(Path data, List<GatewayNode> balancers, String... settings) {
        return worker(data, Ports.free(), balancers, settings);
    }

    static GatewayNode worker(Path data, int port, List<GatewayNode> balancers, String... settings) {
        List<String> addresses = balancers.stream().map(GatewayNode::address).toList();
        return start(
                "worker",
                data,
                port,
                with(
                        settings,
                        "bactrian.gateway.worker.port=" + port,
                        "bactrian.gateway.balancers=" + String.join(",", addresses)));
    }

    static GatewayNode start(String role, Path data, int port, List<String> settings) {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("bactrian.data", data.toString());
        overrides.put("bactrian.management.port", Integer.toString(Ports.free()));
        for (String setting : settings) {
            overrides.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        return new GatewayNode(
                Application.start(Configuration.load(
                        new Installation(Optional.empty()), List.of(role), overrides, Map.of(), new Properties())),
                port);
    }

    /** What {@code bactrian run WORD...} starts. */
    static GatewayNode run(Path data, String... words) {
        ConfigurationOptions options = new ConfigurationOptions();
        CommandLine.populateCommand(
                options,
                "--data",
                data.toString(),
                "--set",
                "bactrian.management.port=" + Ports.free(),
                "--set",
                "bactrian.gateway.balancer.probe.timeout=5s",
                "--set",
                "bactrian.gateway.balancer.lease=10s");
        return new GatewayNode(Application.start(options.loadCalled(List.of(words))), 0);
    }

    private static List<String> with(String[] settings, String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(List.of(settings));
        return all;
    }

    int port() {
        return port;
    }

    /** As {@code http://127.0.0.1:port}. */
    String address() {
        return "http://127.0.0.1:" + port;
    }

    Application application() {
        return application;
    }

    @Override
    public void close() {
        application.close();
    }
}
