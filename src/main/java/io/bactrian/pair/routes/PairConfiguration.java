package io.bactrian.pair.routes;

import io.bactrian.pair.core.PairSettings;
import io.bactrian.pair.core.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.camel.CamelContext;

/**
 * What the properties that begin with {@code bactrian.pair.} say.
 *
 * @param settings of the core
 * @param journal name of the journal that is copied
 * @param folder of that journal
 * @param peerCopies where the peer's log is asked for
 * @param witness the address of the witness, not used without one
 */
record PairConfiguration(PairSettings settings, String journal, String folder, String peerCopies, String witness) {
    private static final String KEYS = "bactrian.pair.";

    /**
     * Reads and checks them together.
     *
     * @throws IllegalArgumentException listing every problem
     */
    static PairConfiguration of(CamelContext context) {
        Reader reader = new Reader(context);
        Side side = reader.text("side", "primary|backup").equals("primary") ? Side.PRIMARY : Side.BACKUP;
        PairSettings settings = new PairSettings(
                reader.text("name", "[A-Za-z0-9_-]{1,64}"),
                side,
                reader.number("heartbeatMs", 20, 60_000),
                reader.text("witness.use", "true|false").equals("true"),
                reader.text("replication", "sync|async").equals("sync"),
                (int) reader.number("window.bytes", 65_536, 1 << 30),
                (int) reader.number("chunk.bytes", 1_024, 1 << 28),
                reader.number("join.lag", 0, Integer.MAX_VALUE),
                reader.number("outAfterMs", 100, 3_600_000));
        String own = side.name().toLowerCase(Locale.ROOT);
        PairConfiguration configuration = new PairConfiguration(
                settings,
                reader.text("journal", "[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"),
                reader.text("folder", "[^()]+"),
                "tcp://" + reader.text("peer", "\\S+") + ":" + reader.number(own + ".peerCopies", 1, 65_535),
                reader.text("witness", "\\S+"));
        if (!reader.problems.isEmpty()) {
            throw new IllegalArgumentException(
                    "The configuration of the pair is wrong:\n  " + String.join("\n  ", reader.problems));
        }
        return configuration;
    }

    private static final class Reader {
        private final CamelContext context;
        private final List<String> problems = new ArrayList<>();

        Reader(CamelContext context) {
            this.context = context;
        }

        private String get(String key) {
            return context.resolvePropertyPlaceholders("{{" + KEYS + key + "}}").strip();
        }

        String text(String key, String pattern) {
            String text = get(key);
            if (!text.matches(pattern)) {
                problems.add(KEYS + key + "=" + text + " must be " + pattern);
            }
            return text;
        }

        long number(String key, long min, long max) {
            String text = get(key);
            if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) < min || Long.parseLong(text) > max) {
                problems.add(KEYS + key + "=" + text + " must be " + min + " to " + max);
                return min;
            }
            return Long.parseLong(text);
        }
    }
}
