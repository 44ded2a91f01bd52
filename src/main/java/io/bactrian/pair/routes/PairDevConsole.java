package io.bactrian.pair.routes;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonObject;

/**
 * How this node of a pair stands: {@code /q/dev/pair}. With {@code do=switch}, {@code do=promote} and {@code do=force} it is
 * told to hand over, or to become active.
 */
@DevConsole(name = "pair", description = "A node of a pair: role, epoch, copy, witness, events")
public final class PairDevConsole extends AbstractDevConsole {
    /** Option that asks for something. */
    public static final String DO = "do";

    /** What has become of it: empty if it was begun. */
    public static final String REFUSED = "refused";

    public PairDevConsole() {
        super("bactrian", "pair", "Bactrian pair", "A node of a pair: role, epoch, copy, witness, events");
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        StringBuilder text = new StringBuilder();
        describe(options)
                .forEach((key, value) ->
                        text.append(key).append(": ").append(value).append('\n'));
        return text.toString();
    }

    @Override
    protected JsonObject doCallJson(Map<String, Object> options) {
        return new JsonObject(describe(options));
    }

    private Map<String, Object> describe(Map<String, Object> options) {
        Map<String, Object> all = new LinkedHashMap<>();
        Pair pair = getCamelContext().getCamelContextExtension().getContextPlugin(Pair.class);
        if (pair == null) {
            all.put("node", "no node of a pair runs in this process");
            return all;
        }
        String wanted = String.valueOf(options.getOrDefault(DO, ""));
        if (!wanted.isEmpty()) {
            all.put(REFUSED, ask(pair, wanted));
        }
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
                    return "do=" + wanted + " must be switch, promote or force";
                }
            }
            return "";
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
