package io.bactrian.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.client.Message;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ExpectedMessagesTest {
    private final ExpectedMessages owed = new ExpectedMessages();

    private void got(long position, long sequence, boolean redelivered) {
        owed.got(new Message("t", new byte[0], Map.of(), position, 1, "p", sequence, false, redelivered, 0));
    }

    @Test
    void aGapWithinASubscriptionIsMissing() {
        owed.subscribed("t", CompletableFuture.completedFuture(10L));
        got(10, 4, false);
        got(12, 5, false);
        assertThat(owed.missing()).isZero();
        got(20, 8, false);
        assertThat(owed.missing()).isEqualTo(2);
        assertThat(owed.repeated()).isZero();
    }

    @Test
    void betweenTwoSubscriptionsNothingIsOwed() {
        owed.subscribed("t", CompletableFuture.completedFuture(10L));
        got(10, 4, false);
        owed.unsubscribed("t");
        got(11, 5, false);
        owed.subscribed("t", CompletableFuture.completedFuture(20L));
        got(12, 6, false);
        got(20, 9, false);
        assertThat(owed.missing()).isZero();
        got(22, 11, false);
        assertThat(owed.missing()).isEqualTo(1);
    }

    @Test
    void whatComesWhileATopicIsAskedForOnceMoreIsNotMissing() {
        owed.subscribed("t", CompletableFuture.completedFuture(10L));
        got(10, 4, false);
        CompletableFuture<Long> again = new CompletableFuture<>();
        owed.subscribed("t", again);
        got(11, 5, false);
        again.complete(10L);
        got(12, 6, false);
        assertThat(owed.missing()).isZero();
        got(14, 8, false);
        assertThat(owed.missing()).isEqualTo(1);
    }

    @Test
    void whatComesAgainIsRepeatedUnlessItSaysSo() {
        owed.subscribed("t", CompletableFuture.completedFuture(1L));
        got(1, 1, false);
        got(2, 2, false);
        got(1, 1, true);
        got(2, 2, true);
        got(3, 3, false);
        assertThat(owed.repeated()).isZero();
        got(3, 3, false);
        assertThat(owed.repeated()).isEqualTo(1);
        assertThat(owed.missing()).isZero();
    }
}
