package io.bactrian.federation.routes;

import io.bactrian.support.file.DurableFiles;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        byte[] secret = CurveCertificate.secretText(curve, Map.of("name", id)).getBytes(StandardCharsets.UTF_8);
        DurableFiles.replace(curveFile, secret, DurableFiles.PRIVATE);
        DurableFiles.replace(signFile, sign[1].getBytes(StandardCharsets.UTF_8), DurableFiles.PRIVATE);
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("publicKey", curve.publicKey().z85());
        lines.put("signKey", sign[0]);
        return lines;
    }
}
