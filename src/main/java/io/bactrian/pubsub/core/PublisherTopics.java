package io.bactrian.pubsub.core;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The topics of a publisher, at most so many, and which of them wait for the hub to open them. Not thread-safe. */
final class PublisherTopics {
    private final String publisher;
    private final int most;
    private final Map<String, PublisherTopic> topics = new LinkedHashMap<>();
    /** Topics that need the hub's word before they may send. */
    private final Set<PublisherTopic> opening = new LinkedHashSet<>();
    /** What was accepted last in topics that had to make room: so no sequence is given twice under an epoch. */
    private final Map<String, Long> evicted = new HashMap<>();

    PublisherTopics(String publisher, int most) {
        this.publisher = publisher;
        this.most = most;
    }

    /** A topic that is there, or null. */
    @Nullable PublisherTopic find(String name) {
        return topics.get(name);
    }

    Collection<PublisherTopic> all() {
        return Collections.unmodifiableCollection(topics.values());
    }

    /**
     * A topic, made if it is not there.
     *
     * @throws IllegalArgumentException if records of the other kind wait in it
     */
    PublisherTopic get(String name, boolean sparse) {
        PublisherTopic topic = topics.get(name);
        if (topic == null) {
            if (topics.size() >= most) {
                evictOne();
            }
            Long accepted = evicted.remove(name);
            return put(name, sparse, accepted == null ? 0 : accepted);
        }
        if (topic.sparse() == sparse) {
            return topic;
        }
        if (!topic.idle()) {
            throw new IllegalArgumentException("topic " + name + " has records of another kind waiting");
        }
        opening.remove(topic);
        return put(name, sparse, topic.accepted);
    }

    private PublisherTopic put(String name, boolean sparse, long accepted) {
        PublisherTopic topic = new PublisherTopic(publisher, name, sparse);
        topic.accepted = accepted;
        topic.next(accepted + 1);
        topics.put(name, topic);
        return topic;
    }

    /** Of an idle topic only its number stays; the hub bounds how many topics can have one. */
    private void evictOne() {
        Iterator<PublisherTopic> all = topics.values().iterator();
        while (all.hasNext()) {
            PublisherTopic topic = all.next();
            if (topic.idle()) {
                all.remove();
                opening.remove(topic);
                if (topic.accepted > 0) {
                    evicted.put(topic.name(), topic.accepted);
                }
                return;
            }
        }
    }

    /** A topic needs the hub's word; false if it was known to. */
    boolean needsOpening(PublisherTopic topic) {
        return opening.add(topic);
    }

    /** The topics that need the hub's word. */
    Set<PublisherTopic> opening() {
        return Collections.unmodifiableSet(opening);
    }

    /** The hub has opened a topic. */
    void open(PublisherTopic topic) {
        opening.remove(topic);
        topic.open();
    }

    /** A topic is to be opened again. */
    void close(PublisherTopic topic) {
        topic.close();
        opening.add(topic);
    }

    /** All topics are to be opened again; those in which nothing waits when something does. */
    void closeAll() {
        for (PublisherTopic topic : topics.values()) {
            topic.close();
            if (!topic.idle()) {
                opening.add(topic);
            }
        }
    }
}
