package io.bactrian.pair.routes;

import io.bactrian.journal.JournalEndpoint;
import io.bactrian.support.config.SettingsReader;
import io.bactrian.support.text.RawValue;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.ContextServicePlugin;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the beans of the routes in {@code routes/pair/}. Camel finds it by itself. Nothing
 * is opened until a route uses a bean.
 */
public final class PairPlugin implements ContextServicePlugin {
    /** Name of the bean that is a node of a pair. */
    public static final String PAIR = "bactrianPair";

    @Override
    public void load(CamelContext context) {
        context.addLifecycleStrategy(new ClusterServices());
        OnlyOnes beans = new OnlyOnes(context);
        context.getRegistry().bind(PAIR, Pair.class, beans::pair);
        context.getRegistry().bind("bactrianWitness", WitnessDesk.class, beans::witness);
    }

    /** The beans of a context, made at the first use. */
    private static final class OnlyOnes {
        private final CamelContext context;
        private @Nullable Pair pair;
        private @Nullable WitnessDesk witness;

        private OnlyOnes(CamelContext context) {
            this.context = context;
        }

        private synchronized Pair pair() {
            Pair made = pair;
            if (made == null) {
                PairConfiguration configuration = PairConfiguration.of(context);
                // Before the journal, which would stay open if this fails.
                EpochFile epochs = EpochFile.beside(Path.of(configuration.folder()));
                JournalEndpoint journal = context.getEndpoint(
                        "journal:" + configuration.journal() + "?folder=" + RawValue.of(configuration.folder()),
                        JournalEndpoint.class);
                made = new Pair(context, configuration, journal.getJournal(), epochs);
                pair = made;
                try {
                    made.liveWith(context);
                    context.getCamelContextExtension().addContextPlugin(Pair.class, made);
                    context.addService(new PairClusterService(context, made), true, true);
                    PairMeters.bind(context, made);
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
                HealthCheckRegistry registry = HealthCheckRegistry.get(context);
                if (registry != null) {
                    registry.register(new PairHealthCheck(made));
                }
            }
            return made;
        }

        private synchronized WitnessDesk witness() {
            WitnessDesk made = witness;
            if (made == null) {
                SettingsReader in = new SettingsReader(context, "the witness", "bactrian.witness.");
                String folder = in.text("folder");
                int pairsMax = in.number("pairs.max", 1);
                in.check();
                made = new WitnessDesk(Path.of(folder), pairsMax);
                witness = made;
                context.getCamelContextExtension().addContextPlugin(WitnessDesk.class, made);
            }
            return made;
        }
    }
}
