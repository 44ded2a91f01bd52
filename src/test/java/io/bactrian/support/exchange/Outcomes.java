package io.bactrian.support.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.processor.aggregate.UseLatestAggregationStrategy;
import org.apache.camel.spring.spi.SpringTransactionPolicy;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** The table of outcomes: what a route does with a message, and whether the message counts as processed then. */
public enum Outcomes {
    COMPLETES(true, (builder, route) -> route.setProperty("fine").constant(true)),
    THROWS(false, (builder, route) -> route.throwException(new IllegalStateException("for the test"))),
    THROWS_AN_ERROR(
            false,
            (builder, route) -> route.process(exchange -> {
                throw new AssertionError("for the test");
            })),
    STOPS(true, (builder, route) -> route.stop()),
    SETS_AN_EXCEPTION(false, (builder, route) -> route.process(e -> e.setException(new IllegalStateException("x")))),
    MARKS_ROLLBACK_ONLY(false, (builder, route) -> route.markRollbackOnly()),
    MARKS_ROLLBACK_ONLY_LAST(false, (builder, route) -> route.markRollbackOnlyLast()),
    ROLLS_BACK(false, (builder, route) -> route.rollback("for the test")),
    IS_CAUGHT(
            true,
            (builder, route) -> route.doTry()
                    .throwException(new IllegalStateException("x"))
                    .doCatch(Exception.class)
                    .setProperty("caught")
                    .constant(true)
                    .end()),
    IS_CAUGHT_AND_ROLLED_BACK(
            false,
            (builder, route) -> route.doTry()
                    .throwException(new IllegalStateException("x"))
                    .doCatch(Exception.class)
                    .markRollbackOnlyLast()
                    .end()),
    IS_HANDLED(
            true,
            (builder, route) -> route.onException(Exception.class)
                    .handled(true)
                    .end()
                    .throwException(new IllegalStateException("x"))),
    IS_NOT_HANDLED(
            false,
            (builder, route) -> route.onException(Exception.class)
                    .handled(false)
                    .setProperty("seen")
                    .constant(true)
                    .end()
                    .throwException(new IllegalStateException("x"))),
    IS_CONTINUED(
            true,
            (builder, route) -> route.onException(Exception.class)
                    .continued(true)
                    .end()
                    .throwException(new IllegalStateException("x"))),
    IS_HANDLED_AND_ROLLED_BACK(
            false,
            (builder, route) -> route.onException(Exception.class)
                    .handled(true)
                    .markRollbackOnly()
                    .end()
                    .throwException(new IllegalStateException("x"))),
    IS_HANDLED_AND_ROLLED_BACK_LAST(
            false,
            (builder, route) -> route.onException(Exception.class)
                    .handled(true)
                    .markRollbackOnlyLast()
                    .end()
                    .throwException(new IllegalStateException("x"))),
    GOES_TO_A_DEAD_LETTER_CHANNEL(
            true,
            (builder, route) -> route.errorHandler(new org.apache.camel.builder.DeadLetterChannelBuilder("mock:dead"))
                    .throwException(new IllegalStateException("x"))),
    HAS_NO_ERROR_HANDLER(
            false,
            (builder, route) -> route.errorHandler(new org.apache.camel.builder.NoErrorHandlerBuilder())
                    .throwException(new IllegalStateException("x"))),
    TRANSACTED_COMPLETES(
            true,
            (builder, route) -> route.transacted("required").setProperty("fine").constant(true)),
    TRANSACTED_THROWS(
            false, (builder, route) -> route.transacted("required").throwException(new IllegalStateException("x"))),
    TRANSACTED_ROLLS_BACK(
            false, (builder, route) -> route.transacted("required").rollback("for the test")),
    TRANSACTED_MARKS_ROLLBACK_ONLY(
            false, (builder, route) -> route.transacted("required").markRollbackOnly()),
    TRANSACTED_MARKS_ROLLBACK_ONLY_LAST(
            false, (builder, route) -> route.transacted("required").markRollbackOnlyLast()),
    TRANSACTED_IS_HANDLED_AND_ROLLED_BACK_LAST(
            false,
            (builder, route) -> route.onException(Exception.class)
                    .handled(true)
                    .markRollbackOnlyLast()
                    .end()
                    .transacted("required")
                    .throwException(new IllegalStateException("x"))),
    TRANSACTED_IS_HANDLED(
            true,
            (builder, route) -> route.onException(Exception.class)
                    .handled(true)
                    .end()
                    .transacted("required")
                    .throwException(new IllegalStateException("x"))),
    IN_A_SUB_ROUTE_MARKS_ROLLBACK_ONLY_LAST(false, (builder, route) -> {
        route.to("direct:sub");
        builder.from("direct:sub").markRollbackOnlyLast();
    }),
    A_PART_THROWS(
            false,
            (builder, route) -> route.split(builder.constant(List.of(1, 2)))
                    .filter(builder.body().isEqualTo(1))
                    .throwException(new IllegalStateException("x"))),
    A_PART_MARKS_ROLLBACK_ONLY(
            true,
            (builder, route) -> route.split(builder.constant(List.of(1, 2)))
                    .filter(builder.body().isEqualTo(1))
                    .markRollbackOnly()),
    THE_LAST_PART_TO_BE_AGGREGATED_MARKS_ROLLBACK_ONLY(
            false,
            (builder, route) -> route.split(builder.constant(List.of(1, 2)), new UseLatestAggregationStrategy())
                    .filter(builder.body().isEqualTo(2))
                    .markRollbackOnly()),
    A_BRANCH_THROWS(false, (builder, route) -> {
        route.multicast().to("direct:sub", "mock:other");
        builder.from("direct:sub").throwException(new IllegalStateException("x"));
    }),
    ANOTHER_THREAD_MARKS_ROLLBACK_ONLY_LAST(
            false, (builder, route) -> route.threads(1, 1).markRollbackOnlyLast());

    private final boolean processed;
    private final BiConsumer<RouteBuilder, RouteDefinition> steps;

    Outcomes(boolean processed, BiConsumer<RouteBuilder, RouteDefinition> steps) {
        this.processed = processed;
        this.steps = steps;
    }

    /** Whether the message counts as processed. */
    public boolean isProcessed() {
        return processed;
    }

    /**
     * A route that treats each message as this row says, and notes what it sees.
     *
     * @param seen takes the bodies
     */
    public RouteBuilder route(String from, List<String> seen) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                getContext().getRegistry().bind("required", policy());
                if (Outcomes.this == THROWS_AN_ERROR) {
                    // Camel counts an Exchange whose step has thrown an Error as under way for ever, and a stop waits
                    // for it.
                    getContext().getShutdownStrategy().setTimeout(1);
                }
                interceptFrom(from.substring(0, from.indexOf(':')) + "*").process(exchange -> note(exchange, seen));
                RouteDefinition route = from(from);
                steps.accept(this, route);
            }
        };
    }

    private static void note(Exchange exchange, List<String> seen) {
        String body = exchange.getMessage().getBody(String.class);
        exchange.getMessage().setBody(body);
        seen.add(body);
    }

    /** A policy for {@code transacted}, over nothing. */
    public static SpringTransactionPolicy policy() {
        SpringTransactionPolicy policy = new SpringTransactionPolicy(new NoTransactions());
        policy.setPropagationBehaviorName("PROPAGATION_REQUIRED");
        return policy;
    }

    /** Transactions over nothing. */
    private static final class NoTransactions extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1;

        @Override
        protected Object doGetTransaction() {
            return new ArrayList<>();
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {
            // There is nothing to begin.
        }

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            // There is nothing to commit.
        }

        @Override
        protected void doRollback(DefaultTransactionStatus status) {
            // There is nothing to roll back.
        }
    }
}
