package io.bactrian.app.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the load generators {@code wrk} and {@code ab} of Debian's packages, and reads what they say. */
final class HttpLoad {
    private static final Pattern WRK_RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
    private static final Pattern WRK_MEAN = Pattern.compile("Latency\\s+([\\d.]+)(us|ms|s)");
    private static final Pattern WRK_BAD = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
    private static final Pattern WRK_SOCKETS =
            Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");
    private static final Pattern WRK_WRONG = Pattern.compile("wrong statuses: (\\d+) of (\\d+)");
    private static final Pattern AB_RATE = Pattern.compile("Requests per second:\\s+([\\d.]+)");
    private static final Pattern AB_MEAN = Pattern.compile("Time per request:\\s+([\\d.]+) \\[ms] \\(mean\\)");
    private static final Pattern AB_FAILED = Pattern.compile("Failed requests:\\s+(\\d+)");
    private static final Pattern AB_NO_2XX = Pattern.compile("Non-2xx responses:\\s+(\\d+)");
    private static final int AB_REQUESTS = 3_000;
    private static final int AB_RUNS = 5;

    /** Connections of a run with {@code wrk} or {@code ab}. */
    static final int CONNECTIONS = 500;

    /** Counts each answer that has not the status; it costs wrk so much that the figures of such a run do not count. */
    private static final String CHECK = """

            local threads = {}
            function setup(thread)
              table.insert(threads, thread)
            end
            wrong = 0
            total = 0
            function response(status)
              total = total + 1
              if status ~= %d then
                wrong = wrong + 1
              end
            end
            function done()
              local w, t = 0, 0
              for _, thread in ipairs(threads) do
                w = w + thread:get("wrong")
                t = t + thread:get("total")
              end
              io.write(string.format("wrong statuses: %%d of %%d\\n", w, t))
            end
            """;

    private static final int TIMEOUT_S = 120;

    private HttpLoad() {}

    /**
     * What a run has measured.
     *
     * @param rate requests a second
     * @param meanMs the mean time of a request, in milliseconds
     * @param bad answers that were not good
     */
    record Outcome(double rate, double meanMs, long bad) {}

    /** {@code wrk} with 500 connections that stay open; {@code script} may be empty. */
    static Outcome wrk(String address, int seconds, String script) throws IOException, InterruptedException {
        return wrk(address, seconds, script, 2, CONNECTIONS);
    }

    /** {@code wrk} with so many threads and connections. A status from 400 on and a broken connection are bad. */
    static Outcome wrk(String address, int seconds, String script, int threads, int connections)
            throws IOException, InterruptedException {
        String output = runWrk(address, seconds, script, threads, connections);
        Matcher sockets = WRK_SOCKETS.matcher(output);
        long broken = 0;
        if (sockets.find()) {
            for (int i = 1; i <= sockets.groupCount(); i++) {
                broken += Long.parseLong(sockets.group(i));
            }
        }
        return new Outcome(number(WRK_RATE, output), milliseconds(output), broken + (long) optional(WRK_BAD, output));
    }

    /** A second of the same load in which each status is looked at; how many were not the right one. */
    static long wrongStatuses(String address, String script, int status) throws IOException, InterruptedException {
        String output = runWrk(address, 1, script + CHECK.formatted(status), 2, CONNECTIONS);
        Matcher wrong = WRK_WRONG.matcher(output);
        if (!wrong.find() || wrong.group(2).equals("0")) {
            throw new IOException("There are no answers of " + address + ": " + output);
        }
        return Long.parseLong(wrong.group(1));
    }

    private static String runWrk(String address, int seconds, String script, int threads, int connections)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("wrk", "-t", "" + threads, "-c", "" + connections, "--timeout", "10s", "-d", seconds + "s"));
        Path file = null;
        if (!script.isEmpty()) {
            file = Files.createTempFile("bench", ".lua");
            Files.writeString(file, script);
            command.addAll(List.of("-s", file.toString()));
        }
        command.add(address);
        try {
            return run(command);
        } finally {
            if (file != null) {
                Files.delete(file);
            }
        }
    }

    /**
     * {@code ab -n 3000 -c 500} five times: a connection for each request, as in the figures of the reference system.
     *
     * @param status what each answer must have; ab tells only 200 to 299 from the others
     */
    static Outcome ab(String address, int status) throws IOException, InterruptedException {
        double seconds = 0;
        double meanMs = 0;
        long bad = 0;
        for (int i = 0; i < AB_RUNS; i++) {
            String output = run(List.of("ab", "-q", "-r", "-n", "" + AB_REQUESTS, "-c", "" + CONNECTIONS, address));
            seconds += AB_REQUESTS / number(AB_RATE, output);
            meanMs += number(AB_MEAN, output) / AB_RUNS;
            long others = (long) optional(AB_NO_2XX, output);
            bad += (long) optional(AB_FAILED, output) + (status / 100 == 2 ? others : AB_REQUESTS - others);
        }
        return new Outcome(AB_RUNS * AB_REQUESTS / seconds, meanMs, bad);
    }

    private static double milliseconds(String output) {
        Matcher mean = WRK_MEAN.matcher(output);
        if (!mean.find()) {
            return Double.NaN;
        }
        double number = Double.parseDouble(mean.group(1));
        return switch (mean.group(2)) {
            case "us" -> number / 1_000;
            case "s" -> number * 1_000;
            default -> number;
        };
    }

    private static double number(Pattern pattern, String output) throws IOException {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IOException("The load generator did not say what was expected: " + output);
        }
        return Double.parseDouble(matcher.group(1));
    }

    private static double optional(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException(
                    "Cannot run " + command.get(0) + "; install it: apt-get install wrk apache2-utils haproxy", e);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }
}
