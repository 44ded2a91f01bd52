package io.bactrian.speed.routes;

import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairPlugin;
import io.bactrian.pair.routes.Wake;
import io.bactrian.speed.core.SensorCore;
import io.bactrian.speed.core.SpeedSettings;
import io.bactrian.support.config.SettingsReader;
import io.bactrian.support.context.FirstUse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextServicePlugin;

/**
 * Gives any CamelContext that has this jar the beans of the routes in {@code routes/speed/}. Camel finds it by itself. Nothing
 * is opened until a route uses a bean.
 */
public final class SpeedPlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        FirstUse<SpeedServer> server = new FirstUse<>(context, () -> server(context));
        FirstUse<SpeedSensor> sensor = new FirstUse<>(context, () -> sensor(context));
        context.getRegistry().bind("bactrianSpeed", SpeedServer.class, server::get);
        context.getRegistry().bind("bactrianSensor", SpeedSensor.class, sensor::get);
        context.getPropertiesComponent().addPropertiesSource(new SensorServers(context));
    }

    private static SpeedSensor sensor(CamelContext context) {
        SettingsReader in = new SettingsReader(context, "the sensor", "bactrian.sensor.");
        SensorCore core = new SensorCore(
                in.number("id", 0), in.number("silenceMs", 1), in.number("unacknowledged.max", 1), SpeedSensor.nowMs());
        String file = file(in);
        in.check();
        SpeedSensor made = new SpeedSensor(
                core,
                SensorServers.addresses(in.text("servers")),
                file,
                Clock.systemUTC(),
                new Wake(context, "seda:send-speeds?size=1&discardWhenFull=true&waitForTaskToComplete=Never"));
        context.getCamelContextExtension().addContextPlugin(SpeedSensor.class, made);
        return made;
    }

    private static String file(SettingsReader in) {
        String file = in.text("file");
        boolean none = file.isEmpty() || file.equals("-");
        return none || (Files.isReadable(Path.of(file)) && !Files.isDirectory(Path.of(file)))
                ? file
                : in.refuse(
                        "file",
                        file,
                        "cannot be read: name a file with a speed on each line, or - for the standard input",
                        "");
    }

    private static SpeedServer server(CamelContext context) {
        SettingsReader in = new SettingsReader(context, "the speed server", "bactrian.speed.");
        String restore = in.text("restore");
        SpeedSettings settings = new SpeedSettings(
                in.number("sensors.max", 1), in.number("sensors.idleS", 1), in.number("averages.max", 1));
        int pendingMax = in.number("pending.max", 1);
        int snapshotBytes = in.number("snapshot.bytes", 1);
        in.check();
        SpeedServer made = new SpeedServer(
                context,
                context.getRegistry().lookupByNameAndType(PairPlugin.PAIR, Pair.class),
                settings,
                pendingMax,
                snapshotBytes,
                restore.isEmpty() ? null : Path.of(restore),
                Clock.systemUTC());
        context.getCamelContextExtension().addContextPlugin(SpeedServer.class, made);
        return made;
    }
}
