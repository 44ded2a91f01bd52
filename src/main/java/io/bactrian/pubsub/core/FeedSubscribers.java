package io.bactrian.pubsub.core;

import io.bactrian.wire.Command;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers that a hub knows: which of them have a session, when they are forgotten, and for which of them the log is kept.
 * Not thread-safe.
 */
final class FeedSubscribers {
    /** For whom the log is kept, and after which position; what it has processed may be less. */
    record Needed(String subscriber, long after, long cursor) {}

    private final LogReader log;
    private final HubRegistry registry;
    private final HubLimits limits;
    private final Map<String, FeedSubscriber> subscribers = new LinkedHashMap<>();
    /** Those that have no pattern; who has been so for longest is in front, and is forgotten first when there are too many. */
    private final Set<String> withoutPattern = new LinkedHashSet<>();

    private final Map<Integer, FeedSubscriber> sessions = new HashMap<>();
    /** The instance whose session another one has ended. */
    private final Map<String, Long> superseded = new HashMap<>();

    private int nextSession;

    /**
     * None.
     *
     * @param firstSession the first session number, at least 1
     */
    FeedSubscribers(LogReader log, HubRegistry registry, HubLimits limits, int firstSession) {
        this.log = log;
        this.registry = registry;
        this.limits = limits;
        nextSession = firstSession;
    }

    /** At start: a subscriber as the registry has it. What it says of positions that the log has lost is cut. */
    void restore(DurableSubscriber durable) {
        long end = Math.min(log.end(), log.endOfEpoch(durable.logEpoch()));
        DurableSubscriber cut = durable.cutTo(end, log.epoch());
        if (!cut.equals(durable)) {
            registry.save(cut);
        }
        add(new FeedSubscriber(cut));
    }

    /** At start: nobody has been absent until now. */
    void touchAll(long nowMs) {
        subscribers.values().forEach(subscriber -> subscriber.seen(nowMs));
    }

    @Nullable FeedSubscriber find(String id) {
        return subscribers.get(id);
    }

    /** The subscriber that has a session, null if it is not open. */
    @Nullable FeedSubscriber ofSession(int number) {
        return sessions.get(number);
    }

    /** Those that have a session, as they are at any time. */
    Collection<FeedSubscriber> attached() {
        return Collections.unmodifiableCollection(sessions.values());
    }

    int size() {
        return subscribers.size();
    }

    /** Whether a new subscriber finds room; one that has no pattern makes it, and attaches again if it is still there. */
    boolean makeRoom() {
        if (subscribers.size() >= limits.subscribersMax() && !withoutPattern.isEmpty()) {
            forget(subscribers.get(withoutPattern.iterator().next()));
        }
        return subscribers.size() < limits.subscribersMax();
    }

    void add(FeedSubscriber subscriber) {
        subscribers.put(subscriber.id(), subscriber);
        noteWhetherItHasAPattern(subscriber);
    }

    void noteWhetherItHasAPattern(FeedSubscriber subscriber) {
        if (subscriber.hasPatterns()) {
            withoutPattern.remove(subscriber.id());
        } else {
            withoutPattern.add(subscriber.id());
        }
    }

    /** Records how a subscriber stands, if it is one that lasts. */
    void save(FeedSubscriber subscriber, DurableSubscriber durable) {
        if (!subscriber.isEphemeral()) {
            registry.save(durable);
        }
    }

    void forget(@Nullable FeedSubscriber subscriber) {
        if (subscriber != null) {
            if (!subscriber.isEphemeral()) {
                registry.forget(subscriber.id());
            }
            end(subscriber);
            subscribers.remove(subscriber.id());
            superseded.remove(subscriber.id());
            withoutPattern.remove(subscriber.id());
        }
    }

    /** Whether another process has attached as this subscriber since an instance did. */
    boolean isSuperseded(Command.Attach attach) {
        return Long.valueOf(attach.instance()).equals(superseded.get(attach.subscriber()));
    }

    /** Opens a session for a subscriber; that of the same instance goes on. */
    Session open(FeedSubscriber subscriber, Command.Attach attach, byte[] peer, long nowMs) {
        int window = Math.min(attach.window(), limits.windowBytesMax());
        Session former = subscriber.session();
        if (former != null && former.instance() == attach.instance()) {
            former.reattached(peer, window, attach.headers());
            former.received(nowMs);
            former.announced(false);
            return former;
        }
        if (former != null) {
            superseded.put(subscriber.id(), former.instance());
        }
        long usedBy = subscriber.usedBy();
        Session session = newSession(subscriber, attach.instance(), peer, window, attach.headers(), nowMs);
        if (!SubscriberInstance.isSameProcess(usedBy, attach.instance())) {
            session.other(usedBy);
        }
        subscriber.usedBy(attach.instance());
        return session;
    }

    /** Opens a session in place of another one of the same process: what is under way to that one does not count any more. */
    Session replace(FeedSubscriber subscriber, Session former, long nowMs) {
        Session session = newSession(
                subscriber, former.instance(), former.peer(), former.windowBytes(), former.wantsHeaders(), nowMs);
        session.other(former.other());
        session.lastRequest(former.lastRequest());
        session.endOfItsEpoch(former.endOfItsEpoch());
        return session;
    }

    private Session newSession(
            FeedSubscriber subscriber, long instance, byte[] peer, int window, boolean headers, long nowMs) {
        end(subscriber);
        int number = nextSession;
        nextSession = nextSession == Integer.MAX_VALUE ? 1 : nextSession + 1;
        Session session = new Session(number, instance, peer, window, headers, nowMs);
        subscriber.session(session);
        sessions.put(number, subscriber);
        return session;
    }

    /** Ends the session; one that is not to outlive it is forgotten. */
    void leave(FeedSubscriber subscriber) {
        if (subscriber.isEphemeral()) {
            forget(subscriber);
        } else {
            end(subscriber);
        }
    }

    private void end(FeedSubscriber subscriber) {
        Session session = subscriber.session();
        if (session != null) {
            sessions.remove(session.number());
            subscriber.session(null);
        }
    }

    /** Ends all sessions: the log epoch is another, and all attach again. */
    void endAll() {
        List.copyOf(sessions.values()).forEach(this::leave);
    }

    /** Ends the sessions not heard since a time; their subscribers count as absent. */
    List<String> endSilent(long silentSinceMs) {
        List<FeedSubscriber> silent = sessions.values().stream()
                .filter(s -> s.session() != null && s.session().lastReceivedMs() < silentSinceMs)
                .toList();
        silent.forEach(this::leave);
        return silent.stream().map(FeedSubscriber::id).toList();
    }

    /** Removes the subscribers that have been absent since a time. */
    List<DurableSubscriber> expire(long absentSinceMs) {
        List<DurableSubscriber> expired = new ArrayList<>();
        for (FeedSubscriber subscriber : List.copyOf(subscribers.values())) {
            if (subscriber.session() == null && subscriber.lastSeenMs() < absentSinceMs) {
                forget(subscriber);
                expired.add(subscriber.durable(log.epoch()));
            }
        }
        return expired;
    }

    /** Those for whom the log is kept. */
    private Stream<FeedSubscriber> lasting() {
        return subscribers.values().stream().filter(s -> !s.isEphemeral());
    }

    /** Whether a durable subscriber still needs messages of this topic at these positions. */
    boolean needs(String topic, long first, long last) {
        return lasting().anyMatch(s -> s.needs(topic, first, last));
    }

    /**
     * The log is about to be purged to this position, and nobody {@link #needs} an entry up to there. Subscribers whose
     * cursor is lower lose nothing: the registry keeps that.
     */
    void passOver(long upTo) {
        List<FeedSubscriber> before = lasting()
                .filter(s -> s.losesNothingByPurge(upTo, log.first() - 1))
                .toList();
        if (!before.isEmpty()) {
            registry.passedOver(before.stream()
                    .map(s -> s.durable(log.epoch()).purgedUpTo(upTo))
                    .toList());
            before.forEach(s -> s.passOver(upTo));
        }
    }

    /** The durable subscriber that needs the oldest of this topic, if there is one. */
    Optional<Needed> slowest(String topic) {
        return lasting()
                .filter(s -> s.covers(topic))
                .min((a, b) -> Long.compare(a.neededAfter(), b.neededAfter()))
                .map(s -> new Needed(s.id(), s.neededAfter(), s.cursor()));
    }

    /**
     * No longer keeps the log for what a subscriber has not processed. It still gets what is there when its turn comes,
     * and is told of what was deleted before.
     */
    void giveUp(String id, long upTo) {
        FeedSubscriber subscriber = subscribers.get(id);
        if (subscriber != null) {
            subscriber.giveUp(upTo);
        }
    }

    /** The durable subscribers as they stand, to be kept. */
    Collection<DurableSubscriber> durable() {
        return lasting().map(s -> s.durable(log.epoch())).toList();
    }

    /** The windows in octets of the durable subscribers that are attached now, by their ids. */
    Map<String, Integer> windows() {
        Map<String, Integer> windows = new HashMap<>();
        lasting().forEach(subscriber -> {
            Session session = subscriber.session();
            if (session != null) {
                windows.put(subscriber.id(), session.windowBytes());
            }
        });
        return windows;
    }

    /** How many subscribers are there that are forgotten when they go. */
    int ephemeral() {
        return (int) subscribers.values().stream()
                .filter(FeedSubscriber::isEphemeral)
                .count();
    }
}
