package io.bactrian.app;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bactrian run ROLE...}: runs roles in this process until it is told to stop. */
@Command(
        name = "run",
        description = {
            "Runs roles in one process, until Ctrl-C or SIGTERM: then it drains and stops; a second one stops at once.",
            "A role is a file config/application-ROLE.properties that names its route files: hub, publisher,"
                    + " subscriber, demo, or one of your own."
        })
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);
    private static final String DATA = "bactrian.data";

    @Parameters(arity = "1..*", paramLabel = "ROLE", description = "What to run.")
    private List<String> roles = new ArrayList<>();

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration = options.load(List.copyOf(new LinkedHashSet<>(roles)));
        setLogLevel(configuration.get("bactrian.log.level"));
        announce(configuration);
        Application application = Application.start(configuration);
        StopSignals.listen(application::requestStop, RunCommand::halt);
        LOG.info("started routes={}", application.context().getRoutesSize());
        application.awaitStop();
        return stop(application, configuration.number("bactrian.stop.timeout"));
    }

    private static void announce(Configuration configuration) {
        Path data = Path.of(configuration.get(DATA)).toAbsolutePath().normalize();
        LOG.info("bactrian version={} roles={} data={}", Version.number(), configuration.roles(), data);
        configuration.home().folder().ifPresent(folder -> LOG.info("config and routes from folder={}", folder));
        configuration.ofType("address").forEach((key, address) -> LOG.info("{}={}", key, address));
        LOG.info(
                "management=http://{}:{}/observe/health",
                configuration.get("bactrian.management.host"),
                configuration.get("bactrian.management.port"));
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
