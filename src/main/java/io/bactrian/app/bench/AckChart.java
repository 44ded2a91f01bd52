package io.bactrian.app.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The acknowledgements of each millisecond around a moment, as a chart in SVG. */
final class AckChart {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 360;

    private AckChart() {}

    static String svg(String title, AckTimeline timeline, long aroundNs, int beforeMs, int afterMs) throws IOException {
        List<Integer> counts = timeline.perMillisecond(aroundNs, beforeMs, afterMs);
        List<Integer> times = new ArrayList<>();
        for (int i = 0; i < counts.size(); i++) {
            times.add(i - beforeMs);
        }
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title + ": acknowledgements a millisecond")
                .xAxisTitle("ms after it")
                .yAxisTitle("acknowledgements")
                .build();
        chart.getStyler().setLegendVisible(false);
        chart.addSeries("acknowledgements", times, counts).setMarker(SeriesMarkers.NONE);
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        VectorGraphicsEncoder.saveVectorGraphic(chart, octets, VectorGraphicsFormat.SVG);
        return octets.toString(StandardCharsets.UTF_8);
    }
}
