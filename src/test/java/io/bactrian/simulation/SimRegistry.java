package io.bactrian.simulation;

import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.HubRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The hub's database. Everything in it is durable when a method returns, unless the flaw of the run says otherwise. */
final class SimRegistry implements HubRegistry {
    static final class Publisher {
        long instance;
        long granted;
        long inForce;
        long highest;
    }

    private final Oracle oracle;
    private final Flaw flaw;
    private final Map<String, Publisher> publishers = new LinkedHashMap<>();
    /** What is granted is above this. */
    private long granted;

    private long former;

    private final Map<String, DurableSubscriber> subscribers = new LinkedHashMap<>();

    SimRegistry(Oracle oracle, Flaw flaw) {
        this.oracle = oracle;
        this.flaw = flaw;
    }

    Map<String, Publisher> publishers() {
        return publishers;
    }

    Map<String, DurableSubscriber> subscribers() {
        return subscribers;
    }

    @Override
    public long grant(String id, long instance) {
        Publisher publisher = publishers.computeIfAbsent(id, key -> new Publisher());
        if (publisher.instance != instance || publisher.granted == 0) {
            publisher.instance = instance;
            publisher.highest = Math.max(publisher.highest, granted) + 1;
            publisher.granted = flaw == Flaw.EPOCH_GRANTED_AGAIN ? 1 : publisher.highest;
        }
        return publisher.granted;
    }

    @Override
    public void open(String id, long epoch) {
        Publisher publisher = publishers.computeIfAbsent(id, key -> new Publisher());
        publisher.inForce = Math.max(publisher.inForce, epoch);
    }

    @Override
    public void adopt(String id, long epoch) {
        if (epoch > former) {
            oracle.fail("hub adopts " + epoch + " of " + id + ", but no life that is lost has granted it");
        }
        Publisher publisher = publishers.computeIfAbsent(id, key -> new Publisher());
        publisher.inForce = Math.max(publisher.inForce, epoch);
        publisher.granted = Math.max(publisher.granted, epoch);
    }

    /** The epochs that lives which are lost may have granted are not above this one. */
    long former() {
        return flaw == Flaw.FORMER_EPOCHS_FORGOTTEN ? 0 : former;
    }

    @Override
    public void lost(String publisher, String topic, long from, long to) {
        if (!oracle.hasCuts()) {
            oracle.fail("hub says that " + publisher + " lost " + topic + " " + from + " to " + to);
        }
    }

    @Override
    public void save(DurableSubscriber subscriber) {
        long distinct = subscriber.subscriptions().stream()
                .map(s -> List.of(s.kind(), s.pattern(), s.start()))
                .distinct()
                .count();
        if (distinct < subscriber.subscriptions().size()) {
            oracle.fail("hub saves a pattern twice: " + subscriber);
        }
        subscribers.put(subscriber.id(), subscriber);
    }

    @Override
    public void passedOver(List<DurableSubscriber> passed) {
        passed.forEach(this::save);
    }

    @Override
    public void forget(String subscriber) {
        subscribers.remove(subscriber);
    }

    /** All is what it was in an older copy; epochs are granted above all that were granted since. */
    void restore(SimRegistry older, int logEpoch) {
        publishers.clear();
        publishers.putAll(older.copy().publishers);
        subscribers.clear();
        subscribers.putAll(older.subscribers);
        former = logEpoch * 1_000_000L;
        if (flaw != Flaw.RESTORED_EPOCHS_NOT_RAISED) {
            granted = logEpoch * 1_000_000L;
        }
    }

    SimRegistry copy() {
        SimRegistry copy = new SimRegistry(oracle, flaw);
        copy.granted = granted;
        copy.former = former;
        publishers.forEach((id, publisher) -> {
            Publisher same = new Publisher();
            same.instance = publisher.instance;
            same.granted = publisher.granted;
            same.inForce = publisher.inForce;
            same.highest = publisher.highest;
            copy.publishers.put(id, same);
        });
        copy.subscribers.putAll(subscribers);
        return copy;
    }
}
