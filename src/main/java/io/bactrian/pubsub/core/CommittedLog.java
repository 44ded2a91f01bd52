package io.bactrian.pubsub.core;

import io.bactrian.journal.log.Entry;
import java.util.List;

/** The log as everybody outside may see it: it ends where the gate says. */
record CommittedLog(HubLog log, CommitGate gate) implements LogReader {
    @Override
    public int epoch() {
        return log.epoch();
    }

    @Override
    public long endOfEpoch(int epoch) {
        return Math.min(log.endOfEpoch(epoch), end());
    }

    @Override
    public boolean hasEpoch(int epoch) {
        return log.hasEpoch(epoch);
    }

    @Override
    public long first() {
        return log.first();
    }

    @Override
    public long firstReadable() {
        return log.firstReadable();
    }

    @Override
    public long end() {
        return gate.committed(log.end());
    }

    @Override
    public long recent() {
        return log.recent();
    }

    @Override
    public boolean fetch(long position) {
        return log.fetch(position);
    }

    @Override
    public void needed(long from) {
        log.needed(from);
    }

    @Override
    public List<Entry> read(long position, int bytesMax) {
        long end = end();
        List<Entry> entries = log.read(position, bytesMax);
        int count = entries.size();
        while (count > 0 && entries.get(count - 1).last() > end) {
            count--;
        }
        return count == entries.size() ? entries : entries.subList(0, count);
    }
}
