package io.bactrian.zeromq.socket;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admits the CURVE keys whose certificates lie in a folder. The folder is looked at when a peer asks, at most twice
 * a second, and read again if a file came, went or changed. A file that is no certificate admits nobody, and a folder
 * that cannot be read admits nobody any more. Called by one thread at a time.
 */
final class ClientKeys implements ZapAuthenticator {
    private static final Logger LOG = LoggerFactory.getLogger(ClientKeys.class);
    private static final long LOOK_NANOS = 500_000_000;
    private static final int FILES_MAX = 100_000;

    private final Path folder;
    private final LongSupplier nanoClock;
    private Map<Path, String> seen = Map.of();
    private Set<CurveKey> keys = Set.of();
    private long lookedAt;

    /** @throws IOException if the folder cannot be read */
    ClientKeys(Path folder, LongSupplier nanoClock) throws IOException {
        this.folder = folder;
        this.nanoClock = nanoClock;
        read(list());
        lookedAt = nanoClock.getAsLong();
    }

    @Override
    public void decide(Request request, Executor slow, Consumer<Decision> answer) {
        if (request.credentials().size() != 1 || request.credentials().get(0).length != CurveKey.OCTETS) {
            answer.accept(new Decision(Decision.REFUSED, "-", "its credentials are no CURVE key"));
            return;
        }
        look();
        CurveKey key = CurveKey.of(request.credentials().get(0));
        boolean admitted = keys.contains(key);
        answer.accept(new Decision(
                admitted ? Decision.ADMITTED : Decision.REFUSED,
                key.fingerprint(),
                admitted ? "its key is in " + folder : "its key is not in " + folder));
    }

    private void look() {
        long now = nanoClock.getAsLong();
        if (now - lookedAt < LOOK_NANOS) {
            return;
        }
        lookedAt = now;
        try {
            Map<Path, String> there = list();
            if (!there.equals(seen)) {
                read(there);
            }
        } catch (IOException e) {
            if (!seen.isEmpty() || !keys.isEmpty()) {
                LOG.error("the folder of client keys cannot be read, nobody is admitted folder={}", folder, e);
            }
            seen = Map.of();
            keys = Set.of();
        }
    }

    /** The files with what tells that one has changed. */
    private Map<Path, String> list() throws IOException {
        Map<Path, String> there = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files.limit(FILES_MAX)::iterator) {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                if (attributes.isRegularFile() && !file.getFileName().toString().startsWith(".")) {
                    there.put(
                            file, attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey());
                }
            }
        }
        return there;
    }

    private void read(Map<Path, String> there) {
        Set<CurveKey> found = new HashSet<>();
        for (Path file : there.keySet()) {
            try {
                found.add(CurveCertificate.read(file).publicKey());
            } catch (IOException e) {
                LOG.warn("a file in the folder of client keys admits nobody file={} cause={}", file, e.getMessage());
            }
        }
        seen = there;
        keys = found;
        LOG.info("client keys read folder={} keys={}", folder, found.size());
    }
}
