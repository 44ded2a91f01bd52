package io.bactrian.zeromq.socket;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.regex.Pattern;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/** A pair of CURVE keys. Two pairs are equal if their keys are; its text shows the public key only. */
public final class CurveKeys {
    /** The point of Curve25519 from which public keys are made. Source: RFC 7748, section 4.1. */
    private static final BigInteger BASE_POINT = BigInteger.valueOf(9);

    /** What Camel and property files read as something else than a text. */
    private static final Pattern UNQUOTABLE = Pattern.compile("^[^0-9A-Za-z]|\\{\\{|}}|[#?]\\{");

    private final CurveKey publicKey;
    private final byte[] secretKey;

    private CurveKeys(CurveKey publicKey, byte[] secretKey) {
        this.publicKey = publicKey;
        this.secretKey = secretKey;
    }

    /** A new pair of which both texts may stand in a property file. */
    public static CurveKeys generate() {
        SecureRandom random = new SecureRandom();
        while (true) {
            byte[] secret = new byte[CurveKey.OCTETS];
            random.nextBytes(secret);
            CurveKeys keys = new CurveKeys(publicKeyOf(secret), secret);
            if (!UNQUOTABLE.matcher(keys.publicKey.z85()).find()
                    && !UNQUOTABLE.matcher(keys.secretZ85()).find()) {
                return keys;
            }
        }
    }

    /**
     * The pair of a secret key, which has one public key only.
     *
     * @param secretKey in Z85 or hexadecimal
     * @param publicKey the same, or null; it is only compared
     * @throws IllegalArgumentException if one is no key, or the public key belongs to another secret key; the
     *     message does not show the secret key
     */
    public static CurveKeys of(String secretKey, @Nullable String publicKey) {
        byte[] secret = CurveKey.decode(secretKey);
        CurveKey derived = publicKeyOf(secret);
        if (publicKey != null && !CurveKey.parse(publicKey).equals(derived)) {
            throw new IllegalArgumentException("belongs to another public key than the one that stands beside it");
        }
        return new CurveKeys(derived, secret);
    }

    private static CurveKey publicKeyOf(byte[] secret) {
        try {
            KeyFactory factory = KeyFactory.getInstance("X25519");
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret)));
            agreement.doPhase(
                    factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE_POINT)), true);
            return CurveKey.of(agreement.generateSecret());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 11 has X25519", e);
        }
    }

    public CurveKey publicKey() {
        return publicKey;
    }

    byte[] secretOctets() {
        return secretKey.clone();
    }

    /** The secret key in Z85. */
    public String secretZ85() {
        return CurveKey.encode(secretKey);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CurveKeys keys && Arrays.equals(secretKey, keys.secretKey);
    }

    @Override
    public int hashCode() {
        return publicKey.hashCode();
    }

    @Override
    public String toString() {
        return "keys of " + publicKey.z85();
    }
}
