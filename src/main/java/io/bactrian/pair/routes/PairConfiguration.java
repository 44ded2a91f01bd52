package io.bactrian.pair.routes;

import io.bactrian.pair.core.PairSettings;
import io.bactrian.pair.core.Side;
import io.bactrian.support.config.SettingsReader;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;

/**
 * The settings {@code bactrian.pair.*}.
 *
 * @param settings of the core
 * @param journal name of the journal that is copied
 * @param folder of that journal
 * @param peerCopies where the peer's log is asked for
 * @param witness the address of the witness, not used without one
 */
record PairConfiguration(PairSettings settings, String journal, String folder, String peerCopies, String witness) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern JOURNAL = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");
    private static final Pattern FOLDER = Pattern.compile("[^()]+");
    private static final Pattern HOST = Pattern.compile("\\S+");

    /**
     * Reads and checks them together.
     *
     * @throws IllegalArgumentException listing every problem
     */
    static PairConfiguration of(CamelContext context) {
        SettingsReader in = new SettingsReader(context, "the pair", "bactrian.pair.");
        Side side = in.oneOf("side", Side.class);
        PairSettings settings = new PairSettings(
                in.matching("name", NAME, "at most 64 letters, digits, _ and -"),
                side,
                in.number("heartbeatMs", 20, 60_000),
                in.isTrue("witness.use"),
                in.oneOf("replication", Replication.class) == Replication.SYNC,
                in.number("window.bytes", 65_536, 1 << 30),
                in.number("chunk.bytes", 1_024, 1 << 28),
                in.number("join.lag", 0),
                in.number("outAfterMs", 100, 3_600_000));
        String own = side.name().toLowerCase(Locale.ROOT);
        PairConfiguration configuration = new PairConfiguration(
                settings,
                in.matching(
                        "journal", JOURNAL, "at most 100 letters, digits, _, - and dots, the first no dot and no -"),
                in.matching("folder", FOLDER, "a folder without parentheses in its name"),
                "tcp://" + in.matching("peer", HOST, "a host") + ":"
                        + in.number(own + ".peerCopies", 1, SettingsReader.PORT_MAX),
                in.matching("witness", HOST, "an address such as tcp://127.0.0.1:5007"));
        in.check();
        return configuration;
    }

    private enum Replication {
        SYNC,
        ASYNC
    }
}
