package io.bactrian.pubsub.core;

/**
 * The range that a session has already been told is lost. A range is reported only once, even if several answers mention
 * it.
 */
final class ReportedLoss {
    interface Reporter {
        void report(long from, long to);
    }

    private long from = 1;
    private long to;

    /** Reports the part of a range that was not reported before. */
    void report(long first, long last, Reporter reporter) {
        if (to < from || first > to + 1 || last < from - 1) {
            reporter.report(first, last);
            from = first;
            to = last;
            return;
        }
        if (first < from) {
            reporter.report(first, from - 1);
        }
        if (last > to) {
            reporter.report(Math.max(first, to + 1), last);
        }
        from = Math.min(from, first);
        to = Math.max(to, last);
    }
}
