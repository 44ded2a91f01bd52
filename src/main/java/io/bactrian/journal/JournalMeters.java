package io.bactrian.journal;

import io.bactrian.journal.log.Journal;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/** Publishes the counters of journals; there is one only where Micrometer is. */
interface JournalMeters {

    void bind(String name, Journal journal);

    void unbind(String name);

    /** Meters of the context's registry; null without Micrometer on the class path, or without a registry. */
    static @Nullable JournalMeters of(CamelContext context) {
        try {
            return MicrometerMeters.of(context);
        } catch (NoClassDefFoundError withoutMicrometer) {
            return null;
        }
    }
}
