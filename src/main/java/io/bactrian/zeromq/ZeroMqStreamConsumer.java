package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.zeromq.socket.SharedSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes bodies that come in chunks, from a {@link ZeroMqStreamProducer}: a route gets an InputStream, and what it reads
 * from it is credit for its sender. As many are read at once as {@code concurrentExchanges} says, each on a thread of its
 * own; the others wait, before they have sent anything.
 */
final class ZeroMqStreamConsumer extends ZeroMqConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(ZeroMqStreamConsumer.class);
    private static final String STOPPED = "the route of the receiver is stopped";

    private final ZeroMqConfiguration configuration;
    private final FrameMapper mapper;
    private final int concurrent;
    private final Semaphore free;
    private final Map<Key, Incoming> streams = new ConcurrentHashMap<>();
    private final Queue<Incoming> waiting = new ArrayDeque<>();
    private volatile boolean closing;
    private @Nullable ExecutorService threads;

    /** Senders number their streams, and routers their peers. */
    private record Key(ByteBuffer peer, long number) {}

    /** Where the answer to one request goes to. */
    private static final class Asker {
        private final byte[] routingId;
        private final List<byte[]> envelope;

        Asker(byte[] routingId, List<byte[]> envelope) {
            this.routingId = routingId;
            this.envelope = envelope;
        }
    }

    private static final class Incoming {
        private final Key key;
        private final Asker begin;
        private final ChunkStream body;
        private final long sinceNanos = System.nanoTime();
        private final AtomicReference<@Nullable Asker> end = new AtomicReference<>();

        Incoming(Key key, Asker begin, ChunkStream body) {
            this.key = key;
            this.begin = begin;
            this.body = body;
        }
    }

    ZeroMqStreamConsumer(ZeroMqEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.configuration = endpoint.getConfiguration();
        this.mapper = new FrameMapper(configuration);
        this.concurrent = configuration.getConcurrentExchanges();
        this.free = new Semaphore(concurrent);
    }

    @Override
    protected void doStart() throws Exception {
        closing = false;
        super.doStart();
        threads =
                getEndpoint().getCamelContext().getExecutorServiceManager().newCachedThreadPool(this, "ZeroMqStreams");
        beginWaiting();
    }

    @Override
    protected void doSuspend() throws Exception {
        finishStreams();
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        closing = false;
        super.doResume();
    }

    @Override
    protected void doStop() throws Exception {
        finishStreams();
        super.doStop();
        ExecutorService pool = threads;
        threads = null;
        if (pool != null) {
            getEndpoint().getCamelContext().getExecutorServiceManager().shutdownGraceful(pool);
        }
    }

    /** Refuses new streams, and waits for those that are being read. */
    private void finishStreams() throws InterruptedException {
        List<Incoming> late;
        synchronized (this) {
            closing = true;
            late = List.copyOf(waiting);
            waiting.clear();
        }
        late.forEach(stream -> refuse(stream, stream.begin, STOPPED));
        if (free.tryAcquire(concurrent, stopTimeoutMs(), TimeUnit.MILLISECONDS)) {
            free.release(concurrent);
        } else {
            LOG.warn(
                    "streams are cut by the stop of their route endpoint={} streams={}", getEndpoint(), streams.size());
            streams.values().forEach(stream -> stream.body.fail(STOPPED));
        }
    }

    /** Runs on the thread that brings the messages, so it does not wait for a route. */
    @Override
    public void takeOne(ZeroMqMessage message) {
        List<byte[]> frames = message.frames();
        int delimiter = 0;
        while (delimiter < frames.size() && frames.get(delimiter).length > 0) {
            delimiter++;
        }
        byte[] id = message.routingId();
        int first = delimiter + 1;
        StreamCommand command = first < frames.size() ? StreamCommand.decode(frames.get(first)) : null;
        if (id == null || command == null) {
            LOG.debug("dropped a message that is no part of a stream endpoint={} {}", getEndpoint(), message);
            return;
        }
        Asker asker = new Asker(id, List.copyOf(frames.subList(0, first)));
        Key key = new Key(ByteBuffer.wrap(id), command.stream());
        Incoming stream = streams.get(key);
        if (command.type() == StreamCommand.Type.BEGIN) {
            begin(key, asker);
        } else if (stream == null) {
            answer(asker, failed(command.stream(), "there is no such stream, or it is over"));
        } else {
            take(stream, command, asker, frames.size() == first + 2 ? frames.get(first + 1) : new byte[0]);
        }
    }

    private void begin(Key key, Asker asker) {
        Incoming stream = new Incoming(
                key, asker, new ChunkStream(configuration.getStreamCreditBytes(), configuration.getStreamTimeout()));
        String wrong = wait(stream);
        if (wrong == null) {
            beginWaiting();
        } else {
            answer(asker, failed(key.number(), wrong));
        }
    }

    private synchronized @Nullable String wait(Incoming stream) {
        if (closing) {
            return STOPPED;
        }
        if (waiting.size() >= configuration.getPendingQueue()) {
            return "too many streams wait pendingQueue=" + configuration.getPendingQueue();
        }
        if (streams.putIfAbsent(stream.key, stream) != null) {
            return "there is such a stream already";
        }
        waiting.add(stream);
        return null;
    }

    private void take(Incoming stream, StreamCommand command, Asker asker, byte[] data) {
        long number = command.stream();
        switch (command.type()) {
            case CHUNK -> {
                StreamCommand read = new StreamCommand(StreamCommand.Type.CHUNK, number, command.value());
                stream.body.add(
                        command.value(),
                        data,
                        wrong -> answer(asker, wrong == null ? List.of(read.encode()) : failed(number, wrong)));
            }
            case END -> {
                stream.end.set(asker);
                stream.body.end(command.value());
                if (!streams.containsKey(stream.key)) {
                    answerEnd(stream, failed(number, "the stream is over"));
                }
            }
            case ABORT -> {
                stream.body.fail("its sender has given up");
                leave(stream);
            }
            default -> answer(asker, failed(number, "this is no request"));
        }
    }

    /** A stream that waits does so no more. */
    private synchronized void leave(Incoming stream) {
        if (waiting.remove(stream)) {
            streams.remove(stream.key);
        }
    }

    /** Gives streams to the route, as many as may be. Those whose senders have given up waiting are passed over. */
    private synchronized void beginWaiting() {
        ExecutorService pool = threads;
        waiting.removeIf(stream -> tooLate(stream) && streams.remove(stream.key, stream));
        while (pool != null && !waiting.isEmpty() && free.tryAcquire()) {
            Incoming stream = waiting.remove();
            pool.execute(() -> {
                try {
                    run(stream);
                } finally {
                    streams.remove(stream.key);
                    free.release();
                    beginWaiting();
                }
            });
        }
    }

    private boolean tooLate(Incoming stream) {
        return System.nanoTime() - stream.sinceNanos > configuration.getStreamTimeout() * 1_000_000;
    }

    /** Runs the route with one body, and then answers its sender: as in {@link ZeroMqConsumer}, before the Exchange is released. */
    private void run(Incoming stream) {
        long number = stream.key.number();
        answer(
                stream.begin,
                List.of(new StreamCommand(StreamCommand.Type.BEGIN, number, configuration.getStreamCreditBytes())
                        .encode()));
        Exchange exchange = createExchange(false);
        exchange.getMessage().setHeader(ZeroMqConstants.ROUTING_ID, stream.begin.routingId);
        exchange.getMessage().setBody(stream.body);
        try {
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        try {
            if (exchange.getException() != null) {
                getExceptionHandler().handleException("Error processing exchange", exchange, exchange.getException());
                fail(stream, "the route of the receiver failed");
            } else {
                stream.body.drain();
                List<byte[]> done = new ArrayList<>();
                done.add(new StreamCommand(StreamCommand.Type.END, number, 0).encode());
                done.addAll(outBody(exchange, stream));
                answerEnd(stream, done);
            }
        } catch (IOException | InvalidPayloadException e) {
            getExceptionHandler().handleException("Error finishing a stream", exchange, e);
            fail(stream, "the receiver could not finish");
        } finally {
            releaseExchange(exchange, false);
        }
    }

    /** What the sender gets as the answer to all: nothing, unless the route has made a body of its own. */
    private List<byte[]> outBody(Exchange exchange, Incoming stream) throws InvalidPayloadException {
        Object body = exchange.getMessage().getBody();
        return exchange.getPattern().isOutCapable() && body != null && !stream.body.equals(body)
                ? mapper.message(exchange.getMessage()).frames()
                : List.of();
    }

    /** Ends a stream whose Exchange has failed. The sender is told by the answer to whatever it says next. */
    private void fail(Incoming stream, String reason) {
        String first = stream.body.fail(reason);
        streams.remove(stream.key);
        answerEnd(stream, failed(stream.key.number(), first));
    }

    /** Answers the end of a stream, if it has come and was not answered by another thread. */
    private void answerEnd(Incoming stream, List<byte[]> frames) {
        Asker end = stream.end.getAndSet(null);
        if (end != null) {
            answer(end, frames);
        }
    }

    private void refuse(Incoming stream, Asker asker, String reason) {
        streams.remove(stream.key);
        answer(asker, failed(stream.key.number(), reason));
    }

    private static List<byte[]> failed(long number, String reason) {
        return List.of(new StreamCommand(StreamCommand.Type.FAILED, number, 0).encode(), reason.getBytes(UTF_8));
    }

    private void answer(Asker asker, List<byte[]> frames) {
        SharedSocket<ZeroMqMessage> open = socket();
        if (open == null) {
            return;
        }
        List<byte[]> all = new ArrayList<>(asker.envelope);
        all.addAll(frames);
        try {
            open.send(ZeroMqMessage.of(asker.routingId, all), configuration.getSendTimeout());
        } catch (Exception e) {
            getExceptionHandler().handleException("Error sending the answer", e);
        }
    }
}
