package io.bactrian.journal;

import io.bactrian.journal.log.Cursor;
import io.bactrian.journal.log.CursorFiles;
import io.bactrian.journal.log.Journal;
import io.bactrian.support.config.NumberUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * The options of a consumer, checked.
 *
 * @param start the first position that a new cursor reads; {@link #OLDEST} or {@link #NOW}
 */
record ConsumerSettings(String cursor, long start, int batchSize, int batchBytes, long backOffMs, long backOffMaxMs) {
    static final long OLDEST = 0;
    static final long NOW = -1;

    /** Throws one exception that lists every problem. */
    static ConsumerSettings of(JournalEndpoint endpoint) {
        List<String> problems = new ArrayList<>();
        check(problems, () -> CursorFiles.checkName(endpoint.getCursor()));
        check(problems, () -> start(endpoint.getFrom()));
        check(problems, () -> NumberUnit.SIZE.parseInt("batchBytes", endpoint.getBatchBytes()));
        if (endpoint.getBatchSize() < 1) {
            problems.add("batchSize=" + endpoint.getBatchSize() + " must be at least 1");
        }
        if (endpoint.getBackOff().toMillis() < 1 || endpoint.getBackOff().compareTo(endpoint.getBackOffMax()) > 0) {
            problems.add("backOff=" + endpoint.getBackOff() + " must be at least 1ms and not above backOffMax="
                    + endpoint.getBackOffMax());
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("journal:" + endpoint.getName() + ": " + String.join("; ", problems));
        }
        return new ConsumerSettings(
                endpoint.getCursor(),
                start(endpoint.getFrom()),
                endpoint.getBatchSize(),
                NumberUnit.SIZE.parseInt("batchBytes", endpoint.getBatchBytes()),
                endpoint.getBackOff().toMillis(),
                endpoint.getBackOffMax().toMillis());
    }

    private static void check(List<String> problems, Runnable check) {
        try {
            check.run();
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private static long start(String from) {
        if (from.equals("oldest")) {
            return OLDEST;
        }
        if (from.equals("now")) {
            return NOW;
        }
        if (from.matches("[0-9]{1,18}") && Long.parseLong(from) >= 1) {
            return Long.parseLong(from);
        }
        throw new IllegalArgumentException("from=" + from + " must be oldest, now, or a position from 1");
    }

    /** The cursor; if it is new it begins where these settings say. */
    Cursor open(Journal journal) {
        if (start == OLDEST) {
            return journal.cursor(cursor);
        }
        return journal.cursor(cursor, start == NOW ? journal.end() : start - 1);
    }
}
