package io.bactrian.app.cli;

import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Subscriber;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;

/** Opens subscribers that look on and leave nothing behind, for the commands that show messages. */
final class Lookout {
    private static final int WINDOW_BYTES = 1 << 20;
    private static final int ID_BYTES = 8;

    private final HubOptions hub;
    private final PrintWriter err;

    Lookout(HubOptions hub, PrintWriter err) {
        this.hub = hub;
        this.err = err;
    }

    Subscriber open() {
        byte[] random = new byte[ID_BYTES];
        new SecureRandom().nextBytes(random);
        return hub.open(hub.settings("look-" + HexFormat.of().formatHex(random))
                .ephemeral(true)
                .receiveWindowBytes(WINDOW_BYTES)
                .requestTime(Duration.ofDays(365))
                .lostListener(this::lost));
    }

    private void lost(Lost lost) {
        err.println("messages between positions " + lost.from() + " and " + lost.to() + " are gone: "
                + lost.cause().name().toLowerCase(Locale.ROOT));
        err.flush();
    }
}
