package io.bactrian.journal;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.NewEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultProducer;
import org.jspecify.annotations.Nullable;

/**
 * Appends the body and returns when it is committed. A byte[], a String or a {@link NewEntry} is one entry; an
 * Iterable is as many of them, in one append. Anything else is converted to byte[] by Camel. The body stays; the positions are headers.
 */
final class JournalProducer extends DefaultProducer {
    private final JournalEndpoint endpoint;

    JournalProducer(JournalEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        Journal journal = endpoint.getJournal();
        List<NewEntry> entries = entries(exchange, message);
        if (entries.isEmpty()) {
            message.removeHeader(JournalConstants.POSITION);
            message.setHeader(JournalConstants.COUNT, 0);
        } else {
            int count = 0;
            for (NewEntry entry : entries) {
                count = Math.addExact(count, entry.count());
            }
            long position = journal.append(entries);
            message.setHeader(JournalConstants.POSITION, position);
            message.setHeader(JournalConstants.COUNT, count);
        }
        message.setHeader(JournalConstants.EPOCH, journal.epoch());
    }

    private static List<NewEntry> entries(Exchange exchange, Message message) throws InvalidPayloadException {
        Object body = message.getBody();
        if (body instanceof Iterable<?> several) {
            List<NewEntry> entries = new ArrayList<>();
            for (Object one : several) {
                entries.add(one instanceof NewEntry entry ? entry : new NewEntry(1, payload(exchange, one)));
            }
            return entries;
        }
        if (body instanceof NewEntry entry) {
            return List.of(entry);
        }
        return List.of(new NewEntry(1, payload(exchange, body)));
    }

    private static byte[] payload(Exchange exchange, @Nullable Object value) throws InvalidPayloadException {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (value instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] converted = value == null
                ? null
                : exchange.getContext().getTypeConverter().tryConvertTo(byte[].class, exchange, value);
        if (converted == null) {
            throw new InvalidPayloadException(exchange, byte[].class, exchange.getMessage());
        }
        return converted;
    }
}
