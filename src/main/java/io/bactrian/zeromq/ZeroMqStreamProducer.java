package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.zeromq.socket.ReplyHandler;
import io.bactrian.zeromq.socket.RequestTimeoutException;
import io.bactrian.zeromq.socket.SendFailedException;
import io.bactrian.zeromq.socket.SharedSocket;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeTimedOutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a body in chunks, as many at once as the receiver gives credit for, and waits until its route is done. It reads the
 * body on the thread of the caller.
 */
final class ZeroMqStreamProducer extends ZeroMqProducer {
    /** Large enough that a chunk costs little beside its octets, and far below the largest frame that peers take. */
    private static final int CHUNK_BYTES = 256 * 1024;

    private static final int REASON_BYTES_MAX = 200;
    private static final Logger LOG = LoggerFactory.getLogger(ZeroMqStreamProducer.class);

    private static final AtomicLong LAST_STREAM = new AtomicLong();

    private final ZeroMqConfiguration configuration;
    private final FrameMapper mapper;

    ZeroMqStreamProducer(ZeroMqEndpoint endpoint) {
        super(endpoint);
        this.configuration = endpoint.getConfiguration();
        this.mapper = new FrameMapper(configuration);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try (InputStream body = exchange.getMessage().getMandatoryBody(InputStream.class)) {
            ZeroMqMessage answer = new OutgoingStream(open()).send(body);
            if (exchange.getPattern().isOutCapable() && answer.size() > 1) {
                mapper.fill(
                        exchange.getMessage(),
                        ZeroMqMessage.of(null, answer.frames().subList(1, answer.size())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.setException(e);
        } catch (RequestTimeoutException e) {
            ExchangeTimedOutException timedOut =
                    new ExchangeTimedOutException(exchange, configuration.getStreamTimeout(), "streamTimeout");
            timedOut.initCause(e);
            exchange.setException(timedOut);
        } catch (Exception e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    /** One body on its way, and the credit that is left for it. */
    private final class OutgoingStream {
        private final SharedSocket<ZeroMqMessage> socket;
        private final long number = LAST_STREAM.incrementAndGet();
        private long credit;
        private @Nullable SendFailedException failure;
        private @Nullable ZeroMqMessage answer;

        OutgoingStream(SharedSocket<ZeroMqMessage> socket) {
            this.socket = socket;
        }

        ZeroMqMessage send(InputStream body) throws IOException, InterruptedException {
            boolean done = false;
            try {
                ask(StreamCommand.Type.BEGIN, 0, null);
                awaitAnswer();
                int chunkBytes = chunkBytes();
                long length = 0;
                byte[] chunk = chunk(body, chunkBytes);
                while (chunk.length > 0) {
                    spend(chunk.length);
                    ask(StreamCommand.Type.CHUNK, length, chunk);
                    length += chunk.length;
                    chunk = chunk(body, chunkBytes);
                }
                ask(StreamCommand.Type.END, length, null);
                ZeroMqMessage last = awaitAnswer();
                done = true;
                return last;
            } finally {
                if (!done) {
                    giveUp();
                }
            }
        }

        private static byte[] chunk(InputStream body, int bytes) throws IOException {
            byte[] chunk = new byte[bytes];
            int count = body.readNBytes(chunk, 0, bytes);
            return count == bytes ? chunk : Arrays.copyOf(chunk, count);
        }

        private void ask(StreamCommand.Type type, long value, byte @Nullable [] data)
                throws SendFailedException, InterruptedException {
            byte[] command = new StreamCommand(type, number, value).encode();
            int length = data == null ? 0 : data.length;
            socket.request(
                    data == null ? ZeroMqMessage.of(null, command) : ZeroMqMessage.of(null, command, data),
                    configuration.getSendTimeout(),
                    configuration.getStreamTimeout(),
                    new ReplyHandler<>() {
                        @Override
                        public void replied(ZeroMqMessage reply) {
                            take(type, length, reply);
                        }

                        @Override
                        public void failed(SendFailedException cause) {
                            fail(cause);
                        }
                    });
        }

        /** On the thread of the socket. */
        private synchronized void take(StreamCommand.Type asked, int length, ZeroMqMessage reply) {
            StreamCommand told = StreamCommand.decode(reply.frame(0));
            if (told == null || told.stream() != number) {
                fail(new SendFailedException("the peer does not take streams"));
            } else if (told.type() == StreamCommand.Type.FAILED) {
                fail(new SendFailedException("the peer has refused the stream: "
                        + (reply.size() > 1 ? printable(reply.frame(1)) : "without a reason")));
            } else if (told.type() == StreamCommand.Type.CHUNK) {
                credit += length;
            } else {
                credit += asked == StreamCommand.Type.BEGIN ? told.value() : 0;
                answer = reply;
            }
            notifyAll();
        }

        private synchronized void fail(SendFailedException cause) {
            if (failure == null) {
                failure = cause;
            }
            notifyAll();
        }

        private synchronized int chunkBytes() throws SendFailedException {
            if (credit < 1) {
                throw new SendFailedException("the peer gives no credit, it does not take streams");
            }
            return (int) Math.min(CHUNK_BYTES, credit);
        }

        /** Waits for credit. It ends at the latest when the oldest chunk has not been read in time. */
        private synchronized void spend(int bytes) throws SendFailedException, InterruptedException {
            while (failure == null && credit < bytes) {
                wait();
            }
            failIfFailed();
            credit -= bytes;
        }

        private synchronized ZeroMqMessage awaitAnswer() throws SendFailedException, InterruptedException {
            while (failure == null && answer == null) {
                wait();
            }
            failIfFailed();
            ZeroMqMessage taken = Objects.requireNonNull(answer);
            answer = null;
            return taken;
        }

        private void failIfFailed() throws SendFailedException {
            if (failure != null) {
                throw failure;
            }
        }

        private void giveUp() {
            try {
                socket.send(
                        ZeroMqMessage.of(
                                null, new byte[0], new StreamCommand(StreamCommand.Type.ABORT, number, 0).encode()),
                        configuration.getSendTimeout());
            } catch (SendFailedException e) {
                LOG.debug("the peer is not told that a stream is given up endpoint={}", getEndpoint(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What a peer says goes into exceptions and logs. */
    private static String printable(byte[] text) {
        return new String(text, 0, Math.min(text.length, REASON_BYTES_MAX), UTF_8).replaceAll("\\p{Cntrl}", "?");
    }
}
