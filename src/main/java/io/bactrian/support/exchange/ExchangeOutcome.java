package io.bactrian.support.exchange;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.RollbackExchangeException;
import org.apache.camel.spi.TransactedPolicy;
import org.apache.camel.spi.UnitOfWork;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.UnitOfWorkHelper;
import org.jspecify.annotations.Nullable;

/**
 * Whether an Exchange has failed: it has an exception, or is marked for rollback, or a transaction of the route was
 * rolled back. What the route has handled has not failed.
 *
 * <p>Camel takes the mark {@code rollbackOnlyLast} and the exception away again where the transaction ends that was
 * rolled back. So in a context with transactions {@link #watch} looks at the mark at that moment. One Exchange, one thread
 * at a time.
 *
 * <p>Consumers take the outcome in the callback of the processing, and not in a Synchronization beside Camel's default
 * callback. The outcome decides which message is next, and that belongs to the end of the consumer's own route. A
 * Synchronization is handed over to another Exchange, as by seda, and tells the end of that one; and it does not see the
 * mark either.
 */
public final class ExchangeOutcome {
    private static final String END_OF_TRANSACTION = "endTransactedBy";
    private static final String TRANSACTION_MANAGER = "org.springframework.transaction.PlatformTransactionManager";

    private final @Nullable UnitOfWork unit;
    private volatile boolean rolledBack;

    private ExchangeOutcome(Exchange exchange, boolean watches) {
        if (watches && exchange.getUnitOfWork() == null) {
            UnitOfWork made =
                    PluginHelper.getUnitOfWorkFactory(exchange.getContext()).createUnitOfWork(exchange);
            unit = made;
            exchange.getExchangeExtension().setUnitOfWork(watched(exchange, made));
        } else {
            unit = null;
        }
    }

    /** Whether routes of this context can have transactions of their own; asked once at a start. */
    public static boolean hasTransactions(CamelContext context) {
        if (!context.getRegistry().findByType(TransactedPolicy.class).isEmpty()) {
            return true;
        }
        Class<?> manager = context.getClassResolver().resolveClass(TRANSACTION_MANAGER);
        return manager != null && !context.getRegistry().findByType(manager).isEmpty();
    }

    /**
     * To be called before the Exchange is processed.
     *
     * @param transactions whether the context {@link #hasTransactions}
     */
    public static ExchangeOutcome watch(Exchange exchange, boolean transactions) {
        return new ExchangeOutcome(exchange, transactions);
    }

    private UnitOfWork watched(Exchange exchange, UnitOfWork real) {
        return (UnitOfWork) Proxy.newProxyInstance(
                UnitOfWork.class.getClassLoader(), new Class<?>[] {UnitOfWork.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals(END_OF_TRANSACTION) && exchange.isRollbackOnlyLast()) {
                        rolledBack = true;
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    /** Why a processed Exchange has failed, null if it has not. Ends its unit of work. */
    public @Nullable Throwable finish(Exchange exchange) {
        Throwable failure = failure(exchange);
        if (failure == null && rolledBack) {
            failure = new RollbackExchangeException("a transaction of the route was rolled back", exchange);
        }
        UnitOfWorkHelper.doneUow(unit, exchange);
        return failure;
    }

    /** Why an Exchange has failed as far as itself shows it, null if it has not. */
    public static @Nullable Throwable failure(Exchange exchange) {
        if (exchange.getException() != null) {
            return exchange.getException();
        }
        return exchange.isRollbackOnly() || exchange.isRollbackOnlyLast()
                ? new RollbackExchangeException("the route asked for a rollback", exchange)
                : null;
    }
}
