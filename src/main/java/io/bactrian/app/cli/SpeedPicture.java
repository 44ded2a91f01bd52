package io.bactrian.app.cli;

import java.util.List;
import java.util.Locale;

/** The Averages of the last minute as columns of characters: a column for each second, the newest at the right. */
final class SpeedPicture {
    private static final int ROWS = 10;
    private static final int STEP = 10;
    private static final String EIGHTHS = " ▁▂▃▄▅▆▇█";
    private static final String PLAIN = "    ####@";
    private static final int PARTS = 8;

    private SpeedPicture() {}

    /**
     * Draws.
     *
     * @param minute the Average of each second, the oldest first; negative where there was none
     * @param blocks whether the terminal can show block characters
     */
    static String draw(List<Long> minute, boolean blocks) {
        long lowest =
                minute.stream().filter(value -> value >= 0).min(Long::compare).orElse(0L);
        long highest = minute.stream().max(Long::compare).orElse(0L);
        // Steps of ten, with a row below the lowest one so that it is seen.
        long bottom = Math.max(0, Math.floorDiv(lowest, STEP) * STEP - STEP);
        long top = Math.max(bottom + STEP, (highest / STEP + 1) * STEP);
        StringBuilder picture = new StringBuilder();
        for (int row = ROWS - 1; row >= 0; row--) {
            double base = bottom + (top - bottom) * row / (double) ROWS;
            double height = (top - bottom) / (double) ROWS;
            picture.append(String.format(Locale.ROOT, "%6.0f |", base));
            for (long value : minute) {
                long parts = value < 0 ? 0 : Math.round((value - base) / height * PARTS);
                picture.append((blocks ? EIGHTHS : PLAIN).charAt((int) Math.max(0, Math.min(PARTS, parts))));
            }
            picture.append(System.lineSeparator());
        }
        picture.append("       +").append("-".repeat(minute.size())).append(System.lineSeparator());
        String left = "-" + minute.size() + " s";
        picture.append("        ")
                .append(left)
                .append(" ".repeat(Math.max(1, minute.size() - left.length() - 3)))
                .append("now")
                .append(System.lineSeparator());
        return picture.toString();
    }
}
