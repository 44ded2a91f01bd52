package io.bactrian.pubsub.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The subscribers that were refused, as they come from a log which this hub has not; the last ones, at most so many. */
final class Strangers {
    private record Stranger(int logEpoch, long atMs) {}

    /** So many are remembered. */
    private static final int MOST = 100;

    private final LogReader log;
    private final Map<String, Stranger> strangers = new LinkedHashMap<>();

    Strangers(LogReader log) {
        this.log = log;
    }

    /** Notes one; returns what it is told. */
    String refuse(String subscriber, int logEpoch, long nowMs) {
        strangers.keySet().removeIf(id -> strangers.size() >= MOST);
        strangers.put(subscriber, new Stranger(logEpoch, nowMs));
        return "subscriber " + subscriber + whatToDo(logEpoch);
    }

    /** It has come with a cursor that this hub understands. */
    void remove(String subscriber) {
        strangers.remove(subscriber);
    }

    /** Those that were refused since a time, each with what to do. */
    List<String> since(long sinceMs) {
        return strangers.entrySet().stream()
                .filter(stranger -> stranger.getValue().atMs() >= sinceMs)
                .map(stranger ->
                        stranger.getKey() + whatToDo(stranger.getValue().logEpoch()))
                .toList();
    }

    private String whatToDo(int logEpoch) {
        return " has a cursor of log epoch " + logEpoch + ", and this hub's log has told none above " + log.epoch()
                + ": an older log was put back, or the hub's clock stood in the future. Put back the newest log and its"
                + " database, or move the data folder of the subscriber away: it then goes on after what this hub knows as"
                + " acknowledged";
    }
}
