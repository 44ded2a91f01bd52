package io.bactrian.federation.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.federation.routes.TopologyFile;
import io.bactrian.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A tree with pairs at two levels whose processes are killed and whose links are cut at random; one seed is one run, always the
 * same. Properties as in {@link Seeds}, named {@code bactrian.federation.pair}.
 */
class BinaryStarSimulationTest {
    private static final Seeds SEEDS = Seeds.of("bactrian.federation.pair", 0, 100);
    private static final int STEPS = 80;
    private static final long STEP_MS = 200;
    private static final Topology TOPOLOGY = TopologyFile.parse("pairs", """
            nodes:
              root:
                owns: [site]
                primary: { host: r1 }
                backup: { host: r2 }
                children:
                  m:
                    owns: [area]
                    primary: { host: m1 }
                    backup: { host: m2 }
                    children:
                      leaf: { owns: [leaf], host: l }
                  other: { owns: [other], host: o }
            """);

    private final List<String> all = TOPOLOGY.nodes().stream()
            .flatMap(node -> node.members().stream())
            .map(Member::id)
            .toList();

    /** What is wrong after a run, empty if nothing is. */
    private List<String> run(long seed) {
        try {
            return tryRun(seed);
        } catch (IllegalStateException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private List<String> tryRun(long seed) {
        Random random = new Random(seed);
        CoreNetwork net = new CoreNetwork(TOPOLOGY);
        for (int i = 0; i < STEPS; i++) {
            String one = all.get(random.nextInt(all.size()));
            String other = all.get(random.nextInt(all.size()));
            switch (random.nextInt(12)) {
                case 0 -> net.kill(one);
                case 1, 2, 3 ->
                    net.start(all.stream()
                            .filter(member -> !net.runs(member))
                            .limit(1)
                            .toArray(String[]::new));
                case 4 -> net.cut(one, other);
                case 5 -> net.heal();
                default -> work(net, one, random);
            }
            net.run(STEP_MS);
        }
        net.heal()
                .start(all.stream().filter(member -> !net.runs(member)).toArray(String[]::new))
                .run(8_000);
        for (String member : all) {
            work(net, member, random);
        }
        net.run(3_000);
        return problems(net);
    }

    private void work(CoreNetwork net, String member, Random random) {
        if (net.runs(member) && net.core(member).active()) {
            String key = TOPOLOGY.node(TOPOLOGY.member(member).node()).owns().get(0) + ".k" + random.nextInt(3);
            net.put(member, key, random.nextInt(4) == 0 ? "" : "v" + random.nextInt(1_000_000));
            net.record(member, "series", random.nextInt(100));
        }
    }

    private List<String> problems(CoreNetwork net) {
        List<String> problems = new ArrayList<>();
        Map<String, String> right = new TreeMap<>();
        for (TopologyNode node : TOPOLOGY.nodes()) {
            List<String> active = node.members().stream()
                    .map(Member::id)
                    .filter(member -> net.core(member).active())
                    .toList();
            if (active.size() != 1) {
                problems.add(node.id() + " acts by " + active);
                continue;
            }
            net.core(active.get(0)).state().startingWith("").stream()
                    .filter(entry -> entry.owner().equals(node.id()))
                    .forEach(entry -> right.put(entry.key(), text(entry)));
        }
        for (String member : all) {
            Map<String, String> here = new TreeMap<>();
            net.core(member).state().startingWith("").forEach(entry -> here.put(entry.key(), text(entry)));
            if (!here.equals(right)) {
                Map<String, String> differs = new TreeMap<>(right);
                differs.entrySet().removeAll(here.entrySet());
                Map<String, String> more = new TreeMap<>(here);
                more.entrySet().removeAll(right.entrySet());
                problems.add(member + " differs: right is " + differs + " but it has " + more);
            }
        }
        right.forEach((key, value) -> {
            if (key.contains(".alarms.") && !key.endsWith("failover") && !value.contains(" closed ")) {
                problems.add("an alarm stays open: " + key + " " + value);
            }
        });
        for (String member : all) {
            long own = net.recorded(member).get(member);
            for (TopologyNode above : TOPOLOGY.nodes()) {
                boolean holds = Topology.below(TOPOLOGY.member(member).node(), above.id());
                for (Member holder : above.members()) {
                    long there = net.recorded(member).get(holder.id());
                    if (holds && there != own) {
                        problems.add(holder.id() + " has " + there + " of " + own + " records of " + member);
                    }
                }
            }
        }
        return problems;
    }

    private static String text(StateEntry entry) {
        return entry.version() + " " + entry.text();
    }

    @Test
    void allAgreeAndOneOfEachPairActsWhenTheFaultsAreOver() {
        assertThat(SEEDS.stream()
                        .parallel()
                        .mapToObj(seed -> new BinaryStarSimulationTest()
                                .run(seed).stream()
                                        .map(problem -> "seed=" + seed + " " + problem)
                                        .toList())
                        .flatMap(List::stream)
                        .toList())
                .isEmpty();
    }
}
