package io.bactrian.pubsub.client;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.core.Admission;
import io.bactrian.pubsub.core.Delivery;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.HubFeed;
import io.bactrian.pubsub.core.HubIntake;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.HubRegistry;
import io.bactrian.pubsub.core.LogEntry;
import io.bactrian.pubsub.core.LogReader;
import io.bactrian.pubsub.core.Outbound;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Limits;
import io.bactrian.wire.TopicSequence;
import io.bactrian.wire.WireException;
import io.bactrian.zeromq.socket.Line;
import io.bactrian.zeromq.socket.PeerLimits;
import io.bactrian.zeromq.socket.Security;
import io.bactrian.zeromq.socket.SocketContext;
import io.bactrian.zeromq.socket.SocketKind;
import io.bactrian.zeromq.socket.SocketSettings;
import io.bactrian.zeromq.socket.Tuning;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The hub's cores over a real journal and real sockets, without routes and database: what the registry must keep lies
 * in this object, so a {@link #restart} keeps it as a database would. One lock around everything.
 */
public final class TestHub implements AutoCloseable {
    private final Path folder;
    private final Map<String, long[]> granted = new HashMap<>();
    private final Map<String, DurableSubscriber> subscribers = new LinkedHashMap<>();
    private final HubLimits limits;
    private int publishPort;
    private int subscribePort;
    private int firstSession = 1;
    private SocketContext context;
    private Journal journal;
    private HubIntake intake;
    private HubFeed feed;
    private Line publishers;
    private Line feeding;
    private boolean accepting = true;

    public TestHub(Path folder) throws Exception {
        this(folder, HubLimits.defaults());
    }

    public TestHub(Path folder, HubLimits limits) throws Exception {
        this(folder, limits, 0, 0);
    }

    TestHub(Path folder, HubLimits limits, int publishPort, int subscribePort) throws Exception {
        this.folder = folder;
        this.limits = limits;
        this.publishPort = publishPort;
        this.subscribePort = subscribePort;
        start();
    }

    public int publishPort() {
        return publishPort;
    }

    public int subscribePort() {
        return subscribePort;
    }

    /** Settings of a client of this hub. */
    public ClientSettings.Builder settings(String id, Path data) {
        return ClientSettings.builder(id)
                .publishPort(publishPort)
                .subscribePort(subscribePort)
                .data(data);
    }

    /** Opens or closes the intake: while it is closed batches get no answer. */
    public synchronized void accepting(boolean value) {
        accepting = value;
    }

    public synchronized long end() {
        return journal.end();
    }

    /** How often the feed has sent a message again. */
    public synchronized long retransmitted() {
        return feed.counters().retransmitted();
    }

    /** Stops without a word to anyone and starts again on the same ports. */
    public void restart() throws Exception {
        close();
        start();
    }

    private void start() throws Exception {
        context = new SocketContext(1, 100);
        journal = Journal.open(folder.resolve("log"), JournalSettings.defaults());
        Log log = new Log();
        Registry registry = new Registry();
        intake = new HubIntake(registry, log, limits, (topic, bytes, nowMs) -> null);
        granted.forEach((id, grant) -> intake.restorePublisher(id, grant[0], grant[1], grant[2]));
        feed = new HubFeed(log, registry, limits, firstSession);
        firstSession += 1_000;
        subscribers.values().forEach(feed::restore);
        if (journal.end() > 0) {
            for (LogEntry entry : log.read(journal.first(), Integer.MAX_VALUE)) {
                Batch batch = Batch.parseTrusted(entry.payload());
                intake.restoreSequence(batch.publisher(), batch.topic(), batch.last());
            }
        }
        publishers = line(publishPort, new Publishers());
        feeding = line(subscribePort, new Subscribers());
        publishPort = port(publishers);
        subscribePort = port(feeding);
    }

    private static int port(Line line) {
        String address = line.boundAddresses().get(0);
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private Line line(int port, Line.Agent agent) throws IOException, InterruptedException {
        return Line.open(
                context,
                new SocketSettings(
                        SocketKind.router,
                        List.of("tcp://127.0.0.1:" + (port == 0 ? "*" : String.valueOf(port))),
                        "",
                        true,
                        List.of(),
                        10_000,
                        10_000,
                        0,
                        64 << 20,
                        3,
                        100_000,
                        300,
                        50,
                        1_000,
                        0,
                        0,
                        -1,
                        null,
                        false,
                        false,
                        false,
                        false,
                        false,
                        0,
                        Security.none(),
                        32 << 20,
                        PeerLimits.DEFAULT,
                        Tuning.DEFAULT),
                agent);
    }

    @Override
    public void close() {
        try {
            publishers.close();
            feeding.close();
            context.close();
            journal.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("the hub did not close", e);
        }
    }

    private final class Log implements LogReader {
        @Override
        public int epoch() {
            return journal.epoch();
        }

        @Override
        public long endOfEpoch(int epoch) {
            return epoch >= journal.epoch() ? journal.end() : journal.endOfEpoch(epoch);
        }

        @Override
        public long first() {
            return journal.first();
        }

        @Override
        public long end() {
            return journal.end();
        }

        @Override
        public List<LogEntry> read(long position, int bytesMax) {
            return journal.read(position, bytesMax).stream()
                    .map(e -> new LogEntry(e.position(), e.count(), e.payload()))
                    .toList();
        }
    }

    private final class Registry implements HubRegistry {
        @Override
        public long grant(String publisher, long instance) {
            long[] grant = granted.computeIfAbsent(publisher, id -> new long[3]);
            grant[0] = instance;
            return ++grant[1];
        }

        @Override
        public void open(String publisher, long epoch) {
            granted.get(publisher)[2] = epoch;
        }

        @Override
        public void adopt(String publisher, long epoch) {
            throw new AssertionError("this hub is never restored");
        }

        @Override
        public void lost(String publisher, String topic, long fromSequence, long toSequence) {}

        @Override
        public void save(DurableSubscriber subscriber) {
            subscribers.put(subscriber.id(), subscriber);
        }

        @Override
        public void passedOver(List<DurableSubscriber> passed) {
            passed.forEach(this::save);
        }

        @Override
        public void forget(String subscriber) {
            subscribers.remove(subscriber);
        }
    }

    private abstract static class Quiet implements Line.Agent {
        @Override
        public void connected() {}

        @Override
        public void failed(Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    /** Batches of a round are appended with one sync. */
    private final class Publishers extends Quiet {
        private record Waiting(byte[] peer, Batch batch) {}

        private final List<Waiting> round = new ArrayList<>();

        @Override
        public void received(List<byte[]> frames) {
            byte[] peer = frames.get(0);
            byte[] frame = frames.get(1);
            synchronized (TestHub.this) {
                try {
                    if (Batch.isBatch(frame)) {
                        if (accepting) {
                            take(
                                    peer,
                                    Batch.parse(frame, new Limits(limits.messageBytesMax(), limits.batchBytesMax())));
                        }
                        return;
                    }
                    Command command = Commands.decode(frame);
                    if (command instanceof Command.Hello hello) {
                        answer(peer, intake.hello(hello, now()));
                    } else if (command instanceof Command.Open open) {
                        append();
                        answer(peer, intake.open(open, now()));
                    } else if (command instanceof Command.Ping ping) {
                        Command.Refuse refuse = intake.ping(ping, now());
                        answer(
                                peer,
                                refuse != null ? refuse : new Command.Ack(ping.epoch(), journal.epoch(), List.of()));
                    }
                } catch (WireException e) {
                    answer(peer, new Command.Error(0, 0, e.code(), String.valueOf(e.getMessage())));
                }
            }
        }

        private void take(byte[] peer, Batch batch) {
            Admission admission = intake.admit(batch, now());
            if (admission instanceof Admission.Append append) {
                round.add(new Waiting(peer, append.batch()));
            } else if (admission instanceof Admission.Duplicate) {
                append();
                acknowledge(peer, batch);
            } else if (admission instanceof Admission.Refused refused) {
                answer(peer, refused.answer());
            }
        }

        private void append() {
            if (round.isEmpty()) {
                return;
            }
            journal.append(round.stream()
                    .map(w -> new NewEntry(w.batch().count(), w.batch().bytes()))
                    .toList());
            for (Waiting waiting : round) {
                intake.appended(waiting.batch());
                acknowledge(waiting.peer(), waiting.batch());
            }
            round.clear();
            feeding.wake();
        }

        private void acknowledge(byte[] peer, Batch batch) {
            long last = intake.logged(batch.publisher(), batch.topic());
            answer(
                    peer,
                    new Command.Ack(batch.epoch(), journal.epoch(), List.of(new TopicSequence(batch.topic(), last))));
        }

        private void answer(byte[] peer, Command command) {
            publishers.send(List.of(peer, command.encode()));
        }

        @Override
        public long work() {
            synchronized (TestHub.this) {
                append();
            }
            return 1_000;
        }
    }

    private final class Subscribers extends Quiet {
        private long retransmittedMs;

        @Override
        public void received(List<byte[]> frames) {
            try {
                if (Commands.decode(frames.get(1)) instanceof Command.OfSubscriber command) {
                    synchronized (TestHub.this) {
                        feed.receive(frames.get(0), command, now());
                    }
                }
            } catch (WireException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public long work() {
            synchronized (TestHub.this) {
                if (now() - retransmittedMs > 3_000) {
                    retransmittedMs = now();
                    feed.retransmit(now() - 3_000);
                    feed.durable().forEach(s -> subscribers.put(s.id(), s));
                }
                boolean more = true;
                while (more) {
                    feed.answers().forEach(this::send);
                    for (Delivery delivery : feed.plan(4 << 20)) {
                        Outbound out = feed.deliver(delivery, now());
                        if (out != null) {
                            send(out);
                        }
                    }
                    more = feed.settle();
                }
            }
            return 100;
        }

        private void send(Outbound out) {
            byte[] command = out.command().encode();
            feeding.send(
                    out.payload() == null ? List.of(out.peer(), command) : List.of(out.peer(), command, out.payload()));
        }
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
