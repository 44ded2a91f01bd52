package io.bactrian.app.cli;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.OutputClosedException;
import io.bactrian.app.StandardOutput;
import io.bactrian.app.Terminal;
import io.bactrian.pubsub.client.Message;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;

/** Standard output for messages that a person looks at, or a script as JSON. One thread. */
final class MessageOutput {
    private final PrintStream out = System.out;
    private final MessageText text = new MessageText(ZoneId.systemDefault(), Terminal.outputIsColoured());
    private final boolean json;

    MessageOutput(boolean json) {
        this.json = json;
    }

    void write(Message message) {
        byte[] octets =
                json ? OutputFormat.JSON.encode(message) : text.of(message).getBytes(StandardCharsets.UTF_8);
        out.write(octets, 0, octets.length);
    }

    /**
     * Returns when everything is out of our hands.
     *
     * @throws OutputClosedException if nobody reads any more, as behind {@code head}
     */
    void flush() {
        try {
            StandardOutput.flush(out);
        } catch (IOException e) {
            if (StandardOutput.isClosedPipe(e)) {
                throw new OutputClosedException(e);
            }
            throw new CommandFailedException("Cannot write to standard output: " + FileErrors.say(e), e);
        }
    }
}
