package io.bactrian.federation.routes;

import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the secret keys of a process. */
public final class TopologyKeys {
    private TopologyKeys() {}

    /**
     * Writes {@code <id>.key_secret} and {@code <id>.sign_secret}, and returns what the topology needs: {@code publicKey} and
     * {@code signKey}.
     *
     * @throws IOException if there are keys already and {@code force} is not given, or they cannot be written
     */
    public static Map<String, String> make(Path folder, String id, boolean force) throws IOException {
        Files.createDirectories(folder);
        Path curveFile = folder.resolve(id + ".key_secret");
        Path signFile = folder.resolve(id + ".sign_secret");
        for (Path file : new Path[] {curveFile, signFile}) {
            if (Files.exists(file) && !force) {
                throw new FileAlreadyExistsException(file + " is there already (--force replaces it)");
            }
        }
        CurveKeys curve = CurveKeys.generate();
        String[] sign = Ed25519Signatures.generate();
        write(curveFile, CurveCertificate.secretText(curve, Map.of("name", id)));
        write(signFile, sign[1]);
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("publicKey", curve.publicKey().z85());
        lines.put("signKey", sign[0]);
        return lines;
    }

    private static void write(Path file, String text) throws IOException {
        Path part = file.resolveSibling("." + file.getFileName() + ".part");
        Files.deleteIfExists(part);
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
