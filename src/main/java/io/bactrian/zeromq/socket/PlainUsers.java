package io.bactrian.zeromq.socket;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admits the users of a file, with a line {@code user:hash} for each; empty lines and those that begin with a number
 * sign are passed over. The file is looked at when a peer asks, at most twice a second. To check a password takes
 * long, so that is done elsewhere and a password that was right is remembered, as its keyed digest, until the file
 * changes. {@link #decide} is called by one thread at a time.
 */
final class PlainUsers implements ZapAuthenticator {
    private static final Logger LOG = LoggerFactory.getLogger(PlainUsers.class);
    private static final long LOOK_NANOS = 500_000_000;
    private static final long BYTES_MAX = 16 << 20;
    private static final int REMEMBERED_MAX = 1_000;
    private static final int KEY_BYTES = 32;

    /** What an unknown user's password is compared with, so that the time tells nothing about who is known. */
    private static final PasswordHash NOBODY = PasswordHash.of("");

    private final Path file;
    private final LongSupplier nanoClock;
    private final SecretKeySpec remembering;
    private final Map<String, String> remembered = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED_MAX;
        }
    });
    private Map<String, PasswordHash> users = Map.of();
    private String seen = "";
    private long lookedAt;

    /** @throws IOException if the file cannot be read or a line of it is wrong */
    PlainUsers(Path file, LongSupplier nanoClock) throws IOException {
        this.file = file;
        this.nanoClock = nanoClock;
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        remembering = new SecretKeySpec(key, "HmacSHA256");
        seen = state();
        users = read();
        lookedAt = nanoClock.getAsLong();
    }

    @Override
    public void decide(Request request, Executor slow, Consumer<Decision> answer) {
        if (request.credentials().size() != 2) {
            answer.accept(new Decision(Decision.REFUSED, "-", "its credentials are not user and password"));
            return;
        }
        look();
        String user = new String(request.credentials().get(0), StandardCharsets.UTF_8);
        String password = new String(request.credentials().get(1), StandardCharsets.UTF_8);
        PasswordHash hash = users.get(user);
        String proof = proof(user, password, hash);
        if (hash != null && proof.equals(remembered.get(user))) {
            answer.accept(new Decision(Decision.ADMITTED, shown(user), "user and password are right"));
            return;
        }
        try {
            slow.execute(() -> answer.accept(check(user, password, hash, proof)));
        } catch (RejectedExecutionException e) {
            answer.accept(new Decision(Decision.LATER, shown(user), "too many passwords are being checked"));
        }
    }

    private Decision check(String user, String password, @Nullable PasswordHash hash, String proof) {
        boolean right = (hash == null ? NOBODY : hash).matches(password);
        if (hash == null) {
            return new Decision(Decision.REFUSED, shown(user), "the user is not in " + file);
        }
        if (!right) {
            return new Decision(Decision.REFUSED, shown(user), "the password is wrong");
        }
        remembered.put(user, proof);
        return new Decision(Decision.ADMITTED, shown(user), "user and password are right");
    }

    /** A name as it may stand in a log: one line, and not long. */
    private static String shown(String user) {
        String line = user.replaceAll("\\p{Cntrl}", "?");
        return "user " + (line.length() > 64 ? line.substring(0, 64) : line);
    }

    private String proof(String user, String password, @Nullable PasswordHash hash) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(remembering);
            String text = user + '\0' + password + '\0' + hash;
            return CurveKey.encode(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private void look() {
        long now = nanoClock.getAsLong();
        if (now - lookedAt < LOOK_NANOS) {
            return;
        }
        lookedAt = now;
        try {
            String there = state();
            if (!there.equals(seen)) {
                seen = there;
                users = read();
                LOG.info("users read file={} users={}", file, users.size());
            }
        } catch (IOException e) {
            LOG.error("the users cannot be read, nobody is admitted file={}", file, e);
            users = Map.of();
            seen = "";
        }
    }

    private String state() throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.size() > BYTES_MAX) {
            throw new IOException(file + " is larger than " + BYTES_MAX + " octets");
        }
        return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
    }

    private Map<String, PasswordHash> read() throws IOException {
        Map<String, PasswordHash> found = new HashMap<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            int colon = line.lastIndexOf(':');
            try {
                if (colon < 1) {
                    throw new IllegalArgumentException("it must be user:hash");
                }
                if (found.put(
                                line.substring(0, colon),
                                PasswordHash.parse(line.substring(colon + 1).strip()))
                        != null) {
                    throw new IllegalArgumentException("the user stands in it twice");
                }
            } catch (IllegalArgumentException e) {
                throw new IOException(file + " line " + number + " is wrong: " + e.getMessage(), e);
            }
        }
        return found;
    }
}
