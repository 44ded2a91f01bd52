package io.bactrian.testing;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * An archive of the classes of the libraries, as the virtual machine keeps them in memory. A process of a test that maps it starts with half
 * the processor time. The archive is made once for a folder {@code target} and the jars of the class path, by whoever needs it first.
 *
 * <p>An archive holds only classes of jars, and its jars must be the beginning of the class path of the process.
 */
final class LibraryArchive {
    private static final Path FOLDER = Path.of("target", "library-archive");
    private static final long PATIENCE_MINUTES = 5;

    private static Optional<Path> archive = Optional.empty();
    private static boolean looked;

    private LibraryArchive() {}

    /** The class path of this process, with the jars before the folders. */
    static String classPath() {
        return String.join(
                File.pathSeparator,
                Stream.concat(jars().stream(), entries().filter(entry -> !isJar(entry)))
                        .toList());
    }

    /** Options that let a process map the archive; none if this virtual machine cannot make one. */
    static synchronized List<String> options() {
        if (!looked) {
            archive = find();
            looked = true;
        }
        return archive.map(file -> List.of("-XX:SharedArchiveFile=" + file.toAbsolutePath(), "-Xlog:cds*=off"))
                .orElse(List.of());
    }

    private static Optional<Path> find() {
        String name = Integer.toHexString((System.getProperty("java.vm.version") + jars()).hashCode());
        Path file = FOLDER.resolve(name + ".jsa");
        try {
            Files.createDirectories(FOLDER);
            try (FileChannel lock = FileChannel.open(FOLDER.resolve(name + ".lock"), CREATE, WRITE)) {
                lock.lock();
                if (!Files.exists(file)) {
                    make(file);
                }
            }
            return Optional.of(file);
        } catch (IOException | InterruptedException e) {
            System.err.println("Processes of tests start without an archive of the libraries: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static void make(Path file) throws IOException, InterruptedException {
        Path names = Files.createTempFile(FOLDER, "classes", ".list");
        Path made = FOLDER.resolve(file.getFileName() + ".new");
        Path data = Files.createTempDirectory(FOLDER, "data");
        run(
                List.of("-XX:DumpLoadedClassList=" + names, "-XX:TieredStopAtLevel=1"),
                List.of(classPath(), LibraryArchiveProcess.class.getName(), data.toString()));
        run(
                List.of("-Xshare:dump", "-XX:SharedClassListFile=" + names, "-XX:SharedArchiveFile=" + made),
                List.of(String.join(File.pathSeparator, jars())));
        Files.move(made, file, ATOMIC_MOVE);
    }

    private static void run(List<String> options, List<String> program) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(JavaCommand.java(), "-XX:+UseSerialGC"));
        command.addAll(options);
        command.add("-cp");
        command.addAll(program);
        Path output = Files.createTempFile(FOLDER, "output", ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IOException("see " + output);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> jars() {
        return entries().filter(LibraryArchive::isJar).toList();
    }

    private static Stream<String> entries() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    private static boolean isJar(String entry) {
        return entry.endsWith(".jar");
    }
}
