package io.bactrian.journal;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** DOWN while a journal cannot be appended to, or once a reader has met damage. */
final class JournalHealthCheck extends AbstractHealthCheck {
    private final Journal journal;

    JournalHealthCheck(String name, Journal journal) {
        super("camel", "journal-" + name);
        this.journal = journal;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.detail("journal.folder", journal.folder().toString());
        builder.detail("journal.end", journal.end());
        JournalException problem = journal.problem();
        if (problem == null) {
            builder.up();
        } else {
            builder.down().message(problem.getMessage()).error(problem);
        }
    }
}
