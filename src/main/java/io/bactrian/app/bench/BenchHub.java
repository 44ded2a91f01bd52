package io.bactrian.app.bench;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts the hub of a benchmark, a process of its own on loopback. */
final class BenchHub {
    private static final int READY_TRIES = 600;

    private BenchHub() {}

    /**
     * Returns once the hub listens on both ports.
     *
     * @param data the folder in which the hub's own folder is
     * @param profile where a recording of the Java Flight Recorder goes, null for none
     * @param settings more of them, as {@code key=value}
     */
    static BenchProcess start(Path data, int publishPort, int subscribePort, @Nullable Path profile, String... settings)
            throws IOException {
        List<String> jvm = new ArrayList<>(List.of("-Xmx1g"));
        if (profile != null) {
            jvm.add("-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + profile.toAbsolutePath());
        }
        String more = System.getProperty("bactrian.bench.hub.jvm", "");
        if (!more.isEmpty()) {
            jvm.addAll(List.of(more.split(" ", -1)));
        }
        List<String> arguments = new ArrayList<>(
                List.of("run", "hub", "--data", data.resolve("hub").toString()));
        List<String> all = new ArrayList<>(List.of(
                "bactrian.hub.publish=tcp://127.0.0.1:" + publishPort,
                "bactrian.hub.subscribe=tcp://127.0.0.1:" + subscribePort,
                "bactrian.hub.plain.in=tcp://127.0.0.1:" + freePort(),
                "bactrian.hub.plain.out=tcp://127.0.0.1:" + freePort(),
                "bactrian.management.port=" + freePort()));
        all.addAll(List.of(settings));
        for (String setting : all) {
            arguments.add("--set");
            arguments.add(setting);
        }
        BenchProcess hub = new BenchProcess(
                "hub",
                jvm,
                System.getProperty("bactrian.bench.hub", "io.bactrian.app.Main"),
                arguments.toArray(String[]::new));
        try {
            awaitListening(publishPort);
            awaitListening(subscribePort);
            return hub;
        } catch (IOException e) {
            hub.close();
            throw e;
        }
    }

    private static void awaitListening(int port) throws IOException {
        for (int i = 0; i < READY_TRIES; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (socket.isConnected()) {
                    return;
                }
            } catch (ConnectException e) {
                pause();
            }
        }
        throw new IOException("the hub does not listen on port " + port);
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Deletes the folder of a benchmark. */
    static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
