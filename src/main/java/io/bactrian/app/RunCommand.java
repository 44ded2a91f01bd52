package io.bactrian.app;

import ch.qos.logback.classic.Level;
import io.bactrian.app.cli.HubOptions;
import io.bactrian.app.cli.RandomSubscriber;
import io.bactrian.zeromq.ZeroMqEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Endpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bactrian run ROLE...}: runs roles in this process until it is told to stop. */
@Command(
        name = "run",
        description = {
            "Runs roles in one process, until Ctrl-C or SIGTERM: then it drains and stops; a second one stops at once.",
            "A role is a file config/application-ROLE.properties that names its route files: hub, publisher,"
                    + " subscriber, demo, or one of your own.",
            "Some roles take arguments and options, which stand after their name, as in: run balancer 5000. Each sets a"
                    + " key of the configuration. The help of a role tells them: run balancer --help."
        })
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);
    private static final String DATA = "bactrian.data";
    private static final String ROLES_SECTION = "roles";

    @Parameters(
            arity = "1..*",
            paramLabel = "ROLE [ARGUMENT...]",
            description = "What to run; the arguments of a role follow its name.")
    private List<String> roles = new ArrayList<>();

    @Option(
            names = "--random",
            description =
                    "With the role subscriber: a demonstration that picks topics at random, subscribes and"
                            + " unsubscribes, and checks that each message is processed once and in order, and that none is missing.")
    private boolean random;

    @Option(names = "--topics-from", paramLabel = "FILE", description = "With --random: the topics, one a line.")
    private @Nullable Path topicsFrom;

    @Option(
            names = "--faults",
            paramLabel = "RATE",
            defaultValue = "0",
            description = "With --random: how often it drops, delays or crashes on purpose, from 0 to 1.")
    private double faults;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    /** The help of this command begins with the roles that it is called with. */
    static void explainRoles(CommandLine run) {
        List<String> sections = new ArrayList<>(run.getHelpSectionKeys());
        sections.add(0, ROLES_SECTION);
        run.setHelpSectionKeys(sections);
        run.getHelpSectionMap()
                .put(ROLES_SECTION, help -> ((RunCommand) help.commandSpec().userObject()).help(help));
    }

    private String help(CommandLine.Help help) {
        Installation home = Installation.find();
        StringBuilder text = new StringBuilder();
        for (String word : new LinkedHashSet<>(roles)) {
            home.roleArguments(word)
                    .ifPresent(role -> text.append(role.usage())
                            .append(System.lineSeparator())
                            .append(home.roleMeaning(word))
                            .append(System.lineSeparator())
                            .append(help.createTextTable(role.meanings(Configuration.declared())))
                            .append(System.lineSeparator()));
        }
        return text.toString();
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (random) {
            return demonstrate();
        }
        // Now: once it has ended, the system names another one.
        Optional<ProcessHandle> parent = ProcessHandle.current().parent();
        Configuration configuration = options.loadCalled(roles);
        setLogLevel(configuration.get("bactrian.log.level"));
        announce(configuration);
        Application application = Application.start(configuration);
        StopSignals.listen(application::requestStop, RunCommand::halt);
        if (Boolean.parseBoolean(configuration.get("bactrian.stop.withParent"))) {
            stopWithParent(application, parent);
        }
        served(configuration, application).forEach((key, address) -> LOG.info("{}={}", key, address));
        LOG.info("started routes={}", application.context().getRoutesSize());
        application.awaitStop();
        return stop(application, configuration.number("bactrian.stop.timeout"));
    }

    private int demonstrate() throws InterruptedException, IOException {
        Path file = topicsFrom;
        if (!roles.equals(List.of("subscriber")) || file == null) {
            throw new ParameterException(spec.commandLine(), "--random needs the role subscriber and --topics-from");
        }
        Configuration configuration = options.load(List.of());
        AtomicBoolean stopping = new AtomicBoolean();
        StopSignals.listen(() -> stopping.set(true), RunCommand::halt);
        RandomSubscriber subscriber = new RandomSubscriber(
                HubOptions.settings(configuration, "random"),
                RandomSubscriber.topicsFrom(file),
                faults,
                new SecureRandom());
        RandomSubscriber.SubscriberFigures figures =
                subscriber.run(() -> !stopping.get(), status -> LOG.info("random subscriber {}", status));
        LOG.info("stopped random subscriber {}", figures);
        return figures.repeated() == 0 && figures.missing() == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    private static void announce(Configuration configuration) {
        Path data = Path.of(configuration.get(DATA)).toAbsolutePath().normalize();
        LOG.info("bactrian version={} roles={} data={}", Version.number(), configuration.roles(), data);
        configuration.home().folder().ifPresent(folder -> LOG.info("config and routes from folder={}", folder));
        if (Boolean.parseBoolean(configuration.get("camel.management.enabled"))) {
            LOG.info(
                    "management=http://{}:{}/observe/health",
                    configuration.get("bactrian.management.host"),
                    configuration.get("bactrian.management.port"));
        }
    }

    /** The configured addresses that this process serves: a route has asked for the key, and an endpoint is bound there. */
    static Map<String, String> served(Configuration configuration, Application application) {
        Map<String, String> served = new TreeMap<>(configuration.ofType("address"));
        served.keySet().retainAll(application.keysInUse());
        List<String> places = application.context().getEndpoints().stream()
                .filter(endpoint -> !(endpoint instanceof ZeroMqEndpoint zeroMq)
                        || !zeroMq.getBoundAddresses().isEmpty())
                .map(RunCommand::place)
                .toList();
        served.values()
                .removeIf(address -> address.isBlank() || places.stream().noneMatch(place -> place.contains(address)));
        return served;
    }

    /** A URI spells some characters of an address in another way, such as the brackets of IPv6. */
    private static String place(Endpoint endpoint) {
        return endpoint instanceof ZeroMqEndpoint zeroMq
                ? String.join(",", zeroMq.getAddresses())
                : endpoint.getEndpointUri();
    }

    /** Who started this process may be killed, and could then not end it. */
    private static void stopWithParent(Application application, Optional<ProcessHandle> parent) {
        CompletableFuture<?> gone = parent.map(ProcessHandle::onExit)
                .<CompletableFuture<?>>map(exit -> exit.thenRun(application::requestStop))
                .orElseGet(() -> CompletableFuture.runAsync(application::requestStop));
        LOG.debug("stops with its parent, which has ended={}", gone.isDone());
    }

    private static void setLogLevel(String level) {
        if (LoggerFactory.getLogger("io.bactrian") instanceof ch.qos.logback.classic.Logger logger) {
            logger.setLevel(Level.toLevel(level));
        }
    }

    /** A drain that hangs must not keep the process: what was accepted is on disk, and the rest is sent again. */
    private static int stop(Application application, long timeoutMs) throws InterruptedException {
        long startedNs = System.nanoTime();
        Thread closing = new Thread(application::close, "bactrian-stop");
        closing.setDaemon(true);
        closing.start();
        closing.join(2 * timeoutMs);
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs);
        if (closing.isAlive()) {
            LOG.error("did not stop within timeoutMs={}, cut off; stuck at {}", 2 * timeoutMs, closing.getStackTrace());
            return ExitCode.FAILED;
        }
        LOG.info("stopped tookMs={}", tookMs);
        return ExitCode.OK;
    }

    private static void halt() {
        LOG.warn("stopped at once");
        Runtime.getRuntime().halt(ExitCode.FAILED);
    }
}
