package io.bactrian.backup.routes;

import io.bactrian.backup.core.BackupSettings;
import io.bactrian.pubsub.routes.Hub;
import io.bactrian.support.config.SettingsReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.ContextServicePlugin;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the bean of the routes in {@code routes/backup/}, set by the properties that
 * begin with {@code bactrian.backup.}. Camel finds it by itself. Nothing is opened until a route uses the bean.
 */
public final class BackupPlugin implements ContextServicePlugin {
    private static final String KEYS = "bactrian.backup.";
    private static final Pattern NOT_IN_A_URI = Pattern.compile("[?\\p{Cntrl}]|\\$(simple)?\\{|%\\p{XDigit}{2}");
    private static final String FOLDER =
            "must not contain ?, ${, $simple{, a control character, or % and two hexadecimal"
                    + " digits: Camel's file endpoint takes it for something else";
    private static final String VERSION = "/io/bactrian/app/version.properties";

    @Override
    public void load(CamelContext context) {
        OnlyOne backup = new OnlyOne(context);
        context.getRegistry().bind("bactrianBackup", HubBackup.class, backup::get);
    }

    /** The bean of a context, made at the first use. */
    private static final class OnlyOne {
        private final CamelContext context;
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
            SettingsReader in = new SettingsReader(context, "the backup", KEYS);
            BackupSettings settings = new BackupSettings(
                    folder(in), in.isTrue("links"), in.number("keep.count", 1), in.duration("keep.age"), version());
            in.check();
            return settings;
        }

        private Path folder(SettingsReader in) {
            // As the endpoints of the route take it, be there spaces at its end.
            String text = context.resolvePropertyPlaceholders("{{" + KEYS + "folder}}");
            return NOT_IN_A_URI.matcher(text).find()
                    ? in.refuse("folder", text, FOLDER, Path.of(""))
                    : Path.of(text).toAbsolutePath().normalize();
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
