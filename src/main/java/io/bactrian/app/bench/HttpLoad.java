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
    private static final Pattern AB_RATE = Pattern.compile("Requests per second:\\s+([\\d.]+)");
    private static final Pattern AB_MEAN = Pattern.compile("Time per request:\\s+([\\d.]+) \\[ms] \\(mean\\)");
    private static final Pattern AB_BAD = Pattern.compile("Failed requests:\\s+(\\d+)");
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

    /** {@code wrk} with two threads and 500 connections that stay open; {@code script} may be empty. */
    static Outcome wrk(String address, int seconds, String script) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("wrk", "-t", "2", "-c", "500", "--timeout", "10s", "-d", seconds + "s"));
        Path file = null;
        if (!script.isEmpty()) {
            file = Files.createTempFile("bench", ".lua");
            Files.writeString(file, script);
            command.addAll(List.of("-s", file.toString()));
        }
        command.add(address);
        try {
            String output = run(command);
            return new Outcome(number(WRK_RATE, output), milliseconds(output), (long) optional(WRK_BAD, output));
        } finally {
            if (file != null) {
                Files.delete(file);
            }
        }
    }

    /** {@code ab -n 3000 -c 500}: a connection for each request, as in the figures of the reference system. */
    static Outcome ab(String address) throws IOException, InterruptedException {
        String output = run(List.of("ab", "-q", "-r", "-n", "3000", "-c", "500", address));
        return new Outcome(number(AB_RATE, output), number(AB_MEAN, output), (long) optional(AB_BAD, output));
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
