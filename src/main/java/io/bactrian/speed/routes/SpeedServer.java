package io.bactrian.speed.routes;

import io.bactrian.journal.JournalConstants;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.pair.core.Replica;
import io.bactrian.pair.routes.Pair;
import io.bactrian.pair.routes.Wake;
import io.bactrian.speed.core.AnswerQueue;
import io.bactrian.speed.core.AverageHistory;
import io.bactrian.speed.core.SensorFrame;
import io.bactrian.speed.core.SpeedRecord;
import io.bactrian.speed.core.SpeedSettings;
import io.bactrian.speed.core.SpeedState;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.context.SerialStep;
import io.bactrian.zeromq.ZeroMqMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers sensors from a state that lies in the log of a pair. The state is one step ahead of the log while an entry is
 * written, and is made anew from the log if that fails. Thread-safe; {@link #admit}, {@link #logged} and {@link #notLogged}
 * are called by one thread.
 */
public final class SpeedServer extends ContextLife implements Replica {
    private static final Logger LOG = LoggerFactory.getLogger(SpeedServer.class);
    private static final String WAKE = "seda:release-answers?size=1&discardWhenFull=true&waitForTaskToComplete=Never";
    private static final String SEND = "direct:answer-sensors?block=false&failIfNoConsumers=false";
    private static final int READ_BYTES = 4 << 20;
    private static final byte[] NOBODY = {};
    private static final int HISTORY_S = 60;

    /** An acknowledgement that goes with the entry that is being written. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record PendingAck(byte[] peer, long sensor, byte[] frame, long newest) {}

    private final CamelContext context;
    private final Pair pair;
    private final Journal journal;
    private final SpeedSettings settings;
    private final long snapshotBytes;
    private final @Nullable Path restore;
    private final Clock clock;
    private final AnswerQueue answers;
    private final Map<String, Long> counts = new TreeMap<>();
    private final List<PendingAck> pendingAcks = new ArrayList<>();

    // Guarded by this, as all above.
    private SpeedState state;
    private final AverageHistory history = new AverageHistory(HISTORY_S);
    private boolean whole;
    private long applied;
    private long committed;
    private long bytesSinceSnapshot;
    private long snapshotAt;
    private long idleCheckedS;
    /** The position whose state is kept as a file; by the route that keeps it only. */
    private long keptAt = -1;

    private final Wake wake;
    private final SerialStep answering;

    /** {@code restore} leads to the state with which an empty log begins; null for none. */
    SpeedServer(
            CamelContext context,
            Pair pair,
            SpeedSettings settings,
            int pendingMax,
            long snapshotBytes,
            @Nullable Path restore,
            Clock clock) {
        this.restore = restore;
        this.context = context;
        this.wake = new Wake(context, WAKE);
        this.answering = new SerialStep(new Wake(context, SEND)::now);
        this.pair = pair;
        this.journal = pair.journal();
        this.settings = settings;
        this.snapshotBytes = snapshotBytes;
        this.clock = clock;
        this.answers = new AnswerQueue(pendingMax);
        this.state = new SpeedState(settings);
    }

    @Override
    protected void lifeBegins() {
        pair.replica(this);
        pair.addHealthCheck(() -> context.getRouteController().getRouteStatus("take-speeds") == null
                || context.getRouteController().getRouteStatus("take-speeds").isStarted());
    }

    @Override
    protected void lifeEnds() {
        wake.close();
    }

    /**
     * Makes an entry of what sensors say: the body becomes its payload, or null if nothing is to be logged. What is not
     * understood is counted and not answered; it costs nobody anything.
     */
    public void admit(Exchange exchange, List<ZeroMqMessage> messages) {
        exchange.getMessage().setBody(null);
        List<ZeroMqMessage> good = new ArrayList<>();
        List<SensorFrame> frames = new ArrayList<>();
        for (ZeroMqMessage message : messages) {
            SensorFrame frame = SensorFrame.parse(message.frame(message.size() - 1));
            if (frame instanceof SensorFrame.Bad bad) {
                count("bad." + bad.cause());
                LOG.debug("refused a frame of {} octets: {}", message.bytes(), bad.cause());
            } else {
                good.add(message);
                frames.add(frame);
            }
        }
        if (frames.isEmpty()) {
            return;
        }
        if (!pair.enter()) {
            count("refused", frames.size());
            return;
        }
        byte @Nullable [] payload = null;
        try {
            payload = plan(good, frames);
        } finally {
            if (payload == null) {
                pair.leave();
            }
        }
        exchange.getMessage().setBody(payload);
    }

    private synchronized byte @Nullable [] plan(List<ZeroMqMessage> messages, List<SensorFrame> frames) {
        long nowS = nowS();
        List<SpeedRecord> records = new ArrayList<>();
        pendingAcks.clear();
        if (bytesSinceSnapshot >= snapshotBytes) {
            state.trim();
            records.add(state.snapshot());
        }
        if (nowS != idleCheckedS) {
            idleCheckedS = nowS;
            state.trim();
            for (SpeedRecord gone : state.idle(nowS)) {
                make(nowS, gone, records);
            }
        }
        for (int i = 0; i < frames.size(); i++) {
            if (frames.get(i) instanceof SensorFrame.Speed speed) {
                take(speed, messages.get(i), nowS, records);
            } else if (frames.get(i) instanceof SensorFrame.Acknowledgement frame) {
                SpeedRecord.Acknowledged record = state.acknowledged(frame);
                if (record == null) {
                    count("bad.acknowledgement");
                } else if (record.serverSequence() > state.acknowledgedBy(record.sensor())) {
                    make(nowS, record, records);
                }
            }
        }
        if (records.isEmpty()) {
            owe(applied);
            return null;
        }
        return SpeedRecord.encode(nowS, records);
    }

    private void take(SensorFrame.Speed speed, ZeroMqMessage message, long nowS, List<SpeedRecord> records) {
        if (answers.size() + pendingAcks.size() >= answers.capacity()) {
            count("refused.pending");
            return;
        }
        switch (state.judge(speed)) {
            case NEW -> {
                SpeedRecord.Measured record = state.measured(speed, nowS);
                make(nowS, record, records);
                count("speeds");
                if (record.timeS() < nowS - SpeedState.WINDOW_S) {
                    count("old");
                }
            }
            case DUPLICATE -> count("duplicates");
            case TOO_MANY_SENSORS -> {
                count("refused.sensors");
                return;
            }
        }
        byte[] peer = message.routingId();
        pendingAcks.add(new PendingAck(
                peer == null ? NOBODY : peer, speed.sensor(), message.frame(message.size() - 1), state.newest()));
    }

    private void make(long nowS, SpeedRecord record, List<SpeedRecord> records) {
        state.apply(nowS, record);
        note(nowS, record);
        records.add(record);
        if (record instanceof SpeedRecord.Forgotten gone) {
            answers.forget(gone.sensor());
        }
    }

    private void note(long nowS, SpeedRecord record) {
        if (record instanceof SpeedRecord.Measured measured && measured.serverSequence() >= 0) {
            history.add(nowS, measured.average());
        }
    }

    private void owe(long position) {
        for (PendingAck one : pendingAcks) {
            answers.add(position, one.newest(), one.peer(), one.sensor(), one.frame());
        }
        pendingAcks.clear();
    }

    /** The entry is in the log, at a position. */
    public void logged(Exchange exchange, @Header(JournalConstants.POSITION) long position) {
        synchronized (this) {
            byte[] payload = exchange.getMessage().getBody(byte[].class);
            applied = position;
            noteSnapshot(position, bytesSinceSnapshot >= snapshotBytes, payload.length);
            owe(position);
        }
        pair.leave();
        pair.appended();
    }

    private void noteSnapshot(long position, boolean snapshot, long bytes) {
        if (snapshot) {
            bytesSinceSnapshot = 0;
            snapshotAt = position;
            journal.deleteBefore(snapshotAt);
        } else {
            bytesSinceSnapshot += bytes;
        }
    }

    /** The entry is not in the log; the state is made anew, as it was. */
    public void notLogged(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        LOG.warn("speeds not logged, sensors will send them again: {}", String.valueOf(cause));
        synchronized (this) {
            count("failed", pendingAcks.size());
            pendingAcks.clear();
            rebuild();
        }
        pair.leave();
    }

    /** Returns the answers that may leave now, for the router. */
    public synchronized List<ZeroMqMessage> answers() {
        List<ZeroMqMessage> out = new ArrayList<>();
        for (AnswerQueue.Answer answer :
                answers.release(committed, state, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))) {
            out.add(ZeroMqMessage.of(answer.peer(), answer.frame()));
        }
        count("answers", out.size());
        return out;
    }

    @Override
    public synchronized void copied(List<Entry> entries) {
        for (Entry entry : entries) {
            apply(entry);
        }
        state.trim();
    }

    private void apply(Entry entry) {
        if (entry.isGap()) {
            applied = entry.last();
            return;
        }
        SpeedRecord.Decoded decoded = SpeedRecord.decode(entry.payload());
        boolean snapshot = decoded.records().stream().anyMatch(SpeedRecord.Snapshot.class::isInstance);
        whole |= snapshot;
        if (whole) {
            state.apply(decoded);
        }
        decoded.records().forEach(record -> note(decoded.nowS(), record));
        applied = entry.last();
        noteSnapshot(entry.position(), snapshot, entry.payload().length);
    }

    @Override
    public synchronized void rebuild() {
        state = new SpeedState(settings);
        history.clear();
        whole = journal.first() == 1; // else it begins with a snapshot
        bytesSinceSnapshot = 0;
        applied = journal.first() - 1;
        long next = journal.first();
        while (next <= journal.end()) {
            List<Entry> entries = journal.read(next, READ_BYTES);
            entries.forEach(this::apply);
            next = entries.get(entries.size() - 1).last() + 1;
        }
        state.trim();
        answers.clear();
        if (restore != null && journal.end() == 0) {
            state.apply(nowS(), SpeedStateFile.read(restore, nowS()));
            bytesSinceSnapshot = snapshotBytes; // so that the log begins with it
        }
    }

    private long nowS() {
        return TimeUnit.MILLISECONDS.toSeconds(clock.millis());
    }

    /**
     * Keeps the state as a file in a folder, for a third site; returns whether this node is active, and so whether it counts.
     *
     * @throws IOException if it cannot be written; what was there before is there still
     */
    public boolean keepState(String folder) throws IOException {
        if (!pair.active()) {
            return false;
        }
        SpeedRecord.Snapshot now;
        long position;
        synchronized (this) {
            now = state.snapshot();
            position = applied;
        }
        if (position != keptAt) {
            SpeedStateFile.write(Path.of(folder), nowS(), now);
            keptAt = position;
        }
        return true;
    }

    @Override
    public synchronized void activated(int epoch) {
        answers.clear();
        LOG.info("serves sensors={} newestAverage={} epoch={}", state.sensors(), state.newest(), epoch);
    }

    @Override
    public synchronized void deactivated() {
        answers.clear();
    }

    @Override
    public void committed(long position) {
        synchronized (this) {
            committed = position;
        }
        if (!pair.afterwards(answering)) {
            wake.now();
        }
    }

    /** Has what may leave now sent on this thread. */
    public void sendAnswers() {
        answering.run();
    }

    private void count(String what) {
        count(what, 1);
    }

    private synchronized void count(String what, long more) {
        counts.merge(what, more, Long::sum);
    }

    /** Returns the figures for an operator. */
    public synchronized Map<String, Object> figures() {
        Map<String, Object> all = new LinkedHashMap<>();
        long nowS = nowS();
        long average = state.average(nowS);
        all.put("sensors", state.sensors());
        all.put("average", average < 0 ? "none" : average / (double) SensorFrame.SCALE);
        all.put("lastMinute", history.until(nowS));
        all.put("newestAverage", state.newest());
        all.put("keptAverages", state.averages());
        all.put("skippedAverages", state.skipped());
        all.put("pending", answers.size());
        all.put("answered", answers.sensors());
        all.put("sentAverages", answers.averagesSent());
        all.put("resentAverages", answers.averagesResent());
        all.put("counts", new TreeMap<>(counts));
        return all;
    }
}
