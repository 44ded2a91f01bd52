package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of the whole federation, as far as one node keeps them. For each owner it knows a head: all changes
 * of that owner up to there are in. A change is taken only if it follows the head, so a gap shows at once. For one thread.
 * Source: the Clone pattern of the ZeroMQ guide, chapter 5; versions as in Parker's version vectors.
 */
public final class ReplicatedState {
    /** The outcome of a change. */
    public enum Outcome {
        /** It is in. */
        APPLIED,
        /** It was in already. */
        OLD,
        /** Changes before it are missing. */
        GAP
    }

    /**
     * The entries of one owner that a neighbour lacks.
     *
     * @param owner the id of the owner
     * @param full whether {@code entries} is all there is, so that what is not in it is to be dropped
     * @param head the head after it
     * @param entries changes in their order, deletions among them unless it is full
     */
    public record StateDelta(String owner, boolean full, StateVersion head, List<StateEntry> entries) {
        public StateDelta {
            entries = List.copyOf(entries);
        }
    }

    /** All that is known of one owner. Each key is in {@code byNumber} once, with its latest change. */
    private static final class Owned {
        private StateVersion head = StateVersion.NONE;
        private long hash;
        /** Deletions up to here may be missing. */
        private long forgotten;

        /** What is here came as a whole, so without what had been deleted. */
        private boolean whole = true;

        private int deletions;
        private final TreeMap<Long, StateEntry> byNumber = new TreeMap<>();
        private final Map<String, StateEntry> byKey = new TreeMap<>();
    }

    private final int deletionsMax;
    private final TreeMap<String, Owned> owners = new TreeMap<>();
    private long hash;
    private final TreeMap<String, StateEntry> live = new TreeMap<>();

    /**
     * An empty state.
     *
     * @param deletionsMax how many deletions of each owner are remembered; a neighbour that lacks older ones gets all keys
     */
    public ReplicatedState(int deletionsMax) {
        this.deletionsMax = deletionsMax;
    }

    /** A value, or null. */
    public @Nullable StateEntry get(String key) {
        return live.get(key);
    }

    /** How many keys have a value. */
    public int size() {
        return live.size();
    }

    /** All keys with values whose name begins with a text, in order. */
    public Collection<StateEntry> startingWith(String prefix) {
        SortedMap<String, StateEntry> tail = live.tailMap(prefix, true);
        if (prefix.isEmpty()) {
            return List.copyOf(tail.values());
        }
        List<StateEntry> found = new ArrayList<>();
        for (StateEntry entry : tail.values()) {
            if (!entry.key().startsWith(prefix)) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    /** The first keys with values whose name begins with a text and comes after another one, in order. */
    List<StateEntry> startingWith(String prefix, String after, int max) {
        boolean begins = after.compareTo(prefix) < 0;
        List<StateEntry> found = new ArrayList<>();
        for (StateEntry entry : live.tailMap(begins ? prefix : after, begins).values()) {
            if (found.size() == max || !entry.key().startsWith(prefix)) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    /** The head of an owner. */
    public StateVersion head(String owner) {
        Owned owned = owners.get(owner);
        return owned == null ? StateVersion.NONE : owned.head;
    }

    /** All heads, by owner in order. */
    public Map<String, StateVersion> heads() {
        Map<String, StateVersion> heads = new TreeMap<>();
        owners.forEach((owner, owned) -> heads.put(owner, owned.head));
        return heads;
    }

    /** Shows all heads, by owner in order. */
    void forEachHead(BiConsumer<String, StateVersion> each) {
        owners.forEach((owner, owned) -> each.accept(owner, owned.head));
    }

    /**
     * The sum of the hashes of all heads: neighbours see by it whether one lacks something. A hash is mixed as by
     * SplitMix64; that
     * of {@link StateVersion#NONE} is 0.
     */
    long hash() {
        return hash;
    }

    /** The part in {@link #hash()} of a node and all below it. */
    long hashBelow(String node) {
        Owned self = owners.get(node);
        long sum = self == null ? 0 : self.hash;
        // Ids of nodes below it go on with a dot, and a slash is what follows a dot.
        for (Owned owned : owners.subMap(node + ".", node + "/").values()) {
            sum += owned.hash;
        }
        return sum;
    }

    static long hash(String owner, StateVersion head) {
        if (head.equals(StateVersion.NONE)) {
            return 0;
        }
        long mixed = owner.hashCode() * 0x9e3779b97f4a7c15L + head.epoch();
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L + head.number();
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    private void moveTo(String owner, Owned owned, StateVersion head) {
        owned.head = head;
        hash -= owned.hash;
        owned.hash = hash(owner, head);
        hash += owned.hash;
    }

    /** Takes a change if it follows {@code previous}, which must be the head. */
    public Outcome apply(StateEntry entry, StateVersion previous) {
        Owned owned = owned(entry.owner());
        if (!entry.version().after(owned.head)) {
            return Outcome.OLD;
        }
        boolean askedAnew = owned.head.equals(StateVersion.NONE) && !owned.byNumber.isEmpty();
        if (!owned.head.equals(previous) || askedAnew) {
            return Outcome.GAP;
        }
        put(owned, entry);
        moveTo(entry.owner(), owned, entry.version());
        owned.whole = false;
        return Outcome.APPLIED;
    }

    /** Puts a change in without a question; for a replay and for deltas. */
    public void load(StateEntry entry) {
        Owned owned = owned(entry.owner());
        put(owned, entry);
        if (entry.version().after(owned.head)) {
            moveTo(entry.owner(), owned, entry.version());
        }
    }

    /**
     * Moves the head of an owner forwards or, after a full delta, wherever it is. With {@link StateVersion#NONE} all
     * is asked for again,
     * and what is here stays until it comes.
     */
    public void moveHead(String owner, StateVersion head) {
        Owned owned = owned(owner);
        moveTo(owner, owned, head);
        if (owned.whole) {
            owned.whole = false;
            owned.forgotten = head.number();
        }
    }

    /** Forgets what is known of an owner, and returns the entries that had values. */
    public List<StateEntry> drop(String owner) {
        Owned owned = owners.remove(owner);
        if (owned == null) {
            return List.of();
        }
        hash -= owned.hash;
        List<StateEntry> gone = new ArrayList<>();
        for (StateEntry entry : owned.byKey.values()) {
            StateEntry now = live.get(entry.key());
            if (now != null && now.owner().equals(owner)) {
                live.remove(entry.key());
                gone.add(now);
            }
        }
        return gone;
    }

    /** All that is known of an owner, deletions too, in the order of its changes. */
    public List<StateEntry> of(String owner) {
        Owned owned = owners.get(owner);
        return owned == null ? List.of() : List.copyOf(owned.byNumber.values());
    }

    /** Shows the keys of those who own them by this topology, as far as a node keeps them by it, and no others. */
    public void show(Topology topology, String node) {
        live.clear();
        owners.forEach((owner, owned) -> owned.byKey.values().stream()
                .filter(entry -> !entry.deleted()
                        && owner.equals(topology.owner(entry.key()))
                        && topology.keeps(node, entry.key()))
                .forEach(entry -> live.put(entry.key(), entry)));
    }

    /** Returns the entries that somebody lacks who has all up to {@code since}, of the keys that are wanted; null for none. */
    public @Nullable StateDelta delta(String owner, StateVersion since, Predicate<String> wanted) {
        Owned owned = owners.get(owner);
        if (owned == null || owned.head.equals(since) || since.after(owned.head)) {
            return null;
        }
        boolean full = since.epoch() != owned.head.epoch() || since.number() < owned.forgotten;
        List<StateEntry> entries = new ArrayList<>();
        Collection<StateEntry> candidates = full
                ? owned.byNumber.values()
                : owned.byNumber.tailMap(since.number(), false).values();
        for (StateEntry entry : candidates) {
            if (wanted.test(entry.key()) && !(full && entry.deleted())) {
                entries.add(entry);
            }
        }
        return new StateDelta(owner, full, owned.head, entries);
    }

    private Owned owned(String owner) {
        return owners.computeIfAbsent(owner, id -> new Owned());
    }

    private void put(Owned owned, StateEntry entry) {
        StateEntry former = owned.byKey.put(entry.key(), entry);
        if (former != null) {
            owned.byNumber.remove(former.version().number());
            owned.deletions -= former.deleted() ? 1 : 0;
        }
        owned.byNumber.put(entry.version().number(), entry);
        if (entry.deleted()) {
            live.computeIfPresent(entry.key(), (key, now) -> now.owner().equals(entry.owner()) ? null : now);
            owned.deletions++;
            forgetOldest(owned);
        } else {
            live.put(entry.key(), entry);
        }
    }

    /** Deletions are kept for neighbours that were away; the oldest are forgotten at the bound. */
    private void forgetOldest(Owned owned) {
        if (owned.deletions <= deletionsMax) {
            return;
        }
        // Half at a time, so that the search for them costs little on the average.
        int keep = deletionsMax / 2;
        var entries = owned.byNumber.values().iterator();
        while (entries.hasNext() && owned.deletions > keep) {
            StateEntry entry = entries.next();
            if (entry.deleted()) {
                entries.remove();
                owned.byKey.remove(entry.key());
                owned.deletions--;
                owned.forgotten = entry.version().number();
            }
        }
    }
}
