package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The alarms that a node has raised: each is a case that is opened, perhaps acknowledged, and closed. A case is a key of
 * the state, {@code <node>.alarms.<name>}, so the whole tree sees it. For one thread.
 */
final class AlarmBook {
    /** Writes a key of this node's own. */
    interface Writer {
        void write(String key, String value);
    }

    /** A takeover. */
    static final String FAILOVER = "failover";

    /** What the alarm about a silent process begins with. */
    static final String SILENT = "silent";

    /** What the alarm about a pair of which no process acts begins with. */
    static final String INACTIVE = "inactive";

    /** What the alarms about other topologies, and about those that were refused, begin with. */
    static final String TOPOLOGY = "topology";

    private static final String ALARMS = ".alarms.";
    private static final Set<String> ABOUT_PROCESSES = Set.of(SILENT, INACTIVE, TOPOLOGY);
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f]");
    private static final int LINE_MAX = 2_000;

    private final NodeContext context;
    private final Writer writer;
    /** Alarms of a passive process: they are written when it becomes active. */
    private final Map<String, String> waiting = new LinkedHashMap<>();

    AlarmBook(NodeContext context, Writer writer) {
        this.context = context;
        this.writer = writer;
    }

    /** A name that is one part of a key. */
    static String name(String kind, String subject) {
        return kind + "-" + subject.replaceAll("[^A-Za-z0-9_-]", "_");
    }

    /** The alarm that a process has refused a topology. */
    static String refusal(String member) {
        return name(TOPOLOGY + "-refused", member);
    }

    /** Whether an entry of the state is an alarm that is not closed. */
    static boolean isOpen(StateEntry entry) {
        return entry.key().startsWith(entry.owner() + ALARMS) && !entry.text().startsWith("closed");
    }

    void open(String name, String text) {
        StateEntry former = context.state.get(key(name));
        boolean open = former != null && !former.text().startsWith("closed");
        if (open || (!context.active && waiting.containsKey(name))) {
            return;
        }
        context.actions.warn("alarm-opened", text);
        write(name, "open " + context.wallMs() + " " + line(text));
    }

    /** Something has happened that is over: it is told each time, and closed by whoever acknowledges it. */
    void happened(String name, String text) {
        context.actions.warn("alarm-opened", text);
        write(name, "open " + context.wallMs() + " " + line(text));
    }

    void close(String name, String text) {
        waiting.remove(name);
        StateEntry former = context.state.get(key(name));
        if (former == null || former.text().startsWith("closed")) {
            return;
        }
        context.actions.note("alarm-closed", text);
        write(name, "closed " + context.wallMs() + " " + line(text));
    }

    /** Closes the alarms about neighbours, and about what a process has refused, that nobody who is here now would close. */
    void closeOthers(Collection<String> names) {
        String prefix = key("");
        for (StateEntry entry : context.state.startingWith(prefix)) {
            String name = entry.key().substring(prefix.length());
            boolean about = ABOUT_PROCESSES.stream().anyMatch(kind -> name.startsWith(kind + "-"));
            if (about && isOpen(entry) && !names.contains(name)) {
                close(name, "what it was about is over, or gone");
            }
        }
    }

    /** Notes that somebody has seen an alarm; returns why not, or empty. */
    String acknowledge(String name, String who) {
        StateEntry former = context.state.get(key(name));
        if (former == null || !former.text().startsWith("open")) {
            return "no open alarm " + name + " at " + context.self.node();
        }
        String[] words = former.text().split(" ", 3);
        context.actions.note("alarm-acknowledged", name + " by " + who);
        write(
                name,
                (name.equals(FAILOVER) ? "closed " : "acknowledged ") + context.wallMs() + " "
                        + (words.length > 2 ? words[2] : "") + " (by " + who + ")");
        return "";
    }

    void activated() {
        List<Map.Entry<String, String>> all = new ArrayList<>(waiting.entrySet());
        waiting.clear();
        all.forEach(alarm -> write(alarm.getKey(), alarm.getValue()));
    }

    private void write(String name, String value) {
        if (context.active) {
            writer.write(key(name), value);
        } else {
            waiting.put(name, value);
        }
    }

    private String key(String name) {
        return key(context.self.node(), name);
    }

    /** The key of an alarm that a node has raised. */
    static String key(String node, String name) {
        return node + ALARMS + name;
    }

    /** A text as one line that has a bounded length. */
    static String line(String text) {
        String line = text.chars().anyMatch(Character::isISOControl)
                ? CONTROL.matcher(text).replaceAll(" ")
                : text;
        return line.length() <= LINE_MAX ? line : line.substring(0, LINE_MAX) + "...";
    }
}
