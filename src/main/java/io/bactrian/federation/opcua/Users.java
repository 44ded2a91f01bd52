package io.bactrian.federation.opcua;

import io.bactrian.federation.opcua.OpcUaSettings.Rights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The users who may read and write. The file of users has a line {@code NAME RIGHTS PASSWORD} for each, RIGHTS being
 * {@code read} or
 * {@code write}; empty lines and lines that begin with # are passed over. Immutable.
 */
final class Users {
    private record User(Rights rights, String password) {}

    private final Rights anonymous;
    private final Map<String, User> users;

    private Users(Rights anonymous, Map<String, User> users) {
        this.anonymous = anonymous;
        this.users = Map.copyOf(users);
    }

    /** Reads the file, if one is configured; {@link IllegalArgumentException} names the line that is wrong. */
    static Users of(OpcUaSettings settings) {
        return settings.users().isEmpty()
                ? new Users(settings.anonymous(), Map.of())
                : new Users(settings.anonymous(), read(Path.of(settings.users())));
    }

    private static Map<String, User> read(Path file) {
        Map<String, User> users = new HashMap<>();
        try {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                String text = line.strip();
                if (text.isEmpty() || text.startsWith("#")) {
                    continue;
                }
                String[] words = text.split("\\s+", 3);
                if (words.length < 3 || !(words[1].equals("read") || words[1].equals("write"))) {
                    throw new IllegalArgumentException(
                            file + " line " + number + ": give NAME read PASSWORD or NAME write PASSWORD");
                }
                User user = new User(Rights.parse(words[1]), words[2]);
                if (users.put(words[0], user) != null) {
                    throw new IllegalArgumentException(file + " line " + number + ": " + words[0] + " is there twice");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the users of OPC UA cannot be read from " + file + ", see bactrian.federation.opcua.users", e);
        }
        return users;
    }

    /** Whether clients may come without a user. */
    boolean admitsAnonymous() {
        return anonymous != Rights.NONE;
    }

    /** Whether there are users. */
    boolean any() {
        return !users.isEmpty();
    }

    /** Whether a password is right; takes the same time for any wrong one. */
    boolean admits(String name, String password) {
        User user = users.get(name);
        byte[] known = octets(user == null ? "" : user.password());
        return MessageDigest.isEqual(known, octets(password)) && user != null;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What a user may do; null for a client without one. */
    Rights rights(@Nullable String name) {
        if (name == null) {
            return anonymous;
        }
        User user = users.get(name);
        return user == null ? Rights.NONE : user.rights();
    }
}
