package io.bactrian.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Network namespaces that hang on one bridge, which is in a namespace of its own: one for each of several hosts and one more
 * for everybody else. Their links can be cut. Needs root; nothing outside of these namespaces changes.
 */
public final class Namespaces implements AutoCloseable {
    private static final String NET = "10.231.77.";

    private final String prefix;
    private final int hosts;

    private Namespaces(String prefix, int hosts) {
        this.prefix = prefix;
        this.hosts = hosts;
    }

    /** No namespaces: everybody is on loopback. */
    public static Namespaces none() {
        return new Namespaces("", 0);
    }

    /**
     * Makes them. Skips the test where the kernel does not let this user: root in a container may not, for instance, so no run can require
     * it.
     */
    public static Namespaces make(int hosts) throws IOException {
        Tools.program("ip", "iproute2");
        String prefix = "bn" + ProcessHandle.current().pid() % 100_000;
        Namespaces made = new Namespaces(prefix, hosts);
        String probe = run("netns", "add", prefix + "h");
        skipUnlessAllowed(probe);
        probe = run("-n", prefix + "h", "link", "add", "bridge", "type", "bridge");
        if (!probe.isEmpty()) {
            must("netns", "del", prefix + "h");
        }
        skipUnlessAllowed(probe);
        must("-n", prefix + "h", "link", "set", "bridge", "up");
        for (int i = 0; i <= hosts; i++) {
            String name = prefix + i;
            must("netns", "add", name);
            must("-n", name, "link", "set", "lo", "up");
            must("-n", name, "link", "add", "out", "type", "veth", "peer", "name", "port" + i, "netns", prefix + "h");
            must("-n", name, "addr", "add", NET + (i + 1) + "/24", "dev", "out");
            must("-n", name, "link", "set", "out", "up");
            must("-n", prefix + "h", "link", "set", "port" + i, "master", "bridge", "up");
        }
        return made;
    }

    private static void skipUnlessAllowed(String problem) {
        if (!problem.isEmpty()) {
            abort("the kernel makes no network namespaces for this user: " + problem);
        }
    }

    /** The words before a command that make it run at a host. */
    public List<String> in(int host) {
        return hosts == 0 ? List.of() : List.of("ip", "netns", "exec", prefix + host);
    }

    /** The same for the one that is no host. */
    public List<String> inOwn() {
        return in(hosts);
    }

    /** The address of a host. */
    public String host(int host) {
        return hosts == 0 ? "127.0.0.1" : NET + (host + 1);
    }

    /** The address of the one that is no host. */
    public String ownHost() {
        return host(hosts);
    }

    /** Pulls the cable of a host, or puts it in again. */
    public void cut(int host, boolean isCut) throws IOException {
        must("-n", prefix + "h", "link", "set", "port" + host, isCut ? "down" : "up");
    }

    /** Lets nothing go from one host to another, or lets it go again; the other direction stays open. */
    public void cutOneWay(int from, int to, boolean isCut) throws IOException {
        must("-n", prefix + from, "route", isCut ? "add" : "del", "blackhole", host(to) + "/32");
    }

    private static String run(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = process.onExit().join().exitValue();
        return exitCode == 0 ? "" : "exit code " + exitCode + ": " + said;
    }

    private static void must(String... words) throws IOException {
        String problem = run(words);
        if (!problem.isEmpty()) {
            throw new IOException("ip " + String.join(" ", words) + ": " + problem);
        }
    }

    @Override
    public void close() throws IOException {
        if (hosts > 0) {
            for (int i = 0; i <= hosts; i++) {
                must("netns", "del", prefix + i);
            }
            must("netns", "del", prefix + "h");
        }
    }
}
