package io.bactrian.pubsub.client;

import io.bactrian.wire.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs what the caller of a client learns too: what the hub complains about, and what it did not accept. A command prints this
 * itself, so the log of the command line leaves this class out. Any thread.
 */
final class HubErrorLog {
    private static final Logger LOG = LoggerFactory.getLogger(HubErrorLog.class);

    /** Such as {@code publisher=orders}. */
    private final String client;

    HubErrorLog(String role, String id) {
        client = role + "=" + id;
    }

    /** {@code passes} is true for trouble that ends by itself. */
    void troubled(boolean passes, Code code, String text) {
        LOG.atLevel(passes ? Level.INFO : Level.WARN).log("{} code={} text={}", client, code.label(), text);
    }

    void refused(String topic, int messages, Code code, String text) {
        LOG.warn(
                "{} topic={} messages={} refused code={} text={} (at most once a minute)",
                client,
                topic,
                messages,
                code.label(),
                text);
    }

    void notAccepted(long messages) {
        LOG.warn("{} closes with {} messages not accepted", client, messages);
    }

    void stopped(Code code, String text) {
        LOG.error("{} stops code={} text={}", client, code.label(), text);
    }
}
