package io.bactrian.support.exchange;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * Tells once what has become of an Exchange that was polled, also if it is handed over to another one, as by pollEnrich. If
 * it was polled in a Spring transaction, it has completed only when that is committed too. Thread-safe.
 */
public final class PolledCompletion extends SynchronizationAdapter {
    private static final boolean SPRING = springIsThere();

    private final Runnable completed;
    private final Runnable failed;
    /** What must still end well. */
    private int open = 1;

    private PolledCompletion(Runnable completed, Runnable failed) {
        this.completed = completed;
        this.failed = failed;
    }

    /**
     * To be called on the thread that polls.
     *
     * @param completed is run when the Exchange has completed
     * @param failed is run instead if it has failed, or its transaction was rolled back
     */
    public static PolledCompletion tell(Runnable completed, Runnable failed) {
        PolledCompletion made = new PolledCompletion(completed, failed);
        if (SPRING && SpringTransaction.whenEnded(made::ended)) {
            made.oneMore();
        }
        return made;
    }

    private static boolean springIsThere() {
        try {
            Class.forName(
                    "org.springframework.transaction.support.TransactionSynchronizationManager",
                    false,
                    PolledCompletion.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private synchronized void oneMore() {
        open++;
    }

    private void ended(boolean well) {
        synchronized (this) {
            if (open == 0) {
                return;
            }
            open = well ? open - 1 : 0;
            if (open > 0) {
                return;
            }
        }
        if (well) {
            completed.run();
        } else {
            failed.run();
        }
    }

    @Override
    public void onComplete(Exchange exchange) {
        ended(ExchangeOutcome.failure(exchange) == null);
    }

    @Override
    public void onFailure(Exchange exchange) {
        ended(false);
    }
}
