package io.bactrian.pair.routes;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonObject;

/**
 * How this node of a pair stands: {@code /q/dev/pair}. It reads, and never acts; {@link #act} does, by
 * {@code POST /q/do/pair-switch}, {@code pair-promote} and {@code pair-force} of the management server.
 */
@DevConsole(name = "pair", description = "A node of a pair: role, epoch, copy, witness, events")
public final class PairDevConsole extends AbstractDevConsole {
    /** What has become of it: empty if it was begun. */
    public static final String REFUSED = "refused";

    public PairDevConsole() {
        super("bactrian", "pair", "Bactrian pair", "A node of a pair: role, epoch, copy, witness, events");
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        StringBuilder text = new StringBuilder();
        describe()
                .forEach((key, value) ->
                        text.append(key).append(": ").append(value).append('\n'));
        return text.toString();
    }

    @Override
    protected JsonObject doCallJson(Map<String, Object> options) {
        return new JsonObject(describe());
    }

    private Map<String, Object> describe() {
        Map<String, Object> all = new LinkedHashMap<>();
        Pair pair = getCamelContext().getCamelContextExtension().getContextPlugin(Pair.class);
        if (pair == null) {
            all.put("node", "no node of a pair runs in this process");
            return all;
        }
        all.putAll(pair.figures());
        return all;
    }

    /**
     * Asks the node of a context for something.
     *
     * @param wanted {@code switch}, {@code promote} or {@code force}
     * @return its figures, with {@link #REFUSED}
     * @throws IllegalStateException if no node of a pair runs in this process
     */
    public static Map<String, Object> act(CamelContext context, String wanted) {
        Pair pair = context.getCamelContextExtension().getContextPlugin(Pair.class);
        if (pair == null) {
            throw new IllegalStateException("no node of a pair runs in this process");
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(REFUSED, ask(pair, wanted));
        all.putAll(pair.figures());
        return all;
    }

    private static String ask(Pair pair, String wanted) {
        try {
            switch (wanted) {
                case "switch" -> pair.switchOver();
                case "promote" -> pair.promote(false);
                case "force" -> pair.promote(true);
                default -> {
                    return wanted + " must be switch, promote or force";
                }
            }
            return "";
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
