package io.bactrian.support.context;

import java.util.Map;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonObject;

/** A dev console that shows figures by name: as JSON one object, as text a line for each. */
public abstract class FiguresDevConsole extends AbstractDevConsole {
    /**
     * A console of the group {@code bactrian}.
     *
     * @param id its name in the path {@code /q/dev/ID}
     */
    protected FiguresDevConsole(String id, String displayName, String description) {
        super("bactrian", id, displayName, description);
    }

    /**
     * The figures, in the order in which they are shown.
     *
     * @param options what the caller of the console has given
     */
    protected abstract Map<String, Object> describe(Map<String, Object> options);

    @Override
    protected final String doCallText(Map<String, Object> options) {
        StringBuilder text = new StringBuilder();
        describe(options)
                .forEach((key, value) ->
                        text.append(key).append(": ").append(value).append('\n'));
        return text.toString();
    }

    @Override
    protected final JsonObject doCallJson(Map<String, Object> options) {
        return new JsonObject(describe(options));
    }
}
