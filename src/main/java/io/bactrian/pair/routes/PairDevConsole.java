package io.bactrian.pair.routes;

import io.bactrian.support.context.FiguresDevConsole;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.annotations.DevConsole;

/** How this node of a pair stands: {@code /q/dev/pair}. */
@DevConsole(name = "pair", description = "A node of a pair: role, epoch, copy, witness, events")
public final class PairDevConsole extends FiguresDevConsole {
    private static final String NONE = "no node of a pair runs in this process";

    public PairDevConsole() {
        super("pair", "Bactrian pair", "A node of a pair: role, epoch, copy, witness, events");
    }

    @Override
    protected Map<String, Object> describe(Map<String, Object> options) {
        Map<String, Object> all = new LinkedHashMap<>();
        Pair pair = getCamelContext().getCamelContextExtension().getContextPlugin(Pair.class);
        if (pair == null) {
            all.put("node", NONE);
            return all;
        }
        pair.figures().forEach((name, value) -> {
            all.put(name, value);
            if (name.equals("lag") && pair.active()) {
                CopyLag lag = CopyLag.of(pair);
                all.put("lagBytes", lag.bytes());
                all.put("lagMs", lag.ms());
            }
        });
        return all;
    }

    /**
     * Has the node of a context do something; returns its epoch before that.
     *
     * @throws IllegalStateException if there is none, or if it refuses
     */
    public static long act(CamelContext context, Consumer<Pair> action) {
        Pair pair = context.getCamelContextExtension().getContextPlugin(Pair.class);
        if (pair == null) {
            throw new IllegalStateException(NONE);
        }
        int epoch = pair.epoch();
        action.accept(pair);
        return epoch;
    }
}
