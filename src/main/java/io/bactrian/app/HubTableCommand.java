package io.bactrian.app;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that shows a table of what the management server of a running hub says, once or again and again. */
abstract class HubTableCommand implements Callable<Integer> {
    private static final int EACH_S = 2;
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f]");
    private static final String CLEAR = "\u001b[H\u001b[2J";

    @Option(names = "--json", description = "Prints a JSON array; with --watch one a line.")
    private boolean json;

    @Option(names = "--watch", description = "Shows it again every " + EACH_S + " s, until Ctrl-C.")
    private boolean watch;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "0",
            description = "With --watch: ends after showing it N times.")
    private long count;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Mixin
    private ManagedHubOptions management = new ManagedHubOptions();

    @Spec
    private CommandSpec spec;

    /** A column: its heading, the key of its value, and whether it is a number. */
    record Column(String heading, String key, boolean number) {}

    private final String key;
    private final List<Column> columns;

    /** {@code key} is where the figures of the hub have the rows. */
    HubTableCommand(String key, List<Column> columns) {
        this.key = key;
        this.columns = List.copyOf(columns);
    }

    /** The figures in which the rows are; empty if the process has none. */
    abstract Optional<JsonObject> figures(ManagementClient client) throws InterruptedException;

    @Override
    public Integer call() throws InterruptedException {
        HubNodes nodes = management.nodes(options.load(List.of()));
        PrintWriter out = spec.commandLine().getOut();
        boolean clears = watch && !json && Terminal.stdoutIsTerminal();
        for (long shown = 1; ; shown++) {
            JsonArray rows = rows(nodes.inUse());
            out.print(clears ? CLEAR : "");
            out.print(json ? rows.toJson() + System.lineSeparator() : table(rows));
            out.flush();
            if (!watch || shown == count) {
                return ExitCode.OK;
            }
            TimeUnit.SECONDS.sleep(EACH_S);
        }
    }

    private JsonArray rows(ManagementClient client) throws InterruptedException {
        ManagementClient.Health health = client.health();
        return figures(client)
                .map(figures -> figures.get(key))
                .filter(JsonArray.class::isInstance)
                .map(JsonArray.class::cast)
                .orElseThrow(() -> new CommandFailedException(client.address() + " runs no hub: " + health.reason()));
    }

    private String table(JsonArray rows) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(columns.stream().map(Column::heading).toList());
        for (Object row : rows) {
            Map<?, ?> one = row instanceof JsonObject object ? object : Map.of();
            cells.add(columns.stream().map(column -> text(one.get(column.key))).toList());
        }
        List<String> formats = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int at = i;
            int width =
                    cells.stream().mapToInt(line -> line.get(at).length()).max().orElse(1);
            formats.add((columns.get(i).number ? "%" : "%-") + width + "s");
        }
        String format = String.join("  ", formats);
        StringBuilder text = new StringBuilder();
        for (List<String> line : cells) {
            text.append(String.format(format, line.toArray()).stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    /** What others have named says nothing to the terminal. */
    private static String text(@Nullable Object value) {
        String text = value instanceof Collection<?> all
                ? all.stream().map(String::valueOf).collect(Collectors.joining(" "))
                : value == null ? "-" : String.valueOf(value);
        return text.chars().anyMatch(Character::isISOControl)
                ? CONTROL.matcher(text).replaceAll("?")
                : text;
    }
}
