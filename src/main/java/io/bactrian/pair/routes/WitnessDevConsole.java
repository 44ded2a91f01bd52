package io.bactrian.pair.routes;

import io.bactrian.support.context.FiguresDevConsole;
import java.util.Map;
import org.apache.camel.spi.annotations.DevConsole;

/** The records of each pair at the witness of this process: {@code /q/dev/witness}. */
@DevConsole(name = "witness", description = "The witness of pairs: its record of each, and its answers")
public final class WitnessDevConsole extends FiguresDevConsole {
    public WitnessDevConsole() {
        super("witness", "Bactrian witness", "The witness of pairs: its record of each, and its answers");
    }

    @Override
    protected Map<String, Object> describe(Map<String, Object> options) {
        WitnessDesk desk = getCamelContext().getCamelContextExtension().getContextPlugin(WitnessDesk.class);
        return desk == null ? Map.of("node", "no witness runs in this process") : desk.figures();
    }
}
