package io.bactrian.app.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The time from put to get over the rate, as a chart in SVG. */
public final class RateChart {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;
    private static final double MICROS_OF_MS = 1_000;
    private static final double MS_MIN = 0.01;

    private RateChart() {}

    /** Writes the chart of a curve to a file. */
    public static void write(List<RateResult> curve, Path file) throws IOException {
        Files.writeString(file, svg(curve));
    }

    static String svg(List<RateResult> curve) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        VectorGraphicsEncoder.saveVectorGraphic(chart(curve), octets, VectorGraphicsFormat.SVG);
        return octets.toString(StandardCharsets.UTF_8);
    }

    static XYChart chart(List<RateResult> curve) {
        RateResult first = curve.get(0);
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("From put to get: " + first.messageBytes() + " octets, subscribers: " + first.subscribers())
                .xAxisTitle("messages a second, due")
                .yAxisTitle("ms")
                .build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
        List<String> systems = curve.stream().map(RateResult::system).distinct().toList();
        for (String system : systems) {
            List<RateResult> of =
                    curve.stream().filter(r -> r.system().equals(system)).toList();
            add(chart, system + " p50", of, RateResult::p50Micros);
            add(chart, system + " p99", of, RateResult::p99Micros);
        }
        return chart;
    }

    private static void add(XYChart chart, String name, List<RateResult> curve, ToDoubleFunction<RateResult> micros) {
        chart.addSeries(
                name,
                curve.stream().mapToDouble(RateResult::rate).toArray(),
                curve.stream()
                        .mapToDouble(r -> Math.max(MS_MIN, micros.applyAsDouble(r) / MICROS_OF_MS))
                        .toArray());
    }
}
