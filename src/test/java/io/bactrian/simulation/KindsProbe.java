package io.bactrian.simulation;

import java.util.*;

final class KindsProbe {
    public static void main(String[] a) {
        PairKind kind = PairKind.valueOf(a[0]);
        long from = Long.parseLong(a[1]), n = Long.parseLong(a[2]);
        PairFlaw flaw = a.length > 3 ? PairFlaw.valueOf(a[3]) : PairFlaw.NONE;
        int max = a.length > 4 ? Integer.parseInt(a[4]) : 1000000;
        long t = System.currentTimeMillis(), bad = 0, moved = 0, movedRuns = 0, take = 0;
        Map<String, List<Long>> kinds = new TreeMap<>();
        for (long s = from; s < from + n && bad < max; s++)
            try {
                var o = HubPairSimulation.run(s, flaw, kind);
                moved += o.moved();
                movedRuns += o.moved() > 0 ? 1 : 0;
                take += o.takeovers();
            } catch (Broken e) {
                bad++;
                String l = e.getMessage().lines().findFirst().get();
                kinds.computeIfAbsent(
                                l.replaceAll("seed \\d+ of kind \\S+ at \\d+ ms: ", "")
                                        .replaceAll("[0-9]+", "#")
                                        .replaceAll("^(.{70}).*", "$1"),
                                k -> new ArrayList<>())
                        .add(s);
                if (Boolean.getBoolean("full")) System.out.println(e.getMessage());
                else if (bad <= 3) System.out.println(l.length() > 500 ? l.substring(0, 500) : l);
            }
        System.out.println(kind + " " + flaw + " bad=" + bad + " of " + n + " movedRuns=" + movedRuns + " moved="
                + moved + " takeovers=" + take + " ms=" + (System.currentTimeMillis() - t));
        kinds.forEach((k, v) -> System.out.println(
                "  " + v.size() + " " + k + " " + v.stream().limit(6).toList()));
    }
}
