package io.bactrian.speed.routes;

import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairPlugin;
import io.bactrian.pair.routes.Wake;
import io.bactrian.speed.core.SensorCore;
import io.bactrian.speed.core.SpeedSettings;
import io.bactrian.support.context.FirstUse;
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
        SensorCore core = new SensorCore(
                number(context, "bactrian.sensor.id"),
                number(context, "bactrian.sensor.silenceMs"),
                (int) number(context, "bactrian.sensor.unacknowledged.max"),
                SpeedSensor.nowMs());
        SpeedSensor made = new SpeedSensor(
                core,
                SensorServers.addresses(text(context, "bactrian.sensor.servers")),
                text(context, "bactrian.sensor.file"),
                Clock.systemUTC(),
                new Wake(context, "seda:send-speeds?size=1&discardWhenFull=true&waitForTaskToComplete=Never"));
        context.getCamelContextExtension().addContextPlugin(SpeedSensor.class, made);
        return made;
    }

    private static SpeedServer server(CamelContext context) {
        String restore = text(context, "bactrian.speed.restore");
        SpeedServer made = new SpeedServer(
                context,
                context.getRegistry().lookupByNameAndType(PairPlugin.PAIR, Pair.class),
                new SpeedSettings(
                        (int) number(context, "bactrian.speed.sensors.max"),
                        number(context, "bactrian.speed.sensors.idleS"),
                        (int) number(context, "bactrian.speed.averages.max")),
                (int) number(context, "bactrian.speed.pending.max"),
                number(context, "bactrian.speed.snapshot.bytes"),
                restore.isEmpty() ? null : Path.of(restore),
                Clock.systemUTC());
        context.getCamelContextExtension().addContextPlugin(SpeedServer.class, made);
        return made;
    }

    private static long number(CamelContext context, String key) {
        return Long.parseLong(text(context, key));
    }

    private static String text(CamelContext context, String key) {
        return context.resolvePropertyPlaceholders("{{" + key + "}}").strip();
    }
}
