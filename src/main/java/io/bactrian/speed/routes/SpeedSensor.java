package io.bactrian.speed.routes;

import io.bactrian.pair.routes.Wake;
import io.bactrian.speed.core.SensorCore;
import io.bactrian.support.text.FileErrors;
import io.bactrian.support.text.RateLimitedLog;
import io.bactrian.zeromq.ZeroMqMessage;
import io.bactrian.zeromq.socket.SocketEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A road sensor, as its routes see it. Thread-safe. */
public final class SpeedSensor {
    private static final Logger LOG = LoggerFactory.getLogger(SpeedSensor.class);
    private static final int SLOWEST = 70;
    private static final int SPREAD = 50;

    private final SensorCore core;
    private final String file;
    private final List<String> servers;
    private final Clock clock;
    private final Wake wake;
    private final SecureRandom road = new SecureRandom();
    private final List<List<ZeroMqMessage>> queues = List.of(new ArrayList<>(), new ArrayList<>());
    private @Nullable BufferedReader values;
    private final RateLimitedLog limit = new RateLimitedLog(SpeedSensor::nowMs);
    private volatile boolean ended;
    private final AtomicLong skipped = new AtomicLong();
    private boolean completionTold;
    private long told = -1;

    SpeedSensor(SensorCore core, List<String> servers, String file, Clock clock, Wake wake) {
        this.core = core;
        this.servers = List.copyOf(servers);
        this.file = file;
        this.clock = clock;
        this.wake = wake;
    }

    static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Measures one Speed, if there is one and not too much is owed. */
    public void measure() {
        String value = next();
        synchronized (this) {
            if (value != null) {
                core.measured(value, TimeUnit.MILLISECONDS.toSeconds(clock.millis()), nowMs());
            }
            core.tick(nowMs());
            sort();
        }
    }

    private @Nullable String next() {
        synchronized (this) {
            if (ended || !core.hasRoom()) {
                return null;
            }
        }
        if (file.isEmpty()) {
            return Integer.toString(SLOWEST + road.nextInt(SPREAD));
        }
        try {
            return nextOfFile();
        } catch (IOException e) {
            ended = true;
            LOG.error("file={} cannot be read any further, so nothing more is measured: {}", file, FileErrors.say(e));
            return null;
        }
    }

    private @Nullable String nextOfFile() throws IOException {
        BufferedReader open = values;
        if (open == null) {
            // Octets that are no UTF-8 make a line that is no speed.
            open = new BufferedReader(new InputStreamReader(
                    file.equals("-") ? System.in : Files.newInputStream(Path.of(file)), StandardCharsets.UTF_8));
            values = open;
        }
        String line = open.readLine();
        while (line != null && !line.strip().matches("-?[0-9]{1,6}(\\.[0-9]{1,6})?")) {
            skipped.incrementAndGet();
            long unsaid = limit.admit("skipped", file);
            if (unsaid >= 0) {
                LOG.warn("skipped a line of {} characters that is no speed; suppressed={}", line.length(), unsaid);
            }
            line = open.readLine();
        }
        if (line == null) {
            ended = true;
            open.close();
            LOG.info("all values of {} are measured", file);
            return null;
        }
        return line.strip();
    }

    /** Time goes on. */
    public synchronized void tick() {
        core.tick(nowMs());
        sort();
        if (core.acknowledged() != told && core.unacknowledgedCount() == 0) {
            told = core.acknowledged();
            LOG.debug("acknowledged={} average={}", told, core.lastAverageValue());
        }
        if (ended && !completionTold && core.unacknowledgedCount() == 0) {
            completionTold = true;
            LOG.info("all {} values are acknowledged, {} lines were skipped", core.acknowledged(), skipped.get());
        }
    }

    /** Hears a server. */
    public synchronized void hear(int server, List<ZeroMqMessage> messages) {
        for (ZeroMqMessage message : messages) {
            core.heard(server, message.frame(message.size() - 1), nowMs());
        }
        sort();
    }

    /** Hears of connections. */
    public synchronized void noticeConnection(SocketEvent event) {
        if (event.type() == SocketEvent.Type.DISCONNECTED || event.type() == SocketEvent.Type.CLOSED) {
            for (int i = 0; i < servers.size(); i++) {
                if (event.concerns(servers.get(i))) {
                    core.closed(i, nowMs());
                }
            }
            sort();
        }
    }

    private void sort() {
        boolean some = false;
        for (SensorCore.ServerFrame outgoing : core.outgoing()) {
            queues.get(outgoing.server()).add(ZeroMqMessage.of(null, outgoing.frame()));
            some = true;
        }
        if (some) {
            wake.now();
        }
    }

    /** Returns the messages to send to a server. */
    public synchronized List<ZeroMqMessage> outgoing(int server) {
        List<ZeroMqMessage> all = List.copyOf(queues.get(server));
        queues.get(server).clear();
        return all;
    }

    /** Returns the figures for an operator. */
    public synchronized Map<String, Object> figures() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("server", servers.get(core.server()));
        all.put("measured", core.sequence());
        all.put("acknowledged", core.acknowledged());
        all.put("owed", core.unacknowledgedCount());
        all.put("changes", core.changes());
        all.put("notUnderstood", core.notUnderstood());
        all.put("newestAverage", core.lastAverage());
        all.put("average", core.lastAverageValue());
        all.put("ended", ended);
        all.put("skippedLines", skipped.get());
        return all;
    }
}
