package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.pubsub.client.BactrianException;
import io.bactrian.pubsub.client.Lost;
import io.bactrian.pubsub.client.Message;
import io.bactrian.pubsub.client.RefusedException;
import io.bactrian.pubsub.client.Subscriber;
import io.bactrian.wire.Code;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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

    /** The next message, null if none comes in time. */
    @Nullable Message get(Subscriber subscriber, Duration within) throws InterruptedException {
        try {
            return subscriber.get(within);
        } catch (BactrianException e) {
            if (e.getCause() instanceof RefusedException refused && refused.code() == Code.MALFORMED) {
                throw new CommandFailedException(
                        "The hub does not know subscribers that leave nothing behind: it is older than this command;"
                                + " update the hub first (" + refused.getMessage() + ")",
                        e);
            }
            throw e;
        }
    }
}
