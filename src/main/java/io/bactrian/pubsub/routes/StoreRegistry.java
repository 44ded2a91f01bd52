package io.bactrian.pubsub.routes;

import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.DurableSubscription;
import io.bactrian.pubsub.core.HubRegistry;
import io.bactrian.pubsub.store.HubEvent;
import io.bactrian.pubsub.store.HubStore;
import io.bactrian.pubsub.store.SubscriberProgress;
import io.bactrian.pubsub.store.SubscriberState;
import io.bactrian.pubsub.store.SubscriptionState;
import io.bactrian.wire.PatternKind;
import java.time.Clock;
import java.util.Collection;
import java.util.List;

/** What the hub's cores must have on disk, in the hub's tables. */
record StoreRegistry(HubStore store, Clock clock) implements HubRegistry {
    @Override
    public long grant(String publisher, long instance) {
        return store.grant(publisher, instance, clock.millis());
    }

    @Override
    public void open(String publisher, long epoch) {
        store.open(publisher, epoch, clock.millis());
    }

    @Override
    public void adopt(String publisher, long epoch) {
        store.adopt(publisher, epoch, clock.millis());
    }

    @Override
    public void lost(String publisher, String topic, long fromSequence, long toSequence) {
        store.record(HubEvent.publisherLost(
                clock.millis(),
                publisher,
                topic,
                fromSequence,
                toSequence,
                "accepted by a log that is no longer there"));
    }

    @Override
    public void save(DurableSubscriber subscriber) {
        store.saveSubscriber(
                new SubscriberState(
                        subscriber.id(),
                        subscriber.generation(),
                        subscriber.logEpoch(),
                        subscriber.cursor(),
                        subscriber.passedTo(),
                        subscriber.hadTo(),
                        subscriber.lastSeenMs()),
                subscriber.subscriptions().stream()
                        .map(s -> new SubscriptionState(
                                subscriber.id(),
                                SubscriptionState.Kind.of(s.kind().number()),
                                s.pattern(),
                                s.start(),
                                s.doneTo(),
                                s.ended()))
                        .toList());
    }

    @Override
    public void passedOver(List<DurableSubscriber> subscribers) {
        store.saveProgress(subscribers.stream().map(StoreRegistry::progress).toList());
    }

    static SubscriberProgress progress(DurableSubscriber s) {
        return new SubscriberProgress(s.id(), s.generation(), s.logEpoch(), s.cursor(), s.passedTo(), s.lastSeenMs());
    }

    @Override
    public void forget(String subscriber) {
        store.forgetSubscriber(subscriber);
    }

    /** A subscriber as the tables have it, seen so much later. */
    static DurableSubscriber durable(SubscriberState subscriber, Collection<SubscriptionState> patterns, long laterMs) {
        List<DurableSubscription> subscriptions = patterns.stream()
                .map(p -> new DurableSubscription(
                        p.kind() == SubscriptionState.Kind.TOPIC ? PatternKind.TOPIC : PatternKind.PREFIX,
                        p.pattern(),
                        p.start(),
                        p.doneTo(),
                        p.ended()))
                .toList();
        return new DurableSubscriber(
                subscriber.id(),
                Math.toIntExact(subscriber.generation()),
                Math.toIntExact(subscriber.logEpoch()),
                subscriber.cursor(),
                subscriber.passedTo(),
                subscriber.hadTo(),
                subscriber.lastSeenMs() + laterMs,
                subscriptions);
    }
}
