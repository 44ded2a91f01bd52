package io.bactrian.app.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells on standard error what a command waits for, if that takes longer than a person takes for an answer: for calls that block.
 * Nothing is told once it is closed.
 */
public final class WaitingNotice implements AutoCloseable {
    private static final long TELL_AFTER_MS = 1_200;

    private final CountDownLatch ended = new CountDownLatch(1);

    private WaitingNotice() {}

    /** Begins to wait for what ends the sentence that begins with "waiting: ". */
    public static WaitingNotice of(PrintWriter err, String what) {
        WaitingNotice notice = new WaitingNotice();
        Thread thread = new Thread(() -> notice.tell(err, what), "bactrian-waiting");
        thread.setDaemon(true);
        thread.start();
        return notice;
    }

    private void tell(PrintWriter err, String what) {
        try {
            if (!ended.await(TELL_AFTER_MS, TimeUnit.MILLISECONDS)) {
                err.println("waiting: " + what);
                err.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
    }
}
