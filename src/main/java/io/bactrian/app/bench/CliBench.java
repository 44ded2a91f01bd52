package io.bactrian.app.bench;

import io.bactrian.app.ExitCode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code bench cli}: {@code put --file} and {@code get --output} beside loops of the Java API that put and get the same
 * messages, over one hub that syncs what it accepts. Each is a process of its own, one after the other, and its start counts.
 */
@Command(
        name = "cli",
        description = {
            "Lines a second of put --file and get --output, beside loops of the Java API with the same messages.",
            "Each is a process of its own, one after the other; the time of its start counts."
        })
public final class CliBench implements Callable<Integer> {
    private static final String MAIN = "io.bactrian.app.Main";
    private static final int DIGITS = 12;
    private static final List<String> HEAP = List.of("-Xmx256m");

    @Option(names = "--size", paramLabel = "N", defaultValue = "64", description = "Octets of a line.")
    private int size = 64;

    @Option(names = "--messages", paramLabel = "N", defaultValue = "2000000", description = "How many lines.")
    private long messages = 2_000_000;

    @Option(names = "--json", description = "Prints a JSON array with one object for each case.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private record Case(String name, double perSecond) {}

    @Override
    public Integer call() throws IOException {
        List<Case> cases = new ArrayList<>();
        Path data = Files.createTempDirectory("bactrian-bench");
        int publishPort = BenchHub.freePort();
        int subscribePort = BenchHub.freePort();
        try (BenchProcess hub = BenchHub.start(data, publishPort, subscribePort, null)) {
            tell("hub started pid=" + hub.pid());
            Path lines = lines(data.resolve("lines"));
            Path got = data.resolve("got");
            String[] ports = {
                "--publish-port", String.valueOf(publishPort), "--subscribe-port", String.valueOf(subscribePort)
            };
            cases.add(run("api put", ApiLoad.class.getName(), api("put", publishPort, subscribePort, data)));
            cases.add(run("put --file", MAIN, with(ports, data, "put", "bench-cli", "--file", lines.toString())));
            cases.add(run("api get", ApiLoad.class.getName(), api("get", publishPort, subscribePort, data)));
            cases.add(run(
                    "get --output",
                    MAIN,
                    with(
                            ports,
                            data,
                            "get",
                            "bench-cli",
                            "--subscriber",
                            "bench-cli",
                            "--count",
                            String.valueOf(messages),
                            "--output",
                            got.toString())));
            if (Files.mismatch(lines, got) >= 0) {
                throw new IOException("what was got is not what was put");
            }
        } finally {
            BenchHub.delete(data);
        }
        print(cases);
        return ExitCode.OK;
    }

    /** Numbered lines, so that one that is lost or comes twice shows. */
    private Path lines(Path file) throws IOException {
        byte[] line = new byte[size + 1];
        Arrays.fill(line, (byte) 'x');
        line[size] = '\n';
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            for (long i = 0; i < messages; i++) {
                long left = i;
                for (int at = Math.min(size, DIGITS) - 1; at >= 0; at--) {
                    line[at] = (byte) ('0' + left % 10);
                    left /= 10;
                }
                out.write(line);
            }
        }
        return file;
    }

    private String[] api(String role, int publishPort, int subscribePort, Path data) {
        return new String[] {
            role,
            String.valueOf(publishPort),
            String.valueOf(subscribePort),
            data.resolve(role).toString(),
            String.valueOf(size),
            String.valueOf(messages)
        };
    }

    private static String[] with(String[] ports, Path data, String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(ports));
        all.addAll(List.of("--data", data.resolve("cli").toString()));
        return all.toArray(String[]::new);
    }

    private Case run(String name, String mainClass, String... arguments) throws IOException {
        tell(name);
        long started = System.nanoTime();
        try (BenchProcess process = new BenchProcess(name, HEAP, mainClass, arguments)) {
            process.go();
            if (mainClass.equals(MAIN)) {
                int code = process.awaitExit();
                if (code != ExitCode.OK) {
                    throw new IOException(name + " ended with exit code " + code);
                }
            } else {
                process.await("done");
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            return new Case(name, messages / seconds);
        }
    }

    private void tell(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private void print(List<Case> cases) {
        PrintWriter out = spec.commandLine().getOut();
        JsonArray array = new JsonArray();
        for (int i = 0; i < cases.size(); i++) {
            Case one = cases.get(i);
            double ratio = one.perSecond() / cases.get(i - i % 2).perSecond();
            if (json) {
                JsonObject object = new JsonObject();
                object.put("case", one.name());
                object.put("messageBytes", size);
                object.put("messagesPerSecond", Math.round(one.perSecond()));
                object.put("ratio", Math.round(ratio * 1000) / 1000.0);
                array.add(object);
            } else {
                out.printf(
                        Locale.ROOT,
                        "%-14s %,6d octets %,12.0f messages/s %5.2f of the API%n",
                        one.name(),
                        size,
                        one.perSecond(),
                        ratio);
            }
        }
        if (json) {
            out.println(array.toJson());
        }
        out.flush();
    }
}
