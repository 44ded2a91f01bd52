package io.bactrian.support.exchange;

import java.util.function.Consumer;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The Spring transaction that is open on the calling thread. To be used only where Spring is on the class path. */
final class SpringTransaction {
    private SpringTransaction() {}

    /**
     * Has the outcome of the open transaction told.
     *
     * @param ended is told whether it was committed; not called if none is open
     * @return whether one is open
     */
    static boolean whenEnded(Consumer<Boolean> ended) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()
                || !TransactionSynchronizationManager.isSynchronizationActive()) {
            return false;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                ended.accept(status == STATUS_COMMITTED);
            }
        });
        return true;
    }
}
