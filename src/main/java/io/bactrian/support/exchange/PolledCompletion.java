package io.bactrian.support.exchange;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** Tells what has become of an Exchange that was polled, also if it is handed over to another one, as by pollEnrich. */
public final class PolledCompletion extends SynchronizationAdapter {
    private final Runnable completed;
    private final Runnable failed;

    public PolledCompletion(Runnable completed, Runnable failed) {
        this.completed = completed;
        this.failed = failed;
    }

    @Override
    public void onComplete(Exchange exchange) {
        if (ExchangeOutcome.failure(exchange) == null) {
            completed.run();
        } else {
            failed.run();
        }
    }

    @Override
    public void onFailure(Exchange exchange) {
        failed.run();
    }
}
