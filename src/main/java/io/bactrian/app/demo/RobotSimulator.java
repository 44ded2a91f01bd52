package io.bactrian.app.demo;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A robot with one axis that swings to and fro at a speed that can be set. Used by one route. */
public final class RobotSimulator {
    private static final double STEP_S = 0.2;
    private static final double REACH_DEGREES = 90;

    private double phase;

    /**
     * Moves on by one step.
     *
     * @param speed swings in ten seconds, as text; 1 if there is none or it is no number
     * @return where the axis stands, in degrees, with one decimal
     */
    public String move(@Nullable String speed) {
        phase += 2 * Math.PI * STEP_S / 10 * number(speed);
        return String.format(Locale.ROOT, "%.1f", REACH_DEGREES * Math.sin(phase));
    }

    private static double number(@Nullable String speed) {
        try {
            return speed == null ? 1 : Math.max(-10, Math.min(10, Double.parseDouble(speed)));
        } catch (NumberFormatException e) {
            return 1;
        }
    }
}
