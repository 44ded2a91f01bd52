package io.bactrian.zeromq.socket;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.zeromq.ZMQ;

/**
 * A public key of CURVE: 32 octets, here in the 40 characters of Z85. Source: RFC 26/CURVEZMQ, RFC 32/Z85.
 *
 * @param z85 the key in Z85
 */
public record CurveKey(String z85) {
    static final int OCTETS = 32;
    private static final int Z85_LENGTH = 40;
    private static final String Z85_ALPHABET =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    static CurveKey of(byte[] octets) {
        return new CurveKey(encode(octets));
    }

    /**
     * Reads a key of 40 characters in Z85, or of 64 in hexadecimal.
     *
     * @throws IllegalArgumentException if it is neither; the message does not show the text
     */
    public static CurveKey parse(String text) {
        return of(decode(text));
    }

    /** The key in 64 hexadecimal digits, which needs no quoting in a URI. */
    public String hex() {
        return HexFormat.of().formatHex(octets());
    }

    byte[] octets() {
        return decode(z85);
    }

    /** Returns the text that people compare and logs show: {@code SHA256:} and the digest of the 32 octets in Base64 without padding. */
    public String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(octets());
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static String encode(byte[] octets) {
        return ZMQ.Curve.z85Encode(octets);
    }

    /** The octets of a key, public or secret, in Z85 or hexadecimal. */
    static byte[] decode(String text) {
        if (text.length() == 2 * OCTETS) {
            try {
                return HexFormat.of().parseHex(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("is no key: 64 characters, but not all are hexadecimal digits", e);
            }
        }
        if (text.length() != Z85_LENGTH || text.chars().anyMatch(c -> Z85_ALPHABET.indexOf(c) < 0)) {
            throw new IllegalArgumentException("is no key: it must have 40 characters of Z85 or 64 hexadecimal digits");
        }
        byte[] octets = ZMQ.Curve.z85Decode(text);
        if (octets.length != OCTETS || !encode(octets).equals(text)) {
            throw new IllegalArgumentException("is no key: its Z85 stands for no 32 octets");
        }
        return octets;
    }
}
