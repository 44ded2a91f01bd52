package io.bactrian.speed.routes;

import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.PairPlugin;
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
    }

    private static final class OnlyOnes {
        private final CamelContext context;
        private @Nullable SpeedServer server;

        private OnlyOnes(CamelContext context) {
            this.context = context;
        }

        private long number(String key) {
            return Long.parseLong(context.resolvePropertyPlaceholders("{{bactrian.speed." + key + "}}")
                    .strip());
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
                    context.addService(made, true, true);
                    context.getCamelContextExtension().addContextPlugin(SpeedServer.class, made);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
            }
            return made;
        }
    }
}
