package io.bactrian.app.bench;

import java.util.List;
import java.util.Locale;

/** A chart of horizontal bars as SVG, for the documentation. */
final class BarChart {
    private static final int LABEL = 330;
    private static final int WIDTH = 820;
    private static final int ROW = 26;
    private static final int TOP = 44;

    /**
     * One bar.
     *
     * @param label what it is
     * @param value how long it is
     * @param color as in {@code #2a6}
     */
    record Bar(String label, double value, String color) {}

    private BarChart() {}

    static String svg(String title, String unit, List<Bar> bars) {
        double max = bars.stream().mapToDouble(Bar::value).max().orElse(1);
        int height = TOP + bars.size() * ROW + 10;
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n",
                WIDTH,
                height,
                WIDTH,
                height));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        svg.append("<text x=\"10\" y=\"24\" font-size=\"15\">")
                .append(escape(title))
                .append("</text>\n");
        int row = 0;
        for (Bar bar : bars) {
            int y = TOP + row++ * ROW;
            double length = Math.max(1, bar.value() / max * (WIDTH - LABEL - 130));
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                            + "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"18\" fill=\"%s\"/>"
                            + "<text x=\"%.1f\" y=\"%d\">%,.0f %s</text>\n",
                    LABEL - 8,
                    y + 14,
                    escape(bar.label()),
                    LABEL,
                    y,
                    length,
                    bar.color(),
                    LABEL + length + 6,
                    y + 14,
                    bar.value(),
                    escape(unit)));
        }
        return svg.append("</svg>\n").toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
