package io.bactrian.speed.routes;

import io.bactrian.support.context.FiguresDevConsole;
import java.util.Map;
import org.apache.camel.spi.annotations.DevConsole;

/** The figures of the speed-limit server or the sensor of this context: {@code /q/dev/speed}. */
@DevConsole(name = "speed", description = "The speed-limit server, or a sensor: figures")
public final class SpeedDevConsole extends FiguresDevConsole {

    public SpeedDevConsole() {
        super("speed", "Bactrian speed limits", "The speed-limit server, or a sensor: figures");
    }

    @Override
    protected Map<String, Object> describe(Map<String, Object> options) {
        SpeedServer server = getCamelContext().getCamelContextExtension().getContextPlugin(SpeedServer.class);
        SpeedSensor sensor = getCamelContext().getCamelContextExtension().getContextPlugin(SpeedSensor.class);
        if (sensor != null) {
            return sensor.figures();
        }
        return server == null ? Map.of("server", "no speed-limit server runs in this process") : server.figures();
    }
}
