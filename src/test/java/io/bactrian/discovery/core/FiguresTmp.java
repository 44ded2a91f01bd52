package io.bactrian.discovery.core;
import java.util.*;
public class FiguresTmp {
  public static void main(String[] a) {
    List<Long> r = new ArrayList<>(), s = new ArrayList<>(), n = new ArrayList<>();
    for (int seed = 0; seed < 5; seed++) {
      SimCluster c = new SimCluster(seed, 50, 200, RouterSettings.defaults(), Rules.STANDARD, false);
      c.run(5000);
      for (int t = 0; t < 20; t++) {
        var v = c.routers.get(c.random.nextInt(50)); c.kill(v);
        r.add(c.runUntil(10_000, () -> c.downEverywhere(v))); c.start(v); c.run(3000);
      }
      for (int t = 0; t < 20; t++) {
        var v = c.sensors.get(t); c.kill(v);
        n.add(c.runUntil(10_000, () -> { var x = SimCluster.core(c.routers.get(v.owners[0])).node(v.id, c.nowMs); return x.status() != NodeStatus.ACTIVE; }));
        long b = n.get(n.size()-1);
        s.add(b + c.runUntil(10_000, () -> c.downEverywhere(v)));
      }
      if (!c.violations.isEmpty()) System.out.println(c.violations);
    }
    // two neighbours at once
    List<Long> two = new ArrayList<>();
    for (int seed = 0; seed < 3; seed++) {
      SimCluster c = new SimCluster(100+seed, 50, 50, RouterSettings.defaults(), Rules.STANDARD, false);
      c.run(5000);
      List<SimCluster.SimRouter> ring = new ArrayList<>(c.routers); ring.sort((x,y)->Long.compareUnsigned(Hashes.of(x.id()), Hashes.of(y.id())));
      for (int t = 0; t < 20; t++) {
        int i = c.random.nextInt(49); var v = ring.get(i); var w = ring.get(i+1); c.kill(v); c.kill(w);
        two.add(c.runUntil(10_000, () -> c.downEverywhere(v) && c.downEverywhere(w))); c.start(v); c.start(w); c.run(3000);
      }
    }
    for (var l : List.of(r, s, n, two)) { l.sort(null); System.out.println("min " + l.get(0) + " p50 " + l.get(l.size()/2) + " p95 " + l.get(l.size()*95/100) + " max " + l.get(l.size()-1)); }
    for (int k : new int[]{3,5,20,50}) {
      SimCluster c = new SimCluster(3, k, k*10, RouterSettings.defaults(), Rules.STANDARD, true);
      c.run(20_000); long b = c.routers.stream().mapToLong(x->x.bytesSent).sum(), m = c.routers.stream().mapToLong(x->x.messagesSent).sum();
      c.run(20_000); long e = c.routers.stream().mapToLong(x->x.bytesSent).sum()-b, f = c.routers.stream().mapToLong(x->x.messagesSent).sum()-m;
      System.out.println(k + " routers: octets/s " + e/20.0/k + " datagrams/s " + f/20.0/k + " with headers " + (e+28*f)/20.0/k);
    }
    for (int seed = 7; seed < 10; seed++) {
      SimCluster c = new SimCluster(seed, 50, 200, RouterSettings.defaults(), Rules.STANDARD, false);
      c.run(5000); c.loss=.2; c.falseRouterSuspicions=0; c.falseNodeSuspicions=0; c.run(30_000);
      System.out.println("loss: violations " + c.violations.size() + " router suspicions/s per hearing router " + c.falseRouterSuspicions/30.0/50 + " nodes " + c.falseNodeSuspicions);
    }
    // stops of 1 s and 1.2 s
    for (int ms : new int[]{1000,1200,1400}) {
      int down=0, tot=0;
      for (int k : new int[]{3,5,50}) { SimCluster c = new SimCluster(20, k, 20, RouterSettings.defaults(), Rules.STANDARD, false); c.run(5000); c.strict=true;
        for (int t = 0; t < 40; t++) { c.violations.clear(); c.stop(c.routers.get(c.random.nextInt(k)), ms); c.run(ms+2000+c.random.nextInt(300)); tot++; if (!c.violations.isEmpty()) down++; } }
      System.out.println("stopped " + ms + ": down " + down + " of " + tot);
    }
  }
}
