package io.bactrian.federation.routes;

import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyNode;
import java.util.Locale;

/** Draws a topology as SVG: a box for each node, its children to the right. */
public final class TopologyDrawing {
    private static final int WIDTH = 220;
    private static final int HEIGHT = 44;
    private static final int GAP_X = 60;
    private static final int GAP_Y = 16;

    private final StringBuilder shapes = new StringBuilder();
    private int rows;
    private int columns;

    private TopologyDrawing() {}

    /** The drawing. */
    public static String svg(Topology topology) {
        TopologyDrawing drawing = new TopologyDrawing();
        drawing.draw(topology, topology.node(topology.root()), 0);
        return String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<title>%s</title>%n%s</svg>%n",
                drawing.columns * (WIDTH + GAP_X) + GAP_X,
                drawing.rows * (HEIGHT + GAP_Y) + GAP_Y,
                topology.name(),
                drawing.shapes);
    }

    /** Returns the middle of the node's box. */
    private int draw(Topology topology, TopologyNode node, int column) {
        columns = Math.max(columns, column + 1);
        int x = GAP_X / 2 + column * (WIDTH + GAP_X);
        int middle;
        if (node.children().isEmpty()) {
            middle = GAP_Y + rows * (HEIGHT + GAP_Y) + HEIGHT / 2;
            rows++;
        } else {
            int[] middles = node.children().stream()
                    .mapToInt(child -> draw(topology, topology.node(child), column + 1))
                    .toArray();
            middle = (middles[0] + middles[middles.length - 1]) / 2;
            for (int child : middles) {
                shapes.append(String.format(
                        Locale.ROOT,
                        "<path d=\"M%d %d C%d %d %d %d %d %d\" fill=\"none\" stroke=\"#888\"/>%n",
                        x + WIDTH,
                        middle,
                        x + WIDTH + GAP_X / 2,
                        middle,
                        x + WIDTH + GAP_X / 2,
                        child,
                        x + WIDTH + GAP_X,
                        child));
            }
        }
        box(node, x, middle - HEIGHT / 2);
        return middle;
    }

    private void box(TopologyNode node, int x, int y) {
        String name = node.id().substring(node.id().lastIndexOf('.') + 1) + (node.pair() ? " (pair)" : "");
        String where =
                node.members().get(0).host() + ":" + node.members().get(0).southPort();
        shapes.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"#eef\" stroke=\"#336\"/>%n"
                        + "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>%n"
                        + "<text x=\"%d\" y=\"%d\" fill=\"#555\">%s</text>%n",
                x,
                y,
                WIDTH,
                HEIGHT,
                x + 10,
                y + 18,
                name,
                x + 10,
                y + 34,
                where));
    }
}
