package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Compares the whole state with other routers, by digests first and then what differs: root, buckets, keys, entries. So what
 * news did not reach is found, a newcomer gets all at once, and a cluster that was cut in two becomes one again. Each step
 * is a datagram that may be lost; the next comparison makes up for it.
 */
final class AntiEntropy {
    /** How many buckets are compared in one step; the next step follows soon if more differ. */
    private static final int BUCKETS_AT_ONCE = 16;

    private static final long AGAIN_MS = 100;
    /** A router that seems to be gone, or a seed, is tried so many times less often than comparisons are made. */
    private static final int RECONNECT_SLOWER = 4;
    /** So long after a change it is made sure that all have it. */
    private static final long BUSY_MS = 10_000;

    /** A router that has started waits so long for others before it takes itself for the only one. */
    private static final long ALONE_MS = 2_000;
    /** While much changes, no two routers have the same digest: then it is known after this time what there is to know. */
    private static final long CATCH_UP_MAX_MS = 10_000;

    private final String self;
    private final long startedMs;
    private final RouterSettings settings;
    private final ClusterState state;
    private final ActionList outbox;
    private final Random random;
    private final NewsPacker news;
    private final List<String> seeds;
    private final Rules rules;
    private final Map<String, Long> again = new HashMap<>();
    private long nextMs;
    private long nextReconnectMs;
    private long differedMs = Long.MIN_VALUE / 2;
    private long nextJoinMs;
    private boolean agreedOnce;

    AntiEntropy(
            String self,
            RouterSettings settings,
            ClusterState state,
            ActionList outbox,
            Random random,
            NewsPacker news,
            List<String> seeds,
            Rules rules,
            long nowMs) {
        this.self = self;
        startedMs = nowMs;
        this.settings = settings;
        this.state = state;
        this.outbox = outbox;
        this.random = random;
        this.news = news;
        this.seeds = List.copyOf(seeds);
        this.rules = rules;
    }

    void tick(long nowMs) {
        if (state.others().isEmpty() && nowMs >= nextJoinMs) {
            nextJoinMs = nowMs + settings.syncIntervalMs();
            seeds.forEach(this::join);
        }
        if (nowMs >= nextReconnectMs) {
            nextReconnectMs = nowMs + (long) RECONNECT_SLOWER * settings.syncIntervalMs();
            reconnect();
        }
        int intervalMs = busy(nowMs) ? settings.syncIntervalMs() : settings.quietSyncIntervalMs();
        nextMs = Math.min(nextMs, nowMs + intervalMs);
        if (nowMs >= nextMs) {
            nextMs = nowMs + intervalMs;
            compareWithSomebody();
        }
        if (!again.isEmpty()) {
            List<String> due = new ArrayList<>();
            again.forEach((address, atMs) -> {
                if (nowMs >= atMs) {
                    due.add(address);
                }
            });
            for (String address : due) {
                again.remove(address);
                compare(address);
            }
        }
    }

    private boolean busy(long nowMs) {
        return nowMs - Math.max(state.changedMs(), differedMs) < BUSY_MS;
    }

    /**
     * True once this router knows what the others know. Until then it must decide nothing: to it, a node that it has not heard
     * of yet would be a node that is gone. One that knows no other at its start may be known to others, and waits for them.
     */
    boolean caughtUp(long nowMs) {
        return agreedOnce || nowMs - startedMs >= (state.others().isEmpty() ? ALONE_MS : CATCH_UP_MAX_MS);
    }

    /** When time matters next, if nothing comes before. */
    long dueMs() {
        long dueMs = Math.min(nextMs, nextReconnectMs);
        for (long atMs : again.values()) {
            dueMs = Math.min(dueMs, atMs);
        }
        return state.others().isEmpty() ? Math.min(dueMs, nextJoinMs) : dueMs;
    }

    /** Introduces this router at an address, where its datagrams are perhaps not expected. */
    void join(String address) {
        RegistryEntry own = state.router(self);
        if (own != null && !ClusterState.content(own).gossip().equals(address)) {
            outbox.send(address, new RouterMessage.Gossip(self, List.of(own)));
            compare(address);
        }
    }

    private void reconnect() {
        List<String> gone = gone();
        if (!gone.isEmpty()) {
            join(gone.get(random.nextInt(gone.size())));
        }
    }

    private void compareWithSomebody() {
        List<Content.Router> others = state.others();
        if (!others.isEmpty()) {
            compare(others.get(random.nextInt(others.size())).gossip());
        }
    }

    /** The addresses of routers that are down, and of seeds at which no member is known. */
    private List<String> gone() {
        List<String> gone = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (RegistryEntry entry : state.routers()) {
            Content.Router router = ClusterState.content(entry);
            if (router.state() == RouterState.DOWN) {
                gone.add(router.gossip());
            } else if (router.state().member()) {
                known.add(router.gossip());
            }
        }
        for (String seed : seeds) {
            if (!known.contains(seed)) {
                gone.add(seed);
            }
        }
        return gone;
    }

    private void compare(String address) {
        if (rules.compares()) {
            outbox.send(address, new RouterMessage.Root(self, state.replica().root()));
        }
    }

    void root(RouterMessage.Root root, String replyTo, long nowMs) {
        if (root.root() != state.replica().root()) {
            differedMs = nowMs;
            outbox.send(replyTo, new RouterMessage.Buckets(self, state.replica().bucketDigests()));
        } else {
            agreedOnce = true;
        }
    }

    void buckets(RouterMessage.Buckets buckets, String replyTo, long nowMs) {
        differedMs = nowMs;
        // Routers first: nodes of routers that are not known are not taken.
        if (buckets.digests()[0] != state.replica().bucketDigest(0)) {
            sendKeys(0, replyTo);
        }
        int others = RegistryReplica.BUCKETS - 1;
        int start = random.nextInt(others);
        int sent = 0;
        for (int i = 0; i < others; i++) {
            int bucket = 1 + (start + i) % others;
            if (buckets.digests()[bucket] != state.replica().bucketDigest(bucket)) {
                if (sent == BUCKETS_AT_ONCE) {
                    if (again.size() < settings.routersMax()) {
                        again.putIfAbsent(replyTo, nowMs + AGAIN_MS);
                    }
                    return;
                }
                sendKeys(bucket, replyTo);
                sent++;
            }
        }
    }

    private void sendKeys(int bucket, String replyTo) {
        EntryBucket mine = state.replica().bucket(bucket);
        outbox.send(replyTo, new RouterMessage.Keys(self, bucket, mine.keyHashes(), mine.hashes()));
    }

    void keys(RouterMessage.Keys keys, String replyTo) {
        EntryBucket mine = state.replica().bucket(keys.bucket());
        boolean[] theyHave = new boolean[mine.size()];
        List<RegistryEntry> theyLack = new ArrayList<>();
        long[] wanted = new long[keys.keyHashes().length];
        int wants = 0;
        for (int i = 0; i < wanted.length; i++) {
            long keyHash = keys.keyHashes()[i];
            int index = mine.find(keyHash);
            if (index < 0) {
                wanted[wants++] = keyHash;
                continue;
            }
            theyHave[index] = true;
            if (mine.hash(index) != keys.hashes()[i]) {
                wanted[wants++] = keyHash;
                theyLack.add(mine.entry(index));
            }
        }
        for (int index = 0; index < theyHave.length; index++) {
            if (!theyHave[index]) {
                theyLack.add(mine.entry(index));
            }
        }
        sendState(theyLack, replyTo);
        int most = news.room() / Long.BYTES;
        for (int from = 0; from < wants; from += most) {
            long[] part = Arrays.copyOfRange(wanted, from, Math.min(wants, from + most));
            outbox.send(replyTo, new RouterMessage.Want(self, keys.bucket(), part));
        }
    }

    void want(RouterMessage.Want want, String replyTo) {
        EntryBucket mine = state.replica().bucket(want.bucket());
        List<RegistryEntry> asked = new ArrayList<>();
        for (long keyHash : want.keyHashes()) {
            int index = mine.find(keyHash);
            while (index >= 0 && index < mine.size() && mine.keyHash(index) == keyHash) {
                asked.add(mine.entry(index++));
            }
        }
        sendState(asked, replyTo);
    }

    private void sendState(List<RegistryEntry> entries, String replyTo) {
        for (List<RegistryEntry> part : news.split(entries)) {
            outbox.send(replyTo, new RouterMessage.State(self, part));
        }
    }
}
