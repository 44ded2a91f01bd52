package io.bactrian.zeromq.socket;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * The hash of a password, by PBKDF2 with HMAC-SHA-256. Its text is
 * {@code pbkdf2-sha256$<iterations>$<salt>$<hash>}, salt and hash in Base64. Source: RFC 8018.
 *
 * @param iterations from 1,000 to 10,000,000
 * @param salt in Base64
 * @param hash in Base64
 */
public record PasswordHash(int iterations, String salt, String hash) {
    private static final String SCHEME = "pbkdf2-sha256";
    private static final int ITERATIONS = 600_000;
    private static final int ITERATIONS_MIN = 1_000;
    private static final int ITERATIONS_MAX = 10_000_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BITS = 256;
    private static final int PARTS = 4;

    /** A new hash with a salt of its own. */
    public static PasswordHash of(String password) {
        return of(password, ITERATIONS);
    }

    /** The same with a number of iterations; fewer are faster for those who guess, too. */
    public static PasswordHash of(String password, int iterations) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return new PasswordHash(
                iterations,
                Base64.getEncoder().encodeToString(salt),
                Base64.getEncoder().encodeToString(derive(password, salt, iterations)));
    }

    /** @throws IllegalArgumentException saying what is wrong */
    static PasswordHash parse(String text) {
        String[] parts = text.split("\\$", -1);
        if (parts.length != PARTS || !parts[0].equals(SCHEME)) {
            throw new IllegalArgumentException("the hash must be " + SCHEME + "$iterations$salt$hash");
        }
        int iterations = Integer.parseInt(parts[1]);
        if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
            throw new IllegalArgumentException("iterations must be " + ITERATIONS_MIN + " to " + ITERATIONS_MAX);
        }
        if (Base64.getDecoder().decode(parts[2]).length == 0
                || Base64.getDecoder().decode(parts[3]).length != HASH_BITS / Byte.SIZE) {
            throw new IllegalArgumentException("salt or hash is not as long as it must be");
        }
        return new PasswordHash(iterations, parts[2], parts[3]);
    }

    /** Whether it is the hash of a password. Takes a tenth of a second or more, on purpose. */
    boolean matches(String password) {
        byte[] derived = derive(password, Base64.getDecoder().decode(salt), iterations);
        return MessageDigest.isEqual(derived, Base64.getDecoder().decode(hash));
    }

    /** Java hashes the UTF-8 octets of the password, as others do. */
    private static byte[] derive(String password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BITS);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    @Override
    public String toString() {
        return SCHEME + "$" + iterations + "$" + salt + "$" + hash;
    }
}
