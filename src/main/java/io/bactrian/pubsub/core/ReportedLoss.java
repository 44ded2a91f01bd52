package io.bactrian.pubsub.core;

/** What was told as lost to the patterns of a session, a range, so that what several answers say of it is told once. */
final class ReportedLoss {
    interface Teller {
        void tell(long from, long to);
    }

    private long from = 1;
    private long to;

    /** Tells what of a range was not told. */
    void tell(long first, long last, Teller teller) {
        if (to < from || first > to + 1 || last < from - 1) {
            teller.tell(first, last);
            from = first;
            to = last;
            return;
        }
        if (first < from) {
            teller.tell(first, from - 1);
        }
        if (last > to) {
            teller.tell(Math.max(first, to + 1), last);
        }
        from = Math.min(from, first);
        to = Math.max(to, last);
    }
}
