package io.bactrian.speed.routes;

import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairPlugin;
import io.bactrian.pair.routes.Wake;
import io.bactrian.speed.core.SensorCore;
import io.bactrian.speed.core.SpeedSettings;
import java.time.Clock;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ContextServicePlugin;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the beans of the routes in {@code routes/speed/}. Camel finds it by itself. Nothing
 * is opened until a route uses a bean.
 */
public final class SpeedPlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        OnlyOnes beans = new OnlyOnes(context);
        context.getRegistry().bind("bactrianSpeed", SpeedServer.class, beans::server);
        context.getRegistry().bind("bactrianSensor", SpeedSensor.class, beans::sensor);
        context.getPropertiesComponent().addPropertiesSource(new SensorServers(context));
    }

    private static final class OnlyOnes {
        private final CamelContext context;
        private @Nullable SpeedServer server;
        private @Nullable SpeedSensor sensor;

        private OnlyOnes(CamelContext context) {
            this.context = context;
        }

        private long number(String key) {
            return Long.parseLong(context.resolvePropertyPlaceholders("{{bactrian.speed." + key + "}}")
                    .strip());
        }

        private synchronized SpeedSensor sensor() {
            SpeedSensor made = sensor;
            if (made == null) {
                SensorCore core = new SensorCore(
                        Long.parseLong(text("bactrian.sensor.id")),
                        Long.parseLong(text("bactrian.sensor.silenceMs")),
                        Integer.parseInt(text("bactrian.sensor.unacknowledged.max")),
                        SpeedSensor.nowMs());
                made = new SpeedSensor(
                        core,
                        SensorServers.addresses(text("bactrian.sensor.servers")),
                        text("bactrian.sensor.file"),
                        Clock.systemUTC(),
                        new Wake(context, "seda:send-speeds?size=1&discardWhenFull=true&waitForTaskToComplete=Never"));
                sensor = made;
                context.getCamelContextExtension().addContextPlugin(SpeedSensor.class, made);
            }
            return made;
        }

        private String text(String key) {
            return context.resolvePropertyPlaceholders("{{" + key + "}}").strip();
        }

        private synchronized SpeedServer server() {
            SpeedServer made = server;
            if (made == null) {
                Pair pair = context.getRegistry().lookupByNameAndType(PairPlugin.PAIR, Pair.class);
                made = new SpeedServer(
                        context,
                        pair,
                        new SpeedSettings(
                                (int) number("sensors.max"), number("sensors.idleS"), (int) number("averages.max")),
                        (int) number("pending.max"),
                        number("snapshot.bytes"),
                        Clock.systemUTC());
                server = made;
                try {
                    made.liveWith(context);
                    context.getCamelContextExtension().addContextPlugin(SpeedServer.class, made);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
            }
            return made;
        }
    }
}
