package io.bactrian.federation.routes;

import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.Signatures;
import io.bactrian.federation.core.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Signatures by the Ed25519 keys of the topology. For one thread. Source: RFC 8032. */
final class Ed25519Signatures implements Signatures {
    private static final Logger LOG = LoggerFactory.getLogger(Ed25519Signatures.class);
    private static final String ALGORITHM = "Ed25519";
    private static final int KEY_BYTES = 32;

    private final PrivateKey own;
    private final Map<String, List<PublicKey>> keys = new HashMap<>();

    Ed25519Signatures(Topology topology, Member self, Path folder) {
        this.own = read(file(folder, self));
        topology.nodes()
                .forEach(node -> node.members().forEach(member -> {
                    if (!member.signKey().isEmpty()) {
                        keys.computeIfAbsent(member.node(), id -> new ArrayList<>())
                                .add(publicKey(member.signKey()));
                    }
                }));
    }

    /** The file with the secret key of a process. */
    static Path file(Path folder, Member member) {
        return folder.resolve(member.id() + ".sign_secret");
    }

    /** A new pair: the public key as the topology has it, and the text of the secret file. */
    static String[] generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            return new String[] {
                text((EdECPublicKey) pair.getPublic()),
                Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()) + "\n"
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + ALGORITHM, e);
        }
    }

    private static PrivateKey read(Path file) {
        try {
            byte[] octets = Base64.getDecoder().decode(Files.readString(file).strip());
            return KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(octets));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the signing key " + file + " cannot be read: make it by bactrian topology keygen", e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " holds no signing key: make it by bactrian topology keygen", e);
        }
    }

    /** The public key as 32 octets in Base64: the y coordinate, little-endian, and the sign of x in the highest bit. */
    private static String text(EdECPublicKey key) {
        byte[] octets = new byte[KEY_BYTES];
        byte[] y = key.getPoint().getY().toByteArray();
        for (int i = 0; i < Math.min(KEY_BYTES, y.length); i++) {
            octets[i] = y[y.length - 1 - i];
        }
        if (key.getPoint().isXOdd()) {
            octets[KEY_BYTES - 1] |= (byte) 0x80;
        }
        return Base64.getEncoder().encodeToString(octets);
    }

    private static PublicKey publicKey(String text) {
        byte[] octets = Base64.getDecoder().decode(text);
        boolean odd = (octets[KEY_BYTES - 1] & 0x80) != 0;
        byte[] y = new byte[KEY_BYTES];
        for (int i = 0; i < KEY_BYTES; i++) {
            y[i] = octets[KEY_BYTES - 1 - i];
        }
        y[0] &= 0x7f;
        try {
            return KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new EdECPublicKeySpec(
                            NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, y))));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no signing key: " + text, e);
        }
    }

    @Override
    public String sign(byte[] octets) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(own);
            signature.update(octets);
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign", e);
        }
    }

    @Override
    public boolean valid(String node, byte[] octets, String text) {
        try {
            byte[] given = Base64.getDecoder().decode(text);
            for (PublicKey key : keys.getOrDefault(node, List.of())) {
                Signature signature = Signature.getInstance(ALGORITHM);
                signature.initVerify(key);
                signature.update(octets);
                if (signature.verify(given)) {
                    return true;
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            LOG.debug("a signature in the name of {} is malformed", node, e);
        }
        return false;
    }
}
