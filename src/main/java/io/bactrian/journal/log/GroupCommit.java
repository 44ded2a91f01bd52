package io.bactrian.journal.log;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Lets appends of many threads share one write and one sync: the first thread leads and writes for all that have come
 * while the former group was written. There is no thread of its own, so a lone append is written where it was called.
 */
final class GroupCommit {
    private final long groupBytesMax;
    private final Consumer<List<AppendRequest>> commit;
    private final Deque<AppendRequest> waiting = new ArrayDeque<>();
    private boolean led;

    /** {@code commit} writes a group, never throws, and is called by one thread at a time. */
    GroupCommit(long groupBytesMax, Consumer<List<AppendRequest>> commit) {
        this.groupBytesMax = groupBytesMax;
        this.commit = commit;
    }

    /** Returns when the request is done. */
    void submit(AppendRequest request) {
        boolean leader;
        synchronized (this) {
            waiting.add(request);
            leader = !led;
            led = true;
        }
        if (leader || request.awaitLead()) {
            lead(request);
        }
    }

    private void lead(AppendRequest own) {
        List<AppendRequest> group = take();
        try {
            commit.accept(group);
        } finally {
            handOver();
            for (AppendRequest request : group) {
                if (request != own) {
                    request.done();
                }
            }
        }
    }

    private synchronized List<AppendRequest> take() {
        List<AppendRequest> group = new ArrayList<>();
        long bytes = 0;
        AppendRequest next = waiting.peek();
        while (next != null && (group.isEmpty() || bytes + next.bytes() <= groupBytesMax)) {
            group.add(waiting.remove());
            bytes += next.bytes();
            next = waiting.peek();
        }
        return group;
    }

    private synchronized void handOver() {
        AppendRequest next = waiting.peek();
        if (next == null) {
            led = false;
        } else {
            next.lead();
        }
    }
}
