package io.bactrian.simulation;

import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One run of a hub, publishers and subscribers: some seconds with faults, then calm, in which everything must come to
 * rest with every promise kept.
 */
final class Simulation {
    private static final long CALM_MS = 120_000;

    private final long seed;
    private final World world;
    private final Oracle oracle;
    private final Network network;
    private final SimHub hub;
    private final List<SimPublisher> publishers = new ArrayList<>();
    private final List<SimSubscriber> subscribers = new ArrayList<>();
    private final SimViewer viewer;
    private final long faultsUntilMs;
    private final boolean faults;
    private final HubRules rules;

    private Simulation(long seed, Flaw flaw, boolean faults, boolean noted) {
        this.seed = seed;
        this.faults = faults;
        world = new World(seed, noted);
        oracle = new Oracle(world);
        network = new Network(world);
        rules = faults ? HubRules.draw(world) : HubRules.NONE;
        world.note(() -> String.valueOf(rules));
        hub = new SimHub(world, network, oracle, flaw, rules);
        faultsUntilMs = 2000 + world.draw(4000);
        for (int i = 1 + world.draw(3); i > 0; i--) {
            publishers.add(new SimPublisher(
                    world, network, hub, oracle, flaw, "p" + i, List.of("t/a", "t/b", "u/a", "x/a", "d/" + i)));
        }
        for (int i = 1 + world.draw(3); i > 0; i--) {
            subscribers.add(new SimSubscriber(world, network, hub, oracle, flaw, "s" + i, wishes()));
        }
        viewer = new SimViewer(world, network, hub, oracle);
    }

    private Set<SimSubscriber.Wish> wishes() {
        Set<SimSubscriber.Wish> wishes = new LinkedHashSet<>();
        wishes.add(wish());
        return wishes;
    }

    private SimSubscriber.Wish wish() {
        StartFrom from = StartFrom.values()[world.draw(3)];
        long position = from == StartFrom.POSITION ? 1 + world.draw(300) : 0;
        return switch (world.draw(5)) {
            case 0 -> new SimSubscriber.Wish(PatternKind.TOPIC, "t/a", from, position);
            case 1 -> new SimSubscriber.Wish(PatternKind.PREFIX, "t/", from, position);
            case 2 -> new SimSubscriber.Wish(PatternKind.TOPIC, "u/a", from, position);
            case 3 -> new SimSubscriber.Wish(PatternKind.PREFIX, "d/", from, position);
            default -> new SimSubscriber.Wish(PatternKind.PREFIX, "t", from, position);
        };
    }

    /**
     * Runs a seed to its end.
     *
     * @return the fingerprint of the run
     */
    static long run(long seed, Flaw flaw) {
        return run(seed, flaw, true);
    }

    static long run(long seed, Flaw flaw, boolean faults) {
        Simulation simulation = new Simulation(seed, flaw, faults, false);
        try {
            simulation.run();
        } catch (Broken | RuntimeException e) {
            throw broken(seed, e, new Simulation(seed, flaw, faults, true));
        }
        return simulation.world.fingerprint();
    }

    /** What a failure was, with what led to it, by the same run once more. */
    private static Broken broken(long seed, Throwable failure, Simulation again) {
        try {
            again.run();
        } catch (Broken | RuntimeException e) {
            return new Broken(
                    "seed " + seed + " at " + again.world.nowMs() + " ms: " + e.getMessage()
                            + "\nreplay with -Dbactrian.simulation.seed=" + seed + "\n  "
                            + String.join("\n  ", again.world.tail()),
                    e);
        }
        return new Broken("seed " + seed + " fails, but not once more: " + failure, failure);
    }

    private void run() {
        if (faults) {
            network.faults(world.draw(3) * 0.05, world.draw(3) * 0.05, world.chance(0.5) ? 3 : 1 + world.draw(80));
            hub.failures(world.chance(0.5) ? 0.02 : 0);
            if (rules.topicBytes() < Long.MAX_VALUE) {
                oracle.refusals();
            }
            world.in(world.draw(200), this::fault);
        }
        world.in(world.draw(500), this::choose);
        world.runUntil(faultsUntilMs);
        network.faults(0, 0, 3);
        hub.failures(0);
        publishers.forEach(SimPublisher::stopPutting);
        long end = faultsUntilMs + CALM_MS;
        while (!rested() && world.nowMs() < end) {
            world.runUntil(world.nowMs() + 100);
        }
        if (!rested()) {
            oracle.fail("does not come to rest: " + restless());
        }
        oracle.checkPromises();
        subscribers.forEach(SimSubscriber::check);
        if (hub.machine().figures().attached().size() > subscribers.size()) {
            oracle.fail("the hub has more sessions than there are subscribers");
        }
        boolean unheard = network.isCut(SimViewer.NAME);
        viewer.leave();
        world.runUntil(world.nowMs() + 100);
        if (unheard) {
            // It is forgotten for its silence.
            hub.machine().endSilent(world.nowMs());
        }
        if (hub.machine().figures().ephemeral() > 0) {
            oracle.fail("the hub knows one who looked on and has gone");
        }
    }

    private boolean rested() {
        return hub.up() && restless().isEmpty();
    }

    private String restless() {
        for (SimPublisher publisher : publishers) {
            if (!publisher.idle()) {
                return "a publisher has something waiting";
            }
        }
        for (SimSubscriber subscriber : subscribers) {
            String missing = subscriber.missing();
            if (!missing.isEmpty()) {
                return missing;
            }
        }
        return viewer.missing();
    }

    private void fault() {
        if (world.nowMs() >= faultsUntilMs) {
            return;
        }
        world.in(1 + world.draw(800), this::fault);
        long forMs = 1 + world.draw(600);
        switch (world.draw(6)) {
            case 0 -> hub.crash(forMs);
            case 1 -> publishers.get(world.draw(publishers.size())).crash(forMs);
            case 2 -> subscribers.get(world.draw(subscribers.size())).crash(forMs);
            case 3 ->
                network.cut(world.chance(0.3) ? SimViewer.NAME : "p" + (1 + world.draw(publishers.size())), forMs);
            default -> network.cut("s" + (1 + world.draw(subscribers.size())), forMs);
        }
    }

    /** A subscriber changes its mind. */
    private void choose() {
        if (world.nowMs() >= faultsUntilMs) {
            return;
        }
        world.in(1 + world.draw(1500), this::choose);
        SimSubscriber subscriber = subscribers.get(world.draw(subscribers.size()));
        SimSubscriber.Wish toggled = new SimSubscriber.Wish(
                PatternKind.TOPIC, "x/a", world.chance(0.5) ? StartFrom.NOW : StartFrom.OLDEST, 0);
        switch (world.draw(4)) {
            case 0 -> subscriber.toggle(toggled);
            case 1 -> subscriber.toggle(toggled);
            default -> subscriber.wish(wish());
        }
    }

    long seed() {
        return seed;
    }
}
