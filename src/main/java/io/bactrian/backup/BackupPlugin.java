package io.bactrian.backup;

import io.bactrian.pubsub.routes.Hub;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.ContextServicePlugin;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the bean of the routes in {@code routes/backup/}, set by the properties that
 * begin with {@code bactrian.backup.}. Camel finds it by itself. Nothing is opened until a route uses the bean.
 */
public final class BackupPlugin implements ContextServicePlugin {
    private static final String KEYS = "bactrian.backup.";
    private static final Pattern NOT_IN_A_URI = Pattern.compile("[?\\p{Cntrl}]|\\$(simple)?\\{|%\\p{XDigit}{2}");
    private static final String VERSION = "/io/bactrian/app/version.properties";

    @Override
    public void load(CamelContext context) {
        OnlyOne backup = new OnlyOne(context);
        context.getRegistry().bind("bactrianBackup", HubBackup.class, backup::get);
    }

    /** The bean of a context, made at the first use. */
    private static final class OnlyOne {
        private final CamelContext context;
        private final List<String> problems = new ArrayList<>();
        private @Nullable HubBackup backup;

        private OnlyOne(CamelContext context) {
            this.context = context;
        }

        private synchronized HubBackup get() {
            HubBackup made = backup;
            if (made == null) {
                made = new HubBackup(
                        settings(),
                        () -> context.getCamelContextExtension().getContextPlugin(Hub.class),
                        new BackupRequests(context),
                        Clock.systemUTC());
                try {
                    made.liveWith(context);
                    BackupMeters.bind(context, made);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
                HealthCheckRegistry registry = HealthCheckRegistry.get(context);
                if (registry != null) {
                    registry.register(new BackupHealthCheck(made));
                }
                backup = made;
            }
            return made;
        }

        private BackupSettings settings() {
            problems.clear();
            BackupSettings settings = new BackupSettings(folder(), links(), keepCount(), keepAge(), version());
            if (!problems.isEmpty()) {
                throw new BackupException(
                        "The configuration of the backup is wrong:\n  " + String.join("\n  ", problems));
            }
            return settings;
        }

        private Path folder() {
            // As the endpoints of the route take it, be there spaces at its end.
            String text = context.resolvePropertyPlaceholders("{{" + KEYS + "folder}}");
            if (NOT_IN_A_URI.matcher(text).find()) {
                problems.add(
                        KEYS + "folder=" + text + " must not contain ?, ${, $simple{, a control character, or % and two"
                                + " hexadecimal digits: Camel's file endpoint takes it for something else");
                return Path.of("");
            }
            return Path.of(text).toAbsolutePath().normalize();
        }

        private boolean links() {
            String text = text("links");
            if (!text.matches("true|false")) {
                problems.add(KEYS + "links=" + text + " must be true or false");
            }
            return Boolean.parseBoolean(text);
        }

        private int keepCount() {
            String text = text("keep.count");
            if (!text.matches("[1-9][0-9]{0,8}")) {
                problems.add(KEYS + "keep.count=" + text + " must be a number of at least 1");
                return 1;
            }
            return Integer.parseInt(text);
        }

        private Duration keepAge() {
            String text = text("keep.age");
            try {
                long ms = TimeUtils.toMilliSeconds(text);
                if (ms > 0) {
                    return Duration.ofMillis(ms);
                }
            } catch (IllegalArgumentException e) {
                problems.add(KEYS + "keep.age=" + text + ": " + e.getMessage());
                return Duration.ZERO;
            }
            problems.add(KEYS + "keep.age=" + text + " must be a duration such as 12h or 7d");
            return Duration.ZERO;
        }

        private String text(String key) {
            return context.resolvePropertyPlaceholders("{{" + KEYS + key + "}}").strip();
        }
    }

    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = BackupPlugin.class.getResourceAsStream(VERSION)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new RuntimeCamelException("cannot read " + VERSION, e);
        }
        return properties.getProperty("version", "unknown");
    }
}
