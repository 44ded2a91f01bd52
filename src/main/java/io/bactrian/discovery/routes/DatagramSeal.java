package io.bactrian.discovery.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts and authenticates datagrams with AES-GCM and one key for the cluster: a random nonce of 12 octets, then the
 * cipher text with its tag of 16. Without a key they stay as they are. Thread-safe.
 */
final class DatagramSeal {
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int KEY_BYTES = 32;

    private final @Nullable SecretKey key;
    private final SecureRandom random = new SecureRandom();

    private DatagramSeal(@Nullable SecretKey key) {
        this.key = key;
    }

    /**
     * Reads the key.
     *
     * @param keyFile a file with 64 hexadecimal digits; empty for no key
     * @throws IllegalArgumentException if it cannot be read or is no key; it never shows the content
     */
    static DatagramSeal of(String keyFile) {
        if (keyFile.isEmpty()) {
            return new DatagramSeal(null);
        }
        try {
            byte[] bytes =
                    HexFormat.of().parseHex(Files.readString(Path.of(keyFile)).strip());
            if (bytes.length == KEY_BYTES) {
                return new DatagramSeal(new SecretKeySpec(bytes, "AES"));
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("bactrian.discovery.gossip.keyFile=" + keyFile
                    + " cannot be used; it must be a readable file with 64 hexadecimal digits, as"
                    + " 'openssl rand -hex 32' writes them");
        }
        throw new IllegalArgumentException(
                "bactrian.discovery.gossip.keyFile=" + keyFile + " must hold 64 hexadecimal digits");
    }

    byte[] seal(byte[] plain) {
        SecretKey secret = key;
        if (secret == null) {
            return plain;
        }
        try {
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, secret, new GCMParameterSpec(TAG_BITS, nonce));
            byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + cipher.getOutputSize(plain.length));
            cipher.doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a datagram cannot be encrypted: " + e.getMessage(), e);
        }
    }

    /** The datagram as it was before it was sealed, null if it was not sealed with this key. */
    byte @Nullable [] open(byte[] sealed) {
        SecretKey secret = key;
        if (secret == null) {
            return sealed;
        }
        if (sealed.length < NONCE_BYTES) {
            return null;
        }
        try {
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(Cipher.DECRYPT_MODE, secret, new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES));
            return cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }
}
