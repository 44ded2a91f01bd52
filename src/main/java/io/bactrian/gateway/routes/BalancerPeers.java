package io.bactrian.gateway.routes;

import io.bactrian.gateway.core.Mapping;
import io.bactrian.support.text.RateLimitedLog;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other balancer of a pair, or several. Each change is told to them before it is answered. One that does not answer is left
 * out until it does; then everything that it has is fetched, and it fetches everything from here. Changes are lines of text:
 * {@code worker ADDRESS}, {@code drain ADDRESS}, {@code resume ADDRESS}, {@code quit ADDRESS} and {@code map ID ADDRESS VERSION
 * GRANTED}. Any thread.
 */
final class BalancerPeers {
    private static final Logger LOG = LoggerFactory.getLogger(BalancerPeers.class);
    private static final Pattern WORKER =
            Pattern.compile("(worker|drain|resume|quit) (https?://[A-Za-z0-9.:\\[\\]_%-]{1,200})");
    private static final Pattern MAP =
            Pattern.compile("map (\\d{1,18}) (https?://[A-Za-z0-9.:\\[\\]_%-]{1,200}) (\\d{1,18}) ([01])");
    private static final Duration SNAPSHOT_TIMEOUT = Duration.ofSeconds(10);

    private final PeerClient client;
    private final Duration timeout;
    private final int snapshotMax;
    private final RateLimitedLog limit = new RateLimitedLog(Steps::nowMs);
    private final Map<String, Boolean> reachable = new ConcurrentHashMap<>();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    /**
     * Peers that have not answered yet.
     *
     * @param snapshotMax how long a description of everything may be, in octets
     */
    BalancerPeers(PeerClient client, List<String> peers, Duration timeout, int snapshotMax) {
        this.client = client;
        this.snapshotMax = snapshotMax;
        this.timeout = timeout;
        peers.forEach(peer -> reachable.put(peer, false));
    }

    static String worker(String worker) {
        return "worker " + worker + "\n";
    }

    /** It gets no new producers. */
    static String drain(String worker) {
        return "drain " + worker + "\n";
    }

    /** It gets new producers again. */
    static String resume(String worker) {
        return "resume " + worker + "\n";
    }

    static String quit(String worker) {
        return "quit " + worker + "\n";
    }

    static String mappings(List<Mapping> mappings) {
        return mappings.stream()
                .map(mapping -> "map " + mapping.id() + " " + mapping.worker() + " " + mapping.version() + " "
                        + (mapping.granted() ? 1 : 0) + "\n")
                .collect(Collectors.joining());
    }

    /**
     * What came of telling a change.
     *
     * @param all whether all others have answered
     * @param newer what they have that is newer
     */
    record Told(boolean all, List<Mapping> newer) {}

    /** Tells changes to all. */
    Told tell(String lines) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        boolean all = true;
        for (Map.Entry<String, Boolean> peer : reachable.entrySet()) {
            if (peer.getValue()) {
                answers.add(client.post(peer.getKey() + "/replicate", lines, timeout)
                        .whenComplete((answer, failure) -> heard(peer.getKey(), answer, failure)));
            } else {
                all = false;
            }
        }
        List<Mapping> newer = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            try {
                HttpResponse<String> got = answer.join();
                all &= got.statusCode() == HttpAnswers.OK;
                newer.addAll(readMappings(got.body()));
            } catch (CompletionException e) {
                // It is marked as unreachable, and fetches everything when it is back.
                all = false;
            }
        }
        return new Told(all, newer);
    }

    private void heard(String peer, HttpResponse<String> answer, Throwable failure) {
        boolean good = failure == null && answer.statusCode() == HttpAnswers.OK;
        if (!good && Boolean.TRUE.equals(reachable.replace(peer, false)) && limit.admit("silent", peer) >= 0) {
            LOG.warn(
                    "balancer={} {}; it gets everything when it is back",
                    peer,
                    failure == null
                            ? "answers " + answer.statusCode() + " " + answer.body()
                            : CallFailures.reason(failure));
        }
    }

    /** Fetches everything from those that were not reachable, so that from then on changes are enough. */
    void meet(BalancerChanges balancer) {
        reachable.forEach((peer, here) -> {
            if (!here) {
                meet(peer, balancer);
            }
        });
    }

    private void meet(String peer, BalancerChanges balancer) {
        if (!asked.add(peer)) {
            return;
        }
        Steps.watch(
                "meet balancer " + peer, client.get(peer + "/ready", timeout).handle((ready, silent) -> {
                    asked.remove(peer);
                    if (silent != null || ready.statusCode() != HttpAnswers.OK) {
                        return null;
                    }
                    // From now on it is told what changes, and what was before is fetched: both may bring the same.
                    reachable.put(peer, true);
                    Steps.watch(
                            "copy balancer " + peer,
                            client.get(peer + "/snapshot", SNAPSHOT_TIMEOUT, snapshotMax)
                                    .handle((answer, failure) -> {
                                        heard(peer, answer, failure);
                                        if (failure == null && answer.statusCode() == HttpAnswers.OK) {
                                            List<Mapping> unused = read(answer.body(), balancer);
                                            LOG.debug("newer here mappings={}", unused.size());
                                            LOG.info("balancers are a pair with balancer={}", peer);
                                        }
                                        return null;
                                    }));
                    return null;
                }));
    }

    /**
     * Reads lines of another balancer; what is none of these kinds is ignored.
     *
     * @return what this one has that is newer
     */
    static List<Mapping> read(String lines, BalancerChanges balancer) {
        lines.lines().forEach(line -> {
            Matcher worker = WORKER.matcher(line);
            if (worker.matches()) {
                seen(worker.group(1), worker.group(2), balancer);
            }
        });
        return balancer.mappingsSeen(readMappings(lines));
    }

    private static void seen(String change, String worker, BalancerChanges balancer) {
        switch (change) {
            case "worker" -> balancer.workerSeen(worker);
            case "drain" -> balancer.drain(worker);
            case "resume" -> balancer.resume(worker);
            default -> balancer.leave(worker);
        }
    }

    private static List<Mapping> readMappings(String lines) {
        List<Mapping> mappings = new ArrayList<>();
        lines.lines().forEach(line -> {
            Matcher map = MAP.matcher(line);
            if (map.matches()) {
                mappings.add(new Mapping(
                        Long.parseLong(map.group(1)),
                        map.group(2),
                        Long.parseLong(map.group(3)),
                        map.group(4).equals("1")));
            }
        });
        return mappings;
    }

    /** How many are reachable. */
    long reachable() {
        return reachable.values().stream().filter(here -> here).count();
    }

    int size() {
        return reachable.size();
    }
}
