package io.bactrian.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Foreign software from npm, as {@code src/test/npm/package-lock.json} names it. It is installed once for each state of that
 * file, into a folder of the user's cache that all builds on the machine share.
 */
public final class NpmPeers {
    private static final Path SOURCE = Path.of("src/test/npm").toAbsolutePath();
    private static final List<String> FILES = List.of("package.json", "package-lock.json");
    private static final long INSTALL_S = 240;

    private NpmPeers() {}

    /** The command that runs a program of {@code src/test/npm}; skips the test if there is no Node.js, or no registry. */
    public static List<String> command(String program, String... arguments) throws IOException {
        String node = Tools.program("node", "nodejs");
        Path folder = installed();
        // Packages are found from the folder of the program.
        Path copy = folder.resolve(program);
        synchronized (NpmPeers.class) {
            byte[] text = Files.readAllBytes(SOURCE.resolve(program));
            if (!Files.exists(copy) || !MessageDigest.isEqual(Files.readAllBytes(copy), text)) {
                Path part = Files.createTempFile(folder, program, ".part");
                Files.write(part, text);
                Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        List<String> command = new ArrayList<>(List.of(node, copy.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static synchronized Path installed() throws IOException {
        Path folder = Path.of(System.getProperty("user.home"), ".cache", "bactrian-tests", "npm-" + digest());
        Path done = folder.resolve("installed");
        if (Files.exists(done)) {
            return folder;
        }
        String npm = Tools.program("npm", "npm");
        Files.createDirectories(folder);
        try (FileChannel channel =
                        FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!Files.exists(done) && lock.isValid()) {
                for (String file : FILES) {
                    Files.copy(SOURCE.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
                }
                install(npm, folder);
                Files.createFile(done);
            }
        }
        return folder;
    }

    private static void install(String npm, Path folder) throws IOException {
        Path log = folder.resolve("install.log");
        Process process = new ProcessBuilder(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(INSTALL_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                Required.missing("answer of npm within " + INSTALL_S + " s, see " + log);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while npm installs", e);
        }
        if (process.exitValue() != 0) {
            Required.missing("install of src/test/npm/package-lock.json, see " + log);
        }
    }

    private static String digest() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String file : FILES) {
                digest.update(new String(Files.readAllBytes(SOURCE.resolve(file)), UTF_8)
                        .replace("\r\n", "\n")
                        .getBytes(UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
