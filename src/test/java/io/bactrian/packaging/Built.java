package io.bactrian.packaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;

/** What the build has packed; the tests in this package run after that. */
final class Built {
    static final String VERSION = System.getProperty("bactrian.build.version");

    private static final Path FOLDER = Path.of(System.getProperty("bactrian.build.directory"));

    private Built() {}

    static Path componentJar() {
        return FOLDER.resolve("camel-zeromq-" + VERSION + ".jar");
    }

    static Path jar() {
        return FOLDER.resolve("bactrian-" + VERSION + ".jar");
    }

    /** The POM of an artifact beside the jar. */
    static Path pom(String artifact) {
        return FOLDER.resolve(artifact + "-" + VERSION + ".pom");
    }

    static Path folder() {
        return FOLDER;
    }

    static Path distribution() {
        return FOLDER.resolve("bactrian-" + VERSION + "-bin.tar.gz");
    }

    /** The names of the files in a jar. */
    static Set<String> entries(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
