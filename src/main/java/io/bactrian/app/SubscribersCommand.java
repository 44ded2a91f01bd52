package io.bactrian.app;

import java.util.List;
import java.util.Optional;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;

/** {@code bactrian subscribers}: who subscribes durably at a running hub, and how far each is behind. */
@Command(
        name = "subscribers",
        description = {
            "Lists the durable subscribers of the hub: how far each is behind in messages of all topics and in seconds,"
                    + " whether it is attached and with which window in octets, when the hub heard of it last, and its"
                    + " patterns.",
            "It asks the management server of the hub, as status does."
        })
final class SubscribersCommand extends HubTableCommand {
    SubscribersCommand() {
        super(
                "subscriptions",
                List.of(
                        new Column("SUBSCRIBER", "subscriber", false),
                        new Column("ATTACHED", "attached", false),
                        new Column("WINDOW", "windowBytes", true),
                        new Column("BEHIND", "lag", true),
                        new Column("SECONDS", "lagSeconds", true),
                        new Column("LAST SEEN", "lastSeen", false),
                        new Column("PATTERNS", "patterns", false)));
    }

    @Override
    Optional<JsonObject> figures(ManagementClient client) throws InterruptedException {
        return client.figures();
    }
}
