package io.bactrian.speed.routes;

import java.util.Map;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;
import org.apache.camel.util.json.JsonObject;

/** What the speed-limit server or the sensor of this context counts: {@code /q/dev/speed}. */
@DevConsole(name = "speed", description = "The speed-limit server, or a sensor: figures")
public final class SpeedDevConsole extends AbstractDevConsole {

    public SpeedDevConsole() {
        super("bactrian", "speed", "Bactrian speed limits", "The speed-limit server, or a sensor: figures");
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
        SpeedServer server = getCamelContext().getCamelContextExtension().getContextPlugin(SpeedServer.class);
        SpeedSensor sensor = getCamelContext().getCamelContextExtension().getContextPlugin(SpeedSensor.class);
        if (sensor != null) {
            return sensor.figures();
        }
        return server == null ? Map.of("server", "no speed-limit server runs in this process") : server.figures();
    }
}
