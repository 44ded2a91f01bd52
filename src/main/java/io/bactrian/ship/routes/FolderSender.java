package io.bactrian.ship.routes;

import io.bactrian.ship.core.SenderMemory;
import io.bactrian.ship.core.ShipErrorCode;
import io.bactrian.ship.core.ShipException;
import io.bactrian.ship.core.ShipProgress;
import io.bactrian.ship.core.ShipSender;
import io.bactrian.ship.core.ShipSettings;
import io.bactrian.ship.core.ShipSummary;
import io.bactrian.support.context.KameletUris;
import io.bactrian.zeromq.ZeroMqMessage;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Producer;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean of the route that ships a folder. A round is {@link #begin}, then {@link #take} for each batch of answers or
 * after a wait without one, as long as {@link #underWay}, then {@link #end}, and in any case {@link #release}. One round
 * at a time: another waits.
 */
public final class FolderSender implements CamelContextAware {
    private static final Logger LOG = LoggerFactory.getLogger(FolderSender.class);

    /** What is remembered of files that were shipped, at most, and no more than a part of a small heap. */
    private static final long MEMORY_BYTES =
            Math.min(64 << 20, Runtime.getRuntime().maxMemory() / 8);

    /** A receiver that was restarted is shipped to from the beginning of a round, so often. */
    private static final int RESTARTS_MAX = 100;

    /** Of the time after which silent receivers are given up, a part is given to one before another is tried. */
    private static final int ADDRESS_PART = 6;

    private static final long ADDRESS_MS_MAX = 10_000;

    private final Semaphore one = new Semaphore(1);
    private final SecureRandom random = new SecureRandom();
    private final Clock clock = Clock.systemUTC();
    private final AtomicReference<@Nullable ShipSender> current = new AtomicReference<>();

    private final AtomicReference<@Nullable ShipSummary> last = new AtomicReference<>();

    private String folder = "";
    private List<String> addresses = List.of("");
    private volatile int inUse;
    private String options = "";
    private @Nullable CamelContext context;
    private String target = "";
    private boolean delete = true;
    private String hash = "xxh128";
    private int blockBytes;
    private long bytesPerSecond;
    private String appendOnly = "";
    private int entriesMax = 1_000_000;
    private long giveUpMs = 60_000;
    private boolean compress = true;
    private SenderMemory memory = new SenderMemory(MEMORY_BYTES);
    private int restarts;
    private long startedMs;
    private long heardMs;
    private long switchedMs;
    /** The folder of the receiver inside the one that is shipped, as of the last round. */
    private @Nullable String leftOut;

    /** The folder that is shipped. */
    public void setFolder(String folder) {
        this.folder = folder;
    }

    /**
     * The receiver's address, or those of several with commas between them: one is in use until it is silent, then the next
     * one is, also within a round.
     */
    public void setAddress(String address) {
        addresses = Stream.of(address.split(",", -1)).map(String::strip).toList();
        inUse = 0;
    }

    /** The address in use. Any thread. */
    public String address() {
        return addresses.get(inUse);
    }

    /** Options of the sockets, as in a {@code zeromq:} URI, such as those of their security. */
    public void setOptions(String options) {
        this.options = options;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
        KameletUris.watch(camelContext);
    }

    @Override
    public CamelContext getCamelContext() {
        return Objects.requireNonNull(context, "the sender is in no context");
    }

    /** The endpoint of the receiver in use, to which all frames go. */
    public String endpoint() {
        return endpoint(address());
    }

    private String endpoint(String address) {
        return "zeromq:dealer:" + address + "?maxFrameBytes=1050000&" + options;
    }

    /** Tries all addresses and the options, so that wrong ones fail the start and not each round. */
    public void check() throws Exception {
        for (String address : addresses) {
            Producer producer = getCamelContext().getEndpoint(endpoint(address)).createProducer();
            ServiceHelper.startService(producer);
            ServiceHelper.stopAndShutdownService(producer);
        }
    }

    /** A name below the receiver's folder; empty or a dot for that folder itself. */
    public void setTarget(String target) {
        this.target = target.equals(".") ? "" : target;
    }

    /** Whether files that are not here are deleted there. */
    public void setDelete(boolean delete) {
        this.delete = delete;
    }

    /** {@code sha256} or {@code xxh128}. */
    public void setHash(String hash) {
        this.hash = hash;
    }

    /** Size of blocks; 0 lets each file's size decide. */
    public void setBlockBytes(int blockBytes) {
        this.blockBytes = blockBytes;
    }

    /** The most octets that are sent in a second; 0 is no limit. */
    public void setBytesPerSecond(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Patterns of files that only ever grow, with commas between them; empty or a dash for none. */
    public void setAppendOnly(String appendOnly) {
        this.appendOnly = appendOnly.equals("-") ? "" : appendOnly;
    }

    /** The most files and folders. */
    public void setEntriesMax(int entriesMax) {
        this.entriesMax = entriesMax;
    }

    /** When no receiver has said anything for so long, the round is given up. */
    public void setGiveUpMs(long giveUpMs) {
        this.giveUpMs = giveUpMs;
    }

    /** Whether literal data are compressed. */
    public void setCompress(boolean compress) {
        this.compress = compress;
    }

    /** Forgets what was shipped, as if the process had just started; between rounds. */
    public void forget() {
        memory = new SenderMemory(MEMORY_BYTES);
    }

    /**
     * Begins a round.
     *
     * @return the first frames to the receiver, in batches
     * @throws ShipException if the folder cannot be read
     */
    public Iterator<List<ZeroMqMessage>> begin() throws ShipException, InterruptedException {
        one.acquire();
        restarts = 0;
        startedMs = nowMs();
        heardMs = startedMs;
        switchedMs = startedMs;
        try {
            return start();
        } finally {
            if (current.get() == null) {
                // It was not begun, so there is nothing to release but the turn.
                one.release();
            }
        }
    }

    private Iterator<List<ZeroMqMessage>> start() throws ShipException {
        List<String> patterns = new ArrayList<>();
        for (String pattern : appendOnly.split(",", -1)) {
            if (!pattern.isBlank()) {
                patterns.add(pattern.strip());
            }
        }
        long nowMs = nowMs();
        long leftMs = Math.max(1, giveUpMs - (nowMs - heardMs));
        ShipSettings settings = new ShipSettings(
                target, delete, hash, blockBytes, bytesPerSecond, patterns, entriesMax, leftMs, compress);
        ShipSender sender = new ShipSender(
                Path.of(folder), settings, memory, random.nextLong(), random.nextLong(), clock.instant(), nowMs);
        ShipSender former = current.getAndSet(sender);
        if (former != null) {
            former.close();
        }
        return new Batches(sender, sender.next(nowMs));
    }

    /**
     * Takes the receiver's answers.
     *
     * @param answers none if none came for a while
     * @return what is to be sent to the receiver now, in batches, each of which is made when it is asked for
     */
    public Iterator<List<ZeroMqMessage>> take(@Nullable @Body List<ZeroMqMessage> answers) throws ShipException {
        ShipSender sender = round();
        long nowMs = nowMs();
        if (answers != null && !answers.isEmpty()) {
            heardMs = nowMs;
            for (ZeroMqMessage answer : answers) {
                sender.receive(answer.frame(0), nowMs);
            }
        }
        List<byte[]> frames = sender.next(nowMs);
        ShipException failure = sender.failure();
        if (failure != null && failure.reason() == ShipErrorCode.UNKNOWN_SESSION && restarts < RESTARTS_MAX) {
            restarts++;
            memory = new SenderMemory(MEMORY_BYTES);
            LOG.info("the receiver does not know the session any more, the round begins again folder={}", folder);
            return start();
        }
        if (isOtherDue(nowMs)) {
            String silent = address();
            inUse = (inUse + 1) % addresses.size();
            switchedMs = nowMs;
            memory = new SenderMemory(MEMORY_BYTES);
            LOG.warn(
                    "the receiver is silent, the round goes on with another folder={} address={} other={} silentMs={}",
                    folder,
                    silent,
                    address(),
                    nowMs - heardMs);
            return start();
        }
        return new Batches(sender, frames);
    }

    private boolean isOtherDue(long nowMs) {
        long patienceMs = Math.min(giveUpMs / ADDRESS_PART, ADDRESS_MS_MAX);
        return addresses.size() > 1
                && underWay()
                && nowMs - Math.max(heardMs, switchedMs) >= patienceMs
                && nowMs - heardMs < giveUpMs;
    }

    /** Makes frames while those before them are on their way. */
    private static final class Batches implements Iterator<List<ZeroMqMessage>> {
        private final ShipSender sender;
        private List<byte[]> frames;

        Batches(ShipSender sender, List<byte[]> first) {
            this.sender = sender;
            frames = first;
        }

        @Override
        public boolean hasNext() {
            if (frames.isEmpty() && sender.more()) {
                frames = sender.next(nowMs());
            }
            return !frames.isEmpty();
        }

        @Override
        public List<ZeroMqMessage> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            List<ZeroMqMessage> messages = new ArrayList<>(frames.size());
            for (byte[] frame : frames) {
                messages.add(ZeroMqMessage.of(null, frame));
            }
            frames = List.of();
            return messages;
        }
    }

    /** Whether the round goes on. */
    public boolean underWay() {
        ShipSender sender = current.get();
        return sender != null && !sender.done();
    }

    /**
     * Ends a round.
     *
     * @return what it did
     * @throws ShipFailedException if not all was shipped
     */
    public ShipSummary end() throws ShipFailedException {
        ShipSender sender = round();
        ShipSummary summary = sender.summary();
        ShipException failure = sender.failure();
        String inside = sender.receiverInside();
        if (inside != null && !inside.equals(leftOut)) {
            LOG.warn(
                    "the receiver writes into a folder of the one that is shipped, which is left out folder={} leftOut={}",
                    folder,
                    inside);
        }
        leftOut = inside;
        if (failure != null) {
            LOG.info(
                    "not shipped folder={} cause={} text={} sentBytes={} receivedBytes={} tookMs={}",
                    folder,
                    failure.reason().label(),
                    failure.text(),
                    summary.sentBytes(),
                    summary.receivedBytes(),
                    summary.tookMs());
        } else if (!summary.complete()) {
            LOG.info("shipped in part folder={} {}", folder, summary.line());
        } else {
            LOG.info("shipped folder={} {}", folder, summary.line());
        }
        String problems = "\n  " + String.join("\n  ", summary.problems());
        if (failure != null) {
            throw new ShipFailedException(
                    "not shipped folder=" + folder + " cause="
                            + failure.reason().label() + ": " + failure.text()
                            + (summary.complete() ? "" : "\nwhat had failed before:" + problems),
                    summary);
        }
        if (!summary.complete()) {
            throw new ShipFailedException("not all was shipped folder=" + folder + ":" + problems, summary);
        }
        return summary;
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private ShipSender round() {
        ShipSender sender = current.get();
        if (sender == null) {
            throw new IllegalStateException("no round was begun");
        }
        return sender;
    }

    /** Lets the next round begin, however this one went; closes what is open. */
    public void release() {
        ShipSender sender = current.getAndSet(null);
        if (sender != null) {
            sender.close();
            last.set(sender.summary());
            LOG.debug("round over folder={} tookMs={}", folder, nowMs() - startedMs);
            one.release();
        }
    }

    /** Returns the summary of the last round, or null. Any thread. */
    public @Nullable ShipSummary last() {
        return last.get();
    }

    /** How far the round is, or null if there is none. Any thread. */
    public @Nullable ShipProgress progress() {
        ShipSender sender = current.get();
        return sender == null ? null : sender.progress();
    }
}
