package io.bactrian.federation.routes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws a series over time. It needs XChart, which is an optional dependency. */
final class HistoryChart {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 360;

    private HistoryChart() {}

    @SuppressWarnings("JavaUtilDate") // XChart knows no other
    static byte[] draw(String name, List<Map<String, Object>> rows, boolean png) {
        List<Date> times = new ArrayList<>();
        List<Double> amounts = new ArrayList<>();
        for (Map<String, Object> row : rows) {
            if (row.get("amount") instanceof Number amount && row.get("at_ms") instanceof Number atMs) {
                times.add(new Date(atMs.longValue()));
                amounts.add(amount.doubleValue());
            }
        }
        XYChart chart =
                new XYChartBuilder().width(WIDTH).height(HEIGHT).title(name).build();
        chart.getStyler().setLegendVisible(false);
        if (!times.isEmpty()) {
            chart.addSeries(name, times, amounts).setMarker(SeriesMarkers.NONE);
        }
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try {
            if (png) {
                BitmapEncoder.saveBitmap(chart, octets, BitmapFormat.PNG);
            } else {
                VectorGraphicsEncoder.saveVectorGraphic(chart, octets, VectorGraphicsFormat.SVG);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the chart of " + name + " cannot be drawn", e);
        }
        return octets.toByteArray();
    }
}
