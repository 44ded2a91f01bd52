package io.bactrian.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * An SSH server on loopback with keys of its own, that lets in who started it by one key alone. Needs openssh-server; the
 * test is skipped without.
 */
public final class SshServer implements AutoCloseable {
    private static final long TIMEOUT_S = 60;

    private final Path folder;
    private final int port;
    private final Process process;

    private SshServer(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Starts a server whose files are in a folder, which is made. */
    public static SshServer start(Path folder) throws IOException, InterruptedException {
        Path sshd = sshd();
        String keygen = Tools.program("ssh-keygen", "openssh-client");
        Files.createDirectories(folder);
        for (String key : List.of("host", "user", "stranger")) {
            run(
                    keygen,
                    "-q",
                    "-t",
                    "ed25519",
                    "-N",
                    "",
                    "-f",
                    folder.resolve(key).toString());
        }
        if (System.getProperty("user.name").equals("root")) {
            // What the package's service makes before it starts the server.
            Files.createDirectories(Path.of("/run/sshd"));
        }
        int port = Ports.free();
        Path config = Files.writeString(
                folder.resolve("sshd_config"), """
                Port %d
                ListenAddress 127.0.0.1
                HostKey %s
                AuthorizedKeysFile %s
                PidFile none
                UsePAM no
                StrictModes no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                PermitRootLogin prohibit-password
                """.formatted(port, folder.resolve("host"), folder.resolve("user.pub")));
        Files.writeString(
                folder.resolve("known_hosts"),
                "[127.0.0.1]:" + port + " " + Files.readString(folder.resolve("host.pub")));
        Process process = new ProcessBuilder(sshd.toString(), "-D", "-e", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("sshd.log").toFile())
                .start();
        SshServer server = new SshServer(folder, port, process);
        Awaitility.await()
                .alias(Files.readString(folder.resolve("sshd.log")))
                .atMost(TIMEOUT_S, TimeUnit.SECONDS)
                .until(server::listens);
        return server;
    }

    private static Path sshd() {
        for (String path : List.of("/usr/sbin/sshd", "/usr/local/sbin/sshd")) {
            if (Files.isExecutable(Path.of(path))) {
                return Path.of(path);
            }
        }
        return Path.of(Tools.program("sshd", "openssh-server")).toAbsolutePath();
    }

    private boolean listens() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("sshd ended: " + log());
        }
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** How to call ssh so that it is let in and knows the server. */
    public String ssh() {
        return ssh("user", "known_hosts");
    }

    /** The same with a key that the server does not know. */
    public String sshOfStranger() {
        return ssh("stranger", "known_hosts");
    }

    /** The same by a client that does not know the server. */
    public String sshToStranger() {
        return ssh("user", "nobody_known");
    }

    private String ssh(String key, String known) {
        return "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
                + " -o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile=" + folder.resolve(known)
                + " -i " + folder.resolve(key) + " -p " + port;
    }

    /** A folder on the server, as rsync names it. */
    public String remote(Path path) {
        return System.getProperty("user.name") + "@127.0.0.1:" + path;
    }

    /** What the server has said. */
    public String log() throws IOException {
        return Files.readString(folder.resolve("sshd.log"));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed");
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
