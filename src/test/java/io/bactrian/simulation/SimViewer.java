package io.bactrian.simulation;

import io.bactrian.pubsub.core.SubscriberCore;
import io.bactrian.pubsub.core.SubscriberCursor;
import io.bactrian.pubsub.core.SubscriberOutput;
import io.bactrian.pubsub.core.SubscriberSettings;
import io.bactrian.wire.Batch;
import io.bactrian.wire.Cause;
import io.bactrian.wire.Code;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Somebody who looks on: the production core as an ephemeral subscriber, and an owner that stores nothing. It gets what the log
 * has, in order, each once while it runs, also over restarts of the hub.
 */
final class SimViewer implements Network.Peer, SubscriberOutput {
    static final String NAME = "v1";

    private final World world;
    private final Network network;
    private final SimHub hub;
    private final Oracle oracle;
    private final SubscriberCore core;
    private boolean there = true;
    private int seenEpoch;
    private long seen;
    private long done;
    private int withdrawals;

    SimViewer(World world, Network network, SimHub hub, Oracle oracle) {
        this.world = world;
        this.network = network;
        this.hub = hub;
        this.oracle = oracle;
        core = new SubscriberCore(
                new SubscriberSettings(NAME, SimSubscriber.WINDOW_BYTES, 200, 100, 800, 100, true),
                this,
                world::drawLong,
                SubscriberCursor.NONE,
                List.of(),
                List.of());
        world.in(world.draw(1000), this::begin);
    }

    private void begin() {
        network.connect(NAME, this);
        core.start(world.nowMs());
        core.subscribe(PatternKind.PREFIX, "t", world.chance(0.5) ? StartFrom.NOW : StartFrom.OLDEST, 0, world.nowMs());
        tick();
    }

    private void tick() {
        if (there) {
            world.in(20, this::tick);
            core.tick(world.nowMs());
        }
    }

    /** Goes; whatever is still under way to it is nobody's. */
    void leave() {
        there = false;
        core.detach();
    }

    /** What it waits for, in words; empty if it has seen everything. */
    String missing() {
        long end = hub.machine().committed();
        boolean has = core.attached() && core.cursor().position() >= end;
        return has ? "" : NAME + " stands at " + core.cursor() + " of " + end;
    }

    private void later(Runnable step) {
        world.in(1 + world.draw(10), () -> {
            if (there) {
                step.run();
            }
        });
    }

    @Override
    public void receive(byte[] frame, byte[] second) {
        if (there) {
            core.receive(frame, second, world.nowMs());
        }
    }

    @Override
    public void reconnected() {
        if (there) {
            core.reconnected(world.nowMs());
        }
    }

    @Override
    public void send(byte[] frame) {
        network.toHub(NAME, hub, frame);
    }

    @Override
    public void deliver(Batch batch, long position, long timeMs) {
        int epoch = core.cursor().logEpoch();
        long at = position;
        for (byte[] record : batch.records()) {
            Oracle.Logged logged = oracle.at(epoch, at);
            String message = new String(record, StandardCharsets.UTF_8);
            if (logged == null || !logged.message().equals(message)) {
                oracle.fail(NAME + " sees " + message + " at " + at + ", but the log has " + logged);
            }
            if (epoch == seenEpoch && at <= seen) {
                oracle.fail(NAME + " sees " + at + " after " + seen);
            }
            seenEpoch = epoch;
            seen = at++;
        }
        long last = seen;
        int before = withdrawals;
        later(() -> {
            if (before == withdrawals) {
                done = Math.max(done, last);
                core.processed(last);
            }
        });
    }

    @Override
    public void withdraw() {
        withdrawals++;
        // It comes again.
        seen = done;
        later(() -> core.withdrawn(done, world.nowMs()));
    }

    @Override
    public void rebase(SubscriberCursor cursor) {
        done = cursor.position();
        later(() -> core.rebased(cursor, world.nowMs()));
    }

    @Override
    public void advance(SubscriberCursor cursor) {
        later(() -> core.advanced(cursor, world.nowMs()));
    }

    @Override
    public void lost(long from, long to, Cause cause) {
        world.note(() -> NAME + " is told that " + from + " to " + to + " are lost: " + cause);
    }

    @Override
    public void confirmed(int request, long start) {
        world.note(() -> NAME + " looks on from " + start);
    }

    @Override
    public void refused(int request, Code code, String text) {
        oracle.fail(NAME + " was refused a request: " + text);
    }

    @Override
    public void attached() {}

    @Override
    public void withoutHeaders() {
        oracle.fail(NAME + " gets no headers");
    }

    @Override
    public void troubled(Code code, String text) {
        world.note(() -> NAME + " troubled: " + text);
    }

    @Override
    public void stopped(Code code, String text) {
        oracle.fail(NAME + " was stopped: " + text);
    }
}
