package io.bactrian.app;

import io.bactrian.app.management.ManagementServerFactory;
import io.bactrian.backup.core.BackupException;
import io.bactrian.pubsub.routes.HubLastShutdownStrategy;
import io.bactrian.support.config.SettingsException;
import io.bactrian.support.database.PrivateFolder;
import io.bactrian.support.text.FileErrors;
import io.bactrian.support.text.Secrets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.spi.PackageScanResourceResolver;

/**
 * The roles of one process, running under camel-main. {@link #start} returns when all routes run, or throws;
 * {@link #close} drains and stops. Any thread.
 */
public final class Application implements AutoCloseable {
    private static final String STOP_TIMEOUT = "bactrian.stop.timeout";

    private final Set<String> lookedUp = ConcurrentHashMap.newKeySet();
    private final Main main = new Main() {
        @Override
        protected CamelContext createCamelContext() {
            CamelContext context = super.createCamelContext();
            context.getPropertiesComponent()
                    .addPropertiesLookupListener((name, defaultValue, value, source) -> lookedUp.add(name));
            // Camel looks for plugins in the system's class loader otherwise, and under Maven we are not there.
            context.setApplicationContextClassLoader(Application.class.getClassLoader());
            context.setShutdownStrategy(new HubLastShutdownStrategy(context));
            JarResources resources = new JarResources();
            resources.setCamelContext(context);
            context.getCamelContextExtension().addContextPlugin(PackageScanResourceResolver.class, resources);
            return context;
        }
    };
    /** Routes are served by Camel's own server also where there is a management server beside it: its engine finds neither of two. */
    private static final class ServerEngine extends VertxPlatformHttpEngine {
        private final int port;

        private ServerEngine(int port) {
            this.port = port;
        }

        @Override
        public int getServerPort() {
            return port;
        }
    }

    private final CountDownLatch stopRequested = new CountDownLatch(1);

    private Application(Configuration configuration) {
        Properties values = new Properties();
        configuration.forCamel().forEach(values::setProperty);
        values.setProperty("camel.main.routesIncludePattern", String.join(",", configuration.routePatterns()));
        values.setProperty(
                "camel.component.kamelet.location", configuration.home().kameletLocation());
        long timeoutMs = configuration.number(STOP_TIMEOUT);
        values.setProperty("camel.main.shutdownTimeout", Long.toString(TimeUnit.MILLISECONDS.toSeconds(timeoutMs)));
        main.bind("bactrianManagement", new ManagementServerFactory(management(configuration)));
        if (Boolean.parseBoolean(configuration.find("camel.server.enabled").orElse("false"))) {
            main.bind(
                    PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME,
                    new ServerEngine(Integer.parseInt(
                            configuration.find("camel.server.port").orElse("8080"))));
        }
        main.setOverrideProperties(values);
        // Everything is in the values already; an application.properties of somebody else must not be found.
        main.setDefaultPropertyPlaceholderLocation("false");
        // Signals are ours, see StopSignals; a context that stops by itself ends the wait too.
        main.setShutdownStrategy(new SimpleMainShutdownStrategy() {
            @Override
            public boolean shutdown() {
                requestStop();
                return super.shutdown();
            }
        });
    }

    /**
     * Starts the roles of a configuration.
     *
     * @throws CommandFailedException if a route or a service cannot start; what had started is stopped again
     */
    public static Application start(Configuration configuration) {
        createFolder(Path.of(configuration.get("bactrian.data")));
        if (Boolean.parseBoolean(configuration.get("camel.management.enabled"))) {
            checkServers(configuration);
            checkFree(configuration.get("camel.management.host"), configuration.get("camel.management.port"));
        }
        Application application = new Application(configuration);
        try {
            application.main.start();
            return application;
        } catch (Exception e) {
            application.close();
            String roles = configuration.roles().isEmpty() ? "" : " " + configuration.roles();
            throw new CommandFailedException("Cannot start" + roles + ": " + reasons(e), e);
        }
    }

    private static ManagementServerFactory.Settings management(Configuration configuration) {
        String hosts = configuration.get("bactrian.management.hosts");
        return new ManagementServerFactory.Settings(
                hosts.isBlank() ? List.of() : List.of(hosts.strip().split("\\s*,\\s*")),
                configuration.get("bactrian.management.user"),
                configuration.get("bactrian.management.password"),
                Path.of(configuration.get("bactrian.management.tokenFile")),
                configuration.get("camel.metrics.path"));
    }

    /** Two servers on one port would be Camel's one server, without the guard. */
    private static void checkServers(Configuration configuration) {
        boolean both =
                Boolean.parseBoolean(configuration.find("camel.server.enabled").orElse("false"))
                        && configuration
                                .find("camel.server.port")
                                .orElse("8080")
                                .equals(configuration.get("camel.management.port"));
        if (both) {
            throw new CommandFailedException("camel.server.port and bactrian.management.port are both "
                    + configuration.get("camel.management.port") + "; give each server a port of its own");
        }
    }

    private static void createFolder(Path data) {
        try {
            PrivateFolder.create(data);
        } catch (IOException e) {
            throw new CommandFailedException(
                    "Cannot create the data folder " + data.toAbsolutePath() + ": " + FileErrors.say(e)
                            + " (--data DIR keeps it elsewhere)",
                    e);
        }
    }

    /** Looks beforehand, because Camel only logs that its server could not bind, and goes on without it. */
    private static void checkFree(String host, String port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(host, Integer.parseInt(port)));
        } catch (IOException e) {
            throw new CommandFailedException(
                    "The management server cannot bind " + host + ":" + port + " (" + e.getMessage()
                            + "); choose another with --set bactrian.management.port=PORT",
                    e);
        }
    }

    /** The keys of the configuration that routes and services have asked for. */
    public Set<String> keysInUse() {
        return Set.copyOf(lookedUp);
    }

    /** The running context. */
    public CamelContext context() {
        return main.getCamelContext();
    }

    /** Lets {@link #awaitStop} return; returns at once. */
    public void requestStop() {
        stopRequested.countDown();
    }

    /** Waits until a stop is requested. */
    public void awaitStop() throws InterruptedException {
        stopRequested.await();
    }

    /** Stops the routes, waiting for what is under way as long as {@code bactrian.stop.timeout} allows. */
    @Override
    public void close() {
        main.stop();
    }

    /** The messages of all causes, each once: Camel's own say which route, the innermost says why. Some say all. */
    private static String reasons(Throwable failure) {
        StringBuilder reasons = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = Secrets.hide(cause.getMessage() == null ? cause.toString() : cause.getMessage());
            if (cause instanceof BackupException || cause instanceof SettingsException) {
                return message;
            }
            if (reasons.indexOf(message) < 0) {
                reasons.append(reasons.isEmpty() ? "" : "\n  because ").append(message);
            }
        }
        return reasons.toString();
    }
}
