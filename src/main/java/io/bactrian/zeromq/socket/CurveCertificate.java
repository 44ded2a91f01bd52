package io.bactrian.zeromq.socket;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A certificate file of ZeroMQ as CZMQ and pyzmq write it: the section {@code curve} with {@code public-key} and
 * perhaps {@code secret-key}, and the section {@code metadata}. Source: RFC 4/ZPL.
 *
 * @param publicKey the public key
 * @param keys the pair, or null if the file has no secret key
 * @param metadata names and values, in order
 */
public record CurveCertificate(CurveKey publicKey, @Nullable CurveKeys keys, Map<String, String> metadata) {
    private static final int BYTES_MAX = 65_536;

    public CurveCertificate {
        metadata = Map.copyOf(metadata);
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read or is no certificate; the message names the file and shows no key
     */
    public static CurveCertificate read(Path file) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException(file + " is no certificate: it is larger than " + BYTES_MAX + " octets");
        }
        try {
            return parse(Files.readString(file));
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw new IOException(file + " is no certificate: " + e.getMessage(), e);
        }
    }

    static CurveCertificate parse(String text) {
        Map<String, String> curve = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        String section = "";
        for (String line : text.lines().toList()) {
            String content = line.strip();
            if (content.isEmpty() || content.startsWith("#")) {
                continue;
            }
            int equals = content.indexOf('=');
            if (!Character.isWhitespace(line.charAt(0))) {
                section = equals < 0 ? content : "";
            } else if (equals > 0) {
                String name = content.substring(0, equals).strip();
                String value = value(content.substring(equals + 1).strip());
                if (section.equals("curve")) {
                    curve.put(name, value);
                } else if (section.equals("metadata")) {
                    metadata.put(name, value);
                }
            }
        }
        String publicKey = curve.get("public-key");
        String secretKey = curve.get("secret-key");
        if (publicKey == null) {
            throw new IllegalArgumentException("its section curve has no public-key");
        }
        CurveKey key = part("public-key", () -> CurveKey.parse(publicKey));
        return new CurveCertificate(
                key, secretKey == null ? null : part("secret-key", () -> CurveKeys.of(secretKey, publicKey)), metadata);
    }

    private interface Parser<T> {
        T parse();
    }

    private static <T> T part(String name, Parser<T> parser) {
        try {
            return parser.parse();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " " + e.getMessage(), e);
        }
    }

    /** A quoted value goes to its closing quote, so that it may hold a number sign, as keys in Z85 do. */
    private static String value(String text) {
        if (!text.isEmpty() && (text.charAt(0) == '"' || text.charAt(0) == '\'')) {
            int end = text.indexOf(text.charAt(0), 1);
            if (end < 0) {
                throw new IllegalArgumentException("a quote is not closed");
            }
            return text.substring(1, end);
        }
        int comment = text.indexOf('#');
        return (comment < 0 ? text : text.substring(0, comment)).strip();
    }

    /** The text of a file with the public key only. */
    public static String publicText(CurveKey key, Map<String, String> metadata) {
        return text("Public certificate: give it to the peers.", key, null, metadata);
    }

    /** The text of a file with both keys. */
    public static String secretText(CurveKeys keys, Map<String, String> metadata) {
        return text("SECRET certificate: let nobody else read it.", keys.publicKey(), keys.secretZ85(), metadata);
    }

    private static String text(String heading, CurveKey key, @Nullable String secret, Map<String, String> metadata) {
        StringBuilder text = new StringBuilder(
                "#   ZeroMQ CURVE " + heading + "\n#   Fingerprint " + key.fingerprint() + "\n\nmetadata\n");
        metadata.forEach((name, value) -> text.append("    ")
                .append(name)
                .append(" = \"")
                .append(value.replaceAll("[\"\\p{Cntrl}]", " "))
                .append("\"\n"));
        text.append("curve\n    public-key = \"").append(key.z85()).append("\"\n");
        if (secret != null) {
            text.append("    secret-key = \"").append(secret).append("\"\n");
        }
        return text.toString();
    }
}
