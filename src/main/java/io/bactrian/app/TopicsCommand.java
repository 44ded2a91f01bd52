package io.bactrian.app;

import java.util.List;
import java.util.Optional;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;

/** {@code bactrian topics}: what the log of a running hub holds. */
@Command(
        name = "topics",
        description = {
            "Lists the topics that the hub's log holds: messages, bytes, name.",
            "It asks the management server of the hub, as status does."
        })
final class TopicsCommand extends HubTableCommand {
    TopicsCommand() {
        super(
                "held",
                List.of(
                        new Column("MESSAGES", "messages", true),
                        new Column("BYTES", "bytes", true),
                        new Column("TOPIC", "topic", false)));
    }

    @Override
    Optional<JsonObject> figures(ManagementClient client) throws InterruptedException {
        return client.topics();
    }
}
