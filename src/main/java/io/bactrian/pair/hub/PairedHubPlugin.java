package io.bactrian.pair.hub;

import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextServicePlugin;

/**
 * Gives any CamelContext that has this jar the bean by which its hub is active where its pair is: {@code
 * bactrian.hub.election=bactrianPairedHub}. Camel finds it by itself. Nothing is made until a hub asks for it.
 */
public final class PairedHubPlugin implements ContextServicePlugin {
    /** Name of the bean. */
    public static final String PAIRED_HUB = "bactrianPairedHub";

    @Override
    public void load(CamelContext context) {
        // Bound without its type: who looks for one makes none.
        context.getRegistry().bind(PAIRED_HUB, Object.class, () -> new PairedHub(context));
    }
}
