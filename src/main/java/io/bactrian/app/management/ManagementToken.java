package io.bactrian.app.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.support.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The token that an action of the management server needs: whoever may read its file, which only the user of the process
 * may, can act. It is made at the first start and stays.
 */
public final class ManagementToken {
    private static final int OCTETS = 32;
    private static final int TEXT_MAX = 4096;

    private ManagementToken() {}

    /**
     * The token in a file, if it is there.
     *
     * @throws IOException if it cannot be read or is empty
     */
    public static Optional<String> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > TEXT_MAX) {
            throw new IOException(file + " is no token; delete it, and the next start makes one");
        }
        String token = Files.readString(file).strip();
        if (token.isEmpty()) {
            throw new IOException(file + " is empty; delete it, and the next start makes a token");
        }
        return Optional.of(token);
    }

    /** The token in a file, which is made with a random one if it is not there. */
    static String readOrMake(Path file) throws IOException {
        Optional<String> there = read(file);
        return there.isPresent() ? there.get() : make(file);
    }

    private static String make(Path file) throws IOException {
        byte[] octets = new byte[OCTETS];
        new SecureRandom().nextBytes(octets);
        String token = HexFormat.of().formatHex(octets);
        Files.createDirectories(file.toAbsolutePath().getParent());
        DurableFiles.replace(file, (token + "\n").getBytes(UTF_8), DurableFiles.PRIVATE);
        return token;
    }
}
