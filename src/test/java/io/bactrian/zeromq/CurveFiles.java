package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Keys of a server, of a client that it admits, and of one that it does not, in files. */
record CurveFiles(Path folder, CurveKeys server, CurveKeys client, CurveKeys stranger) {

    static CurveFiles in(Path folder) throws IOException {
        CurveFiles files = new CurveFiles(folder, CurveKeys.generate(), CurveKeys.generate(), CurveKeys.generate());
        Path admitted = Files.createDirectory(folder.resolve("admitted"));
        Files.writeString(admitted.resolve("client"), CurveCertificate.publicText(files.client.publicKey(), Map.of()));
        Files.writeString(
                folder.resolve("server.key"), CurveCertificate.publicText(files.server.publicKey(), Map.of()));
        return files;
    }

    /** Endpoint options of the server. */
    String serverOptions() {
        return "security=curve&curveKeyFile=" + secret("server", server) + "&curveClientKeys="
                + folder.resolve("admitted");
    }

    /** Endpoint options of the client that is admitted. */
    String clientOptions() {
        return options("client", client);
    }

    /** Endpoint options of the client that is not. */
    String strangerOptions() {
        return options("stranger", stranger);
    }

    private String options(String name, CurveKeys keys) {
        return "security=curve&linger=0&curveKeyFile=" + secret(name, keys) + "&curveServerKeyFile="
                + folder.resolve("server.key");
    }

    private Path secret(String name, CurveKeys keys) {
        try {
            return Files.writeString(folder.resolve(name), CurveCertificate.secretText(keys, Map.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
