package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.support.text.FileErrors;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKey;
import io.bactrian.zeromq.socket.CurveKeys;
import io.bactrian.zeromq.socket.Security;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks the options of an endpoint's security together, and reads its keys. */
final class ZeroMqSecuritySettings {
    /** JeroMQ reads the length of a user or password as a signed octet. */
    private static final int PLAIN_OCTETS_MAX = 127;

    /** JeroMQ has so much room for the routing id in the handshake of CURVE. */
    private static final int ROUTING_ID_OCTETS_MAX = 200;

    private static final int ZAP_DOMAIN_MAX = 255;

    private final ZeroMqConfiguration c;
    private final boolean binding;
    private final List<String> wrong;

    private ZeroMqSecuritySettings(ZeroMqConfiguration c, boolean binding, List<String> wrong) {
        this.c = c;
        this.binding = binding;
        this.wrong = wrong;
    }

    /**
     * The security of a socket.
     *
     * @param wrong takes what is wrong, with what would be right; nothing in it shows a secret. If there is anything
     *     the result is of no use
     */
    static Security of(ZeroMqConfiguration c, boolean binding, Collection<String> addresses, List<String> wrong) {
        ZeroMqSecuritySettings settings = new ZeroMqSecuritySettings(c, binding, wrong);
        if (c.getSecurity() != ZeroMqSecurity.none && addresses.stream().anyMatch(a -> a.startsWith("inproc:"))) {
            wrong.add("security=" + c.getSecurity() + " is not for inproc addresses, set security=none");
        }
        return switch (c.getSecurity()) {
            case none -> settings.none();
            case plain -> settings.plain();
            case curve -> settings.curve();
        };
    }

    private Map<String, Boolean> curveOptions() {
        Map<String, Boolean> set = new LinkedHashMap<>();
        set.put("curveServer", c.getCurveServer() != null);
        set.put("curveKeyFile", c.getCurveKeyFile() != null);
        set.put("curvePublicKey", c.getCurvePublicKey() != null);
        set.put("curveSecretKey", c.getCurveSecretKey() != null);
        set.put("curveServerKey", c.getCurveServerKey() != null);
        set.put("curveServerKeyFile", c.getCurveServerKeyFile() != null);
        set.put("curveClientKeys", c.getCurveClientKeys() != null);
        set.put("curveAllowAnyClient", c.isCurveAllowAnyClient());
        return set;
    }

    private Map<String, Boolean> plainOptions() {
        Map<String, Boolean> set = new LinkedHashMap<>();
        set.put("plainUsers", c.getPlainUsers() != null);
        set.put("plainUsername", c.getPlainUsername() != null);
        set.put("plainPassword", c.getPlainPassword() != null);
        return set;
    }

    private void reject(Map<String, Boolean> options, String unless) {
        options.forEach((name, set) -> {
            if (set) {
                wrong.add(name + " is set, so set " + unless + " or remove it");
            }
        });
    }

    private Security none() {
        reject(curveOptions(), "security=curve");
        reject(plainOptions(), "security=plain");
        if (c.getZapDomain() != null) {
            wrong.add("zapDomain is set, so set security=plain or security=curve or remove it");
        }
        return Security.none();
    }

    private Security plain() {
        reject(curveOptions(), "security=curve");
        String users = c.getPlainUsers();
        String name = c.getPlainUsername();
        String password = c.getPlainPassword();
        if (users != null) {
            if (name != null || password != null) {
                wrong.add("plainUsers makes this socket the server and plainUsername and plainPassword a client,"
                        + " remove the one or the others");
            }
            if (!Files.isReadable(Path.of(users))) {
                wrong.add("plainUsers=" + users + " cannot be read, it must be a file of lines user:hash");
            }
            checkDomain();
            return new Security.PlainServer(Path.of(users), c.getZapDomain());
        }
        if (name == null || password == null) {
            wrong.add("security=plain needs plainUsers at the server, or plainUsername and plainPassword at a client");
            return Security.none();
        }
        atMost("plainUsername", name, PLAIN_OCTETS_MAX);
        atMost("plainPassword", password, PLAIN_OCTETS_MAX);
        rejectDomain();
        return new Security.PlainClient(name, password);
    }

    private Security curve() {
        reject(plainOptions(), "security=plain");
        String routingId = c.getRoutingId();
        if (routingId != null) {
            atMost("routingId", routingId, ROUTING_ID_OCTETS_MAX);
        }
        CurveKeys keys = keys();
        Boolean server = c.getCurveServer();
        boolean serving =
                server == null ? binding && c.getCurveServerKey() == null && c.getCurveServerKeyFile() == null : server;
        return serving ? server(keys) : client(keys);
    }

    private Security server(@Nullable CurveKeys keys) {
        String folder = c.getCurveClientKeys();
        for (String option : List.of("curveServerKey", "curveServerKeyFile")) {
            if (Objects.equals(curveOptions().get(option), true)) {
                wrong.add(option + " is for a client, remove it or set curveServer=false");
            }
        }
        if (folder == null && !c.isCurveAllowAnyClient()) {
            wrong.add("a CURVE server must know whom it admits: set curveClientKeys to the folder of the clients'"
                    + " certificates, or curveAllowAnyClient=true to admit everybody");
        }
        if (folder != null && c.isCurveAllowAnyClient()) {
            wrong.add("curveAllowAnyClient=true and curveClientKeys contradict each other, remove one");
        }
        if (folder != null && !Files.isDirectory(Path.of(folder))) {
            wrong.add("curveClientKeys=" + folder + " must be a folder");
        }
        checkDomain();
        return keys == null
                ? Security.none()
                : new Security.CurveServer(keys, folder == null ? null : Path.of(folder), c.getZapDomain());
    }

    private Security client(@Nullable CurveKeys keys) {
        if (c.getCurveClientKeys() != null) {
            wrong.add("curveClientKeys is for a server, remove it or set curveServer=true");
        }
        if (c.isCurveAllowAnyClient()) {
            wrong.add("curveAllowAnyClient is for a server, remove it or set curveServer=true");
        }
        rejectDomain();
        CurveKey serverKey = serverKey();
        return keys == null || serverKey == null ? Security.none() : new Security.CurveClient(keys, serverKey);
    }

    private @Nullable CurveKeys keys() {
        String file = c.getCurveKeyFile();
        String secret = c.getCurveSecretKey();
        if (file != null && (secret != null || c.getCurvePublicKey() != null)) {
            wrong.add("curveKeyFile holds both keys, remove it or curveSecretKey and curvePublicKey");
            return null;
        }
        if (file != null) {
            CurveCertificate certificate = certificate("curveKeyFile", file);
            if (certificate != null && certificate.keys() == null) {
                wrong.add("curveKeyFile=" + file + " has no secret-key, it must be the secret certificate");
            }
            return certificate == null ? null : certificate.keys();
        }
        if (secret == null) {
            wrong.add("security=curve needs the own keys: set curveKeyFile to a file of bactrian keygen,"
                    + " or curveSecretKey");
            return null;
        }
        try {
            return CurveKeys.of(secret, c.getCurvePublicKey());
        } catch (IllegalArgumentException e) {
            wrong.add("curveSecretKey or curvePublicKey " + e.getMessage());
            return null;
        }
    }

    private @Nullable CurveKey serverKey() {
        String key = c.getCurveServerKey();
        String file = c.getCurveServerKeyFile();
        if ((key == null) == (file == null)) {
            wrong.add(
                    key == null
                            ? "a CURVE client must know its server: set curveServerKey, or curveServerKeyFile to the"
                                    + " server's public certificate"
                            : "curveServerKey and curveServerKeyFile are both set, remove one");
            return null;
        }
        if (file != null) {
            CurveCertificate certificate = certificate("curveServerKeyFile", file);
            return certificate == null ? null : certificate.publicKey();
        }
        try {
            return CurveKey.parse(Objects.requireNonNull(key));
        } catch (IllegalArgumentException e) {
            wrong.add("curveServerKey " + e.getMessage());
            return null;
        }
    }

    private @Nullable CurveCertificate certificate(String option, String file) {
        try {
            return CurveCertificate.read(Path.of(file));
        } catch (IOException e) {
            wrong.add(option + "=" + file + " cannot be used: " + FileErrors.why(e));
            return null;
        }
    }

    private void checkDomain() {
        String domain = c.getZapDomain();
        if (domain != null
                && (domain.isEmpty()
                        || domain.length() > ZAP_DOMAIN_MAX
                        || domain.chars().anyMatch(o -> o > 126))) {
            wrong.add("zapDomain must have 1 to " + ZAP_DOMAIN_MAX + " ASCII characters");
        }
    }

    private void rejectDomain() {
        if (c.getZapDomain() != null) {
            wrong.add("zapDomain is for a server, remove it");
        }
    }

    private void atMost(String name, String value, int octets) {
        if (value.getBytes(UTF_8).length > octets) {
            wrong.add(name + " must have at most " + octets + " octets with security=" + c.getSecurity());
        }
    }
}
