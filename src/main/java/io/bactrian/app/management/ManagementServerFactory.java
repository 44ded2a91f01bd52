package io.bactrian.app.management;

import io.bactrian.support.text.FileErrors;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.ext.auth.authentication.AuthenticationProvider;
import io.vertx.ext.web.handler.AuthenticationHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Service;
import org.apache.camel.component.platform.http.main.DefaultMainHttpServerFactory;
import org.apache.camel.component.platform.http.vertx.auth.AuthenticationConfig;
import org.apache.camel.main.HttpManagementServerConfigurationProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the management server, with its guard before it; camel-main finds this factory in the registry. */
public final class ManagementServerFactory extends DefaultMainHttpServerFactory {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementServerFactory.class);

    private final Settings settings;

    /**
     * The settings {@code bactrian.management.*}.
     *
     * @param hosts further names of this server
     * @param user empty if everybody may ask
     * @param tokenFile where the token is, or is made
     * @param metricsPath of Camel's metrics
     */
    public record Settings(List<String> hosts, String user, String password, Path tokenFile, String metricsPath) {
        public Settings {
            hosts = List.copyOf(hosts);
        }
    }

    public ManagementServerFactory(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Service newHttpManagementServer(
            CamelContext context, HttpManagementServerConfigurationProperties configuration) {
        refuseWhatActs(configuration);
        ManagementServer server = new ManagementServer();
        server.setCamelContext(context);
        server.setHost(configuration.getHost());
        server.setPort(configuration.getPort());
        server.setPath("/");
        server.setUseGlobalSslContextParameters(configuration.isUseGlobalSslContextParameters());
        server.setDevConsoleEnabled(configuration.isDevConsoleEnabled());
        server.setHealthCheckEnabled(configuration.isHealthCheckEnabled());
        server.setHealthPath(configuration.getHealthPath());
        server.setMetricsEnabled(configuration.isMetricsEnabled());
        ManagementAuthentication authentication = new ManagementAuthentication(policy(configuration));
        authenticateWith(server, authentication);
        count(context, authentication);
        warnBeyondLoopback(configuration.getHost());
        return server;
    }

    /** They run, receive, write or read anything for whoever asks, so there is no safe way to serve them here. */
    private static void refuseWhatActs(HttpManagementServerConfigurationProperties configuration) {
        List<String> wrong = new ArrayList<>();
        if (configuration.isSendEnabled()) {
            wrong.add("sendEnabled");
        }
        if (configuration.isUploadEnabled()) {
            wrong.add("uploadEnabled");
        }
        if (configuration.isDownloadEnabled()) {
            wrong.add("downloadEnabled");
        }
        if (configuration.isJolokiaEnabled()) {
            wrong.add("jolokiaEnabled");
        }
        if (configuration.isInfoEnabled()) {
            wrong.add("infoEnabled");
        }
        if (configuration.isAuthenticationEnabled()) {
            wrong.add("authenticationEnabled (set bactrian.management.user and password)");
        }
        if (!"/".equals(configuration.getPath())) {
            wrong.add("path");
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("The management server of Bactrian serves only what reads. Remove camel"
                    + ".management." + String.join(", camel.management.", wrong));
        }
    }

    private ManagementPolicy policy(HttpManagementServerConfigurationProperties configuration) {
        Set<String> reads = new HashSet<>();
        reads.add(configuration.getHealthPath());
        reads.add(configuration.getHealthPath() + "/live");
        reads.add(configuration.getHealthPath() + "/ready");
        reads.add(settings.metricsPath());
        reads.add(ManagementServer.CONSOLES);
        ManagementServer.SERVED.forEach(console -> reads.add(ManagementServer.CONSOLES + "/" + console));
        List<String> hosts = new ArrayList<>(settings.hosts());
        hosts.add(configuration.getHost());
        try {
            String token = ManagementToken.readOrMake(settings.tokenFile());
            return new ManagementPolicy(
                    reads, Set.copyOf(ManagementServer.actions()), hosts, token, settings.user(), settings.password());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The file of bactrian.management.tokenFile cannot be used: " + FileErrors.say(e), e);
        }
    }

    private static void authenticateWith(ManagementServer server, ManagementAuthentication handler) {
        AuthenticationConfig.AuthenticationConfigEntry entry = new AuthenticationConfig.AuthenticationConfigEntry();
        entry.setPath("/*");
        entry.setAuthenticationProviderFactory(vertx -> (credentials, result) -> {
            throw new UnsupportedOperationException("the guard looks at the whole request");
        });
        entry.setAuthenticationHandlerFactory(new AuthenticationConfig.AuthenticationHandlerFactory() {
            @Override
            public <T extends AuthenticationProvider> AuthenticationHandler createAuthenticationHandler(T provider) {
                return handler;
            }
        });
        AuthenticationConfig authentication = new AuthenticationConfig(List.of(entry));
        authentication.setEnabled(true);
        server.getConfiguration().setAuthenticationConfig(authentication);
    }

    private static void count(CamelContext context, ManagementAuthentication authentication) {
        try {
            context.addStartupListener((started, already) -> started.getRegistry()
                    .findByType(MeterRegistry.class)
                    .forEach(registry -> FunctionCounter.builder(
                                    "bactrian.management.refused", authentication, ManagementAuthentication::refused)
                            .description("Requests that the management server refused")
                            .register(registry)));
        } catch (Exception e) {
            throw new IllegalStateException("Camel takes no startup listener", e);
        }
    }

    private void warnBeyondLoopback(String host) {
        if (isLoopback(host)) {
            return;
        }
        if (settings.user().isEmpty()) {
            LOG.warn(
                    "the management server is bound beyond loopback host={} without a password: everybody who reaches it"
                            + " reads health, metrics and consoles; set bactrian.management.user and"
                            + " bactrian.management.password",
                    host);
        } else {
            LOG.warn(
                    "the management server is bound beyond loopback host={}: its password passes in clear, as HTTP does;"
                            + " put a proxy with TLS before it",
                    host);
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
