package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Backoff;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.ExtendedStartupListener;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.Service;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the components and beans of the routes in {@code routes/gateway/}, set by the
 * properties that begin with {@code bactrian.gateway.}. The components {@code platform-http-balancer} and {@code
 * platform-http-worker} are platform-http, each with a server of its own. Camel finds this by itself. Nothing is opened until a
 * route uses one of them.
 */
public final class GatewayPlugin implements ContextServicePlugin {
    static final String BALANCER_HTTP = "platform-http-balancer";
    static final String WORKER_HTTP = "platform-http-worker";

    /** Balancers tell each other of some ten thousand producers at a time. */
    private static final int ANSWER_MIN = 4 * 1_024 * 1_024;

    private static final int ANSWER_MORE = 64 * 1_024;

    @Override
    public void load(CamelContext context) {
        Beans beans = new Beans(context);
        context.getRegistry().bind(BALANCER_HTTP, Component.class, beans::balancerHttp);
        context.getRegistry().bind(WORKER_HTTP, Component.class, beans::workerHttp);
        context.getRegistry()
                .bind(
                        "bactrianBalancer",
                        GatewayBalancer.class,
                        () -> beans.balancer().balancer());
        context.getRegistry()
                .bind(
                        "bactrianWorker",
                        GatewayWorker.class,
                        () -> beans.worker().worker());
        context.getRegistry().bind("bactrianProducers", HeartbeatProducers.class, beans::producers);
        context.getRegistry().bind("bactrianConsumers", DataConsumers.class, beans::consumers);
        context.getRegistry().bind("bactrianGatewayPages", GatewayPages.class, beans::pages);
        context.getRegistry().bind("bactrianGatewayStatus", GatewayStatus.class, beans::status);
    }

    /** The beans of a context, made at the first use. */
    private static final class Beans {
        private final CamelContext context;
        private final GatewayConfiguration configuration;
        private @Nullable BalancerService balancer;
        private @Nullable WorkerService worker;
        private @Nullable Component balancerHttp;
        private @Nullable Component workerHttp;
        private @Nullable HeartbeatProducers producers;
        private @Nullable DataConsumers consumers;
        private @Nullable GatewayPages pages;
        private @Nullable GatewayStatus status;

        private Beans(CamelContext context) {
            this.context = context;
            this.configuration = new GatewayConfiguration(context);
        }

        private synchronized Component balancerHttp() {
            // By its interface, so that this class loads where platform-http is not on the class path.
            Component made = balancerHttp;
            if (made == null) {
                made = new GatewayHttpComponent(context, () -> balancer().server());
                balancerHttp = made;
            }
            return made;
        }

        private synchronized Component workerHttp() {
            Component made = workerHttp;
            if (made == null) {
                made = new GatewayHttpComponent(context, () -> worker().server());
                workerHttp = made;
            }
            return made;
        }

        private synchronized BalancerService balancer() {
            BalancerService made = balancer;
            if (made == null) {
                BalancerService service = new BalancerService(
                        context,
                        configuration.balancer(),
                        configuration.database("balancer"),
                        client(),
                        new GatewayHttpServer(context, configuration.http("balancer")));
                run(service);
                balancer = service;
                made = service;
            }
            return made;
        }

        private synchronized WorkerService worker() {
            WorkerService made = worker;
            if (made == null) {
                WorkerService service = new WorkerService(
                        context,
                        configuration.worker(),
                        configuration.database("worker"),
                        client(),
                        new GatewayHttpServer(context, configuration.http("worker")));
                run(service);
                worker = service;
                made = service;
            }
            return made;
        }

        private synchronized HeartbeatProducers producers() {
            HeartbeatProducers made = producers;
            if (made == null) {
                made = new HeartbeatProducers(clients("producer"), client().open(threads("bactrian-producer")));
                producers = made;
                atStop(made);
            }
            return made;
        }

        private synchronized DataConsumers consumers() {
            DataConsumers made = consumers;
            if (made == null) {
                made = new DataConsumers(
                        clients("consumer"),
                        client().open(threads("bactrian-consumer")),
                        Boolean.parseBoolean(configuration.text("consumer.print")));
                consumers = made;
                atStop(made);
            }
            return made;
        }

        private synchronized GatewayPages pages() {
            GatewayPages made = pages;
            if (made == null) {
                made = new GatewayPages();
                pages = made;
            }
            return made;
        }

        private synchronized GatewayStatus status() {
            GatewayStatus made = status;
            if (made == null) {
                made = new GatewayStatus(balancer(), worker(), producers(), consumers());
                status = made;
            }
            return made;
        }

        private GatewayClientSettings clients(String role) {
            List<String> balancers = configuration.balancers();
            configuration.check();
            GatewayClientSettings settings = new GatewayClientSettings(
                    balancers,
                    configuration.number(role + ".id"),
                    configuration.number(role + ".count"),
                    configuration.milliseconds(role + ".period"),
                    configuration.milliseconds("client.timeout"),
                    configuration.number("client.retries"),
                    new Backoff(
                            configuration.milliseconds("client.backoff"),
                            configuration.milliseconds("client.backoffMax")),
                    configuration.milliseconds("client.summary"),
                    configuration.text("producer.location"));
            configuration.check();
            return settings;
        }

        private PeerClientSettings client() {
            return new PeerClientSettings(
                    configuration.text("tls.trust"),
                    configuration.text("apiKey"),
                    configuration.milliseconds("client.timeout"),
                    // What is asked for is at most as large as what may be posted, and what a worker adds to it.
                    Math.max(ANSWER_MIN, configuration.number("body.bytesMax") + ANSWER_MORE));
        }

        private ExecutorService threads(String name) {
            return context.getExecutorServiceManager().newCachedThreadPool(this, name);
        }

        private void run(RoleService service) {
            start(service);
            start(service.server());
            whenStarted(() -> {
                service.open();
                GatewayMeters meters = service.meters();
                meters.bind(context);
                HealthCheckRegistry registry = HealthCheckRegistry.get(context);
                if (registry != null) {
                    registry.register(new GatewayHealthCheck(service.name(), meters, service::trouble));
                }
            });
            context.addLifecycleStrategy(new LifecycleStrategySupport() {
                @Override
                public void onContextStopping(CamelContext stopping) {
                    service.quit();
                }
            });
        }

        private void atStop(GatewayClients clients) {
            context.addLifecycleStrategy(new LifecycleStrategySupport() {
                @Override
                public void onContextStopping(CamelContext stopping) {
                    GatewayClients.LOG.info("{}", clients.summary());
                }
            });
        }

        private void start(Service service) {
            try {
                // At once, as routes that are being built need it; a context that is not started yet would put it off.
                ServiceHelper.startService(service);
                context.addService(service, true, true);
            } catch (Exception e) {
                throw RuntimeCamelException.wrapRuntimeCamelException(e);
            }
        }

        /** Runs a step when all routes have started: whoever calls then gets an answer. */
        private void whenStarted(Runnable step) {
            try {
                context.addStartupListener(new ExtendedStartupListener() {
                    @Override
                    public void onCamelContextStarted(CamelContext started, boolean already) {}

                    @Override
                    public void onCamelContextFullyStarted(CamelContext started, boolean already) {
                        step.run();
                    }
                });
            } catch (Exception e) {
                throw RuntimeCamelException.wrapRuntimeCamelException(e);
            }
        }
    }
}
