package io.bactrian.pubsub.client;

import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import io.bactrian.pubsub.core.CommitGate;
import io.bactrian.pubsub.core.Delivery;
import io.bactrian.pubsub.core.DurableSubscriber;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.HubSnapshots;
import io.bactrian.pubsub.core.IntakeRound;
import io.bactrian.pubsub.core.Machines;
import io.bactrian.pubsub.core.MemorySnapshots;
import io.bactrian.pubsub.core.PeerCommand;
import io.bactrian.pubsub.routes.JournalLog;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Limits;
import io.bactrian.wire.WireException;
import io.bactrian.zeromq.socket.ConnectionTimes;
import io.bactrian.zeromq.socket.PatternOptions;
import io.bactrian.zeromq.socket.PeerLimits;
import io.bactrian.zeromq.socket.ProtocolSocket;
import io.bactrian.zeromq.socket.QueueLimits;
import io.bactrian.zeromq.socket.Security;
import io.bactrian.zeromq.socket.SocketContext;
import io.bactrian.zeromq.socket.SocketKind;
import io.bactrian.zeromq.socket.SocketSettings;
import io.bactrian.zeromq.socket.Tuning;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The hub's cores over a real journal and real sockets, without routes and database: what the registry must keep lies
 * in this object, so a {@link #restart} keeps it as a database would. One lock around everything.
 */
public final class BareHub implements AutoCloseable {
    private final Path folder;
    private final HubSnapshots snapshots = new MemorySnapshots();
    private final HubLimits limits;
    private int publishPort;
    private int subscribePort;
    private String publishAddress = "";
    private String subscribeAddress = "";
    private SocketContext context;
    private Journal journal;
    private HubMachine machine;
    private ProtocolSocket publishers;
    private ProtocolSocket feeding;
    private boolean accepting = true;
    private boolean fromBefore;

    public BareHub(Path folder) throws Exception {
        this(folder, HubLimits.defaults());
    }

    public BareHub(Path folder, HubLimits limits) throws Exception {
        this(folder, limits, 0, 0);
    }

    /** Binds these addresses, which are no ports. */
    public BareHub(Path folder, String publishAddress, String subscribeAddress) throws Exception {
        this.folder = folder;
        this.limits = HubLimits.defaults();
        this.publishAddress = publishAddress;
        this.subscribeAddress = subscribeAddress;
        start();
    }

    BareHub(Path folder, HubLimits limits, int publishPort, int subscribePort) throws Exception {
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

    /** How many messages its log holds. */
    public synchronized long messages() {
        long messages = 0;
        for (long position = journal.first(); position <= journal.end(); ) {
            for (Entry entry : journal.read(position, 1 << 20)) {
                messages += Batch.parseTrusted(entry.payload()).topic().startsWith("$") ? 0 : entry.count();
                position = entry.last() + 1;
            }
        }
        return messages;
    }

    /** Answers as a hub from before there were flags in an ATTACH. */
    public synchronized void fromBefore(boolean value) {
        fromBefore = value;
    }

    /** How many subscribers are there that are forgotten when they go. */
    public synchronized int ephemeral() {
        return machine.figures().ephemeral();
    }

    /** The ids of the durable subscribers. */
    public synchronized List<String> subscribers() {
        return machine.figures().subscribers().stream()
                .map(DurableSubscriber::id)
                .toList();
    }

    /** How often the feed has sent a message again. */
    public synchronized long retransmitted() {
        return machine.figures().fed().retransmitted();
    }

    /** Stops without a word to anyone and starts again on the same ports. */
    public void restart() throws Exception {
        close();
        start();
    }

    private void start() throws Exception {
        context = new SocketContext(1, 100);
        journal = Journal.open(folder.resolve("log"), JournalSettings.defaults());
        machine = Machines.over(new JournalLog(journal), snapshots, limits, CommitGate.ALONE);
        machine.start(now());
        if (publishAddress.isEmpty()) {
            publishers = line(publishPort, new Publishers());
            feeding = line(subscribePort, new Subscribers());
            publishPort = port(publishers);
            subscribePort = port(feeding);
        } else {
            publishers = router(context, publishAddress, new Publishers());
            feeding = router(context, subscribeAddress, new Subscribers());
        }
    }

    static int port(ProtocolSocket line) {
        String address = line.boundAddresses().get(0);
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private ProtocolSocket line(int port, ProtocolSocket.Agent agent) throws IOException, InterruptedException {
        return router(context, port, agent);
    }

    /** A ROUTER on a port, 0 for any. */
    static ProtocolSocket router(SocketContext context, int port, ProtocolSocket.Agent agent)
            throws IOException, InterruptedException {
        return router(context, "tcp://127.0.0.1:" + (port == 0 ? "*" : String.valueOf(port)), agent);
    }

    private static ProtocolSocket router(SocketContext context, String address, ProtocolSocket.Agent agent)
            throws IOException, InterruptedException {
        return ProtocolSocket.open(
                context,
                new SocketSettings(
                        SocketKind.router,
                        List.of(address),
                        "",
                        true,
                        List.of(),
                        new QueueLimits(10_000, 10_000, 0, 64 << 20, 3, 100_000, 32 << 20),
                        ConnectionTimes.DEFAULT,
                        PatternOptions.DEFAULT,
                        Security.none(),
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

    private abstract static class Quiet implements ProtocolSocket.Agent {
        @Override
        public void connected() {}

        @Override
        public void failed(Throwable cause) {
            throw new IllegalStateException(cause);
        }
    }

    /** Batches of a round are appended with one sync. */
    private final class Publishers extends Quiet {
        private IntakeRound round = new IntakeRound();

        @Override
        public void received(List<byte[]> frames) {
            byte[] peer = frames.get(0);
            byte[] frame = frames.get(1);
            synchronized (BareHub.this) {
                try {
                    if (!Batch.isBatch(frame)) {
                        round.request(peer, Commands.decode(frame));
                    } else if (accepting) {
                        round.batch(
                                peer, Batch.parse(frame, new Limits(limits.messageBytesMax(), limits.batchBytesMax())));
                    }
                } catch (WireException e) {
                    round.refuse(peer, new Command.Error(0, 0, e.code(), String.valueOf(e.getMessage())));
                }
            }
        }

        private void answer(byte[] peer, Command command) {
            publishers.send(List.of(peer, command.encode()));
        }

        @Override
        public long work() {
            synchronized (BareHub.this) {
                IntakeRound taken = round;
                round = new IntakeRound();
                machine.greet(taken, now());
                machine.admit(taken, now());
                List<Batch> admitted = taken.admitted();
                long first = admitted.isEmpty()
                        ? 0
                        : journal.append(admitted.stream()
                                .map(batch -> new NewEntry(batch.count(), batch.bytes()))
                                .toList());
                machine.appended(taken, first, now());
                taken.refusals().forEach(refusal -> answer(refusal.peer(), refusal.command()));
                machine.acknowledgements().forEach(answer -> answer(answer.peer(), answer.command()));
                if (!admitted.isEmpty()) {
                    feeding.wake();
                }
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
                    synchronized (BareHub.this) {
                        if (fromBefore && command instanceof Command.Attach attach && hasFlags(attach)) {
                            machine.refuse(
                                    frames.get(0),
                                    Commands.Asked.NOTHING,
                                    Code.MALFORMED,
                                    "octets after the last field");
                            return;
                        }
                        machine.receive(frames.get(0), command, now());
                        machine.requestsKept();
                    }
                }
            } catch (WireException e) {
                throw new IllegalStateException(e);
            }
        }

        private boolean hasFlags(Command.Attach attach) {
            return attach.headers() || attach.ephemeral();
        }

        @Override
        public long work() {
            synchronized (BareHub.this) {
                if (now() - retransmittedMs > 3_000) {
                    retransmittedMs = now();
                    machine.retransmit(now() - 3_000);
                    machine.checkpoint(now());
                }
                boolean more = true;
                while (more) {
                    machine.answers().forEach(this::send);
                    for (Delivery delivery : machine.plan(4 << 20)) {
                        PeerCommand out = machine.deliver(delivery, now());
                        if (out != null) {
                            send(out);
                        }
                    }
                    more = machine.settle();
                }
            }
            return 100;
        }

        private void send(PeerCommand out) {
            byte[] command = out.command().encode();
            feeding.send(
                    out.payload() == null ? List.of(out.peer(), command) : List.of(out.peer(), command, out.payload()));
        }
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }
}
