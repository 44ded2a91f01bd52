package io.bactrian.ship.routes;

import io.bactrian.ship.core.EarlyForce;
import io.bactrian.ship.core.ReceiverSettings;
import io.bactrian.ship.core.ShipErrorCode;
import io.bactrian.ship.core.ShipEvents;
import io.bactrian.ship.core.ShipReceiver;
import io.bactrian.support.context.ContextLife;
import io.bactrian.support.context.KameletUris;
import io.bactrian.zeromq.ZeroMqEndpoint;
import io.bactrian.zeromq.ZeroMqMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean of the route that receives a folder: {@link #receive} takes the frames of senders and gives the answers,
 * {@link #news} tells which rounds have ended. One route calls both; {@link #figures} any thread.
 */
public final class FolderReceiver extends ContextLife implements CamelContextAware {
    private static final Logger LOG = LoggerFactory.getLogger(FolderReceiver.class);
    private static final int NAMES_MAX = 10_000;
    private static final long LOG_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

    private final Map<ShipErrorCode, LongAdder> refused = new EnumMap<>(ShipErrorCode.class);
    private final LongAdder files = new LongAdder();
    private final LongAdder rounds = new LongAdder();
    private final LongAdder deleted = new LongAdder();
    private final Map<ShipErrorCode, Long> loggedAtNs = new EnumMap<>(ShipErrorCode.class);
    private List<String> names = new ArrayList<>();
    private List<List<String>> ended = new ArrayList<>();

    private String folder = "";
    private boolean sync = true;
    private boolean delete = true;
    private long windowBytes = ReceiverSettings.usual().windowBytes();
    private int sessionsMax = ReceiverSettings.usual().sessionsMax();
    private int entriesMax = ReceiverSettings.usual().entriesMax();
    private long fileBytesMax = ReceiverSettings.usual().fileBytesMax();
    private long idleMs = ReceiverSettings.usual().idleMs();
    private @Nullable ShipReceiver receiver;
    private @Nullable ExecutorService forcing;
    private @Nullable CamelContext context;

    /** Made before anything is received. */
    public FolderReceiver() {
        for (ShipErrorCode cause : ShipErrorCode.values()) {
            refused.put(cause, new LongAdder());
        }
    }

    /** Binds its life to a context: the folder is let go when the context stops. */
    @Override
    public void setCamelContext(CamelContext camelContext) {
        if (context == null) {
            context = camelContext;
            KameletUris.watch(camelContext);
            try {
                liveWith(camelContext);
            } catch (Exception e) {
                throw RuntimeCamelException.wrapRuntimeCamelException(e);
            }
        }
    }

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    /** The folder that is received. */
    public void setFolder(String folder) {
        this.folder = folder;
    }

    /** Whether files are forced to the disk. */
    public void setSync(boolean sync) {
        this.sync = sync;
    }

    /** Whether senders may delete. */
    public void setDelete(boolean delete) {
        this.delete = delete;
    }

    /** How much a sender may have under way. */
    public void setWindowBytes(long windowBytes) {
        this.windowBytes = windowBytes;
    }

    /** The most senders at a time. */
    public void setSessionsMax(int sessionsMax) {
        this.sessionsMax = sessionsMax;
    }

    /** The most files and folders of a sender. */
    public void setEntriesMax(int entriesMax) {
        this.entriesMax = entriesMax;
    }

    /** The largest file. */
    public void setFileBytesMax(long fileBytesMax) {
        this.fileBytesMax = fileBytesMax;
    }

    /** A sender that is silent for so long is forgotten. */
    public void setIdleMs(long idleMs) {
        this.idleMs = idleMs;
    }

    /** Takes frames of senders, which are not to be read afterwards; the body is then the answers to them. */
    public synchronized List<ZeroMqMessage> receive(@Body List<ZeroMqMessage> messages, Exchange exchange) {
        ShipReceiver open = open();
        List<ZeroMqMessage> answers = new ArrayList<>(messages.size());
        for (ZeroMqMessage message : messages) {
            byte[] answer = open.receive(message.frame(0), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
            if (answer != null) {
                answers.add(ZeroMqMessage.of(message.routingId(), answer));
            }
        }
        if (exchange.getFromEndpoint() instanceof ZeroMqEndpoint endpoint) {
            messages.forEach(endpoint::recycle);
        }
        return answers;
    }

    private ShipReceiver open() {
        ShipReceiver open = receiver;
        if (open == null) {
            ReceiverSettings settings = new ReceiverSettings(
                    sync,
                    delete,
                    windowBytes,
                    sessionsMax,
                    entriesMax,
                    fileBytesMax,
                    ReceiverSettings.usual().openFilesMax(),
                    idleMs);
            CamelContext known = context;
            if (known != null && sync) {
                forcing = known.getExecutorServiceManager().newSingleThreadExecutor(this, "ship-force");
            }
            EarlyForce earlyForce = forcing == null ? EarlyForce.NONE : new ForceThread(forcing);
            open = new ShipReceiver(Path.of(folder), settings, new Events(), earlyForce);
            receiver = open;
        }
        return open;
    }

    /**
     * Returns the changes by rounds that have ended since the last call: names of files, one list for all; null if no round
     * has ended. Of very many files only the first are named.
     */
    public synchronized @Nullable List<String> news() {
        if (ended.isEmpty()) {
            return null;
        }
        List<String> all = new ArrayList<>();
        ended.forEach(all::addAll);
        ended = new ArrayList<>();
        return all;
    }

    /** Returns the figures for an operator: counts by name. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new TreeMap<>();
        figures.put("files", files.sum());
        figures.put("rounds", rounds.sum());
        figures.put("deleted", deleted.sum());
        Map<String, Long> causes = new TreeMap<>();
        refused.forEach((cause, count) -> {
            if (count.sum() > 0) {
                causes.put(cause.label(), count.sum());
            }
        });
        figures.put("refused", causes);
        return figures;
    }

    @Override
    protected synchronized void lifeEnds() {
        ShipReceiver open = receiver;
        receiver = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the folder " + folder + " was not closed", e);
            }
        }
        ExecutorService thread = forcing;
        CamelContext known = context;
        forcing = null;
        if (thread != null && known != null) {
            known.getExecutorServiceManager().shutdown(thread);
        }
    }

    private final class Events implements ShipEvents {
        @Override
        public void received(String name) {
            files.increment();
            if (names.size() < NAMES_MAX) {
                names.add(new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
            }
        }

        @Override
        public void refused(ShipErrorCode cause, String text) {
            count(cause).increment();
            long nowNs = System.nanoTime();
            Long lastNs = loggedAtNs.get(cause);
            if (lastNs == null || nowNs - lastNs > LOG_INTERVAL_NS) {
                loggedAtNs.put(cause, nowNs);
                LOG.warn("refused cause={} folder={} count={}: {}", cause.label(), folder, count(cause), text);
            }
        }

        private LongAdder count(ShipErrorCode cause) {
            return refused.getOrDefault(cause, new LongAdder());
        }

        @Override
        public void finished(String target, long count) {
            rounds.increment();
            deleted.add(count);
            LOG.info("received folder={} target={} files={} deleted={}", folder, target, names.size(), count);
            ended.add(names);
            names = new ArrayList<>();
        }
    }
}
