package io.bactrian.zeromq.socket;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the connections of a socket are secured. Equal for sockets that may be shared; its text shows no secret.
 * Source: RFC 23/ZMTP, 24/ZMTP-PLAIN, 25/ZMTP-CURVE, 27/ZAP.
 */
public sealed interface Security {

    /** Everything in clear, everybody admitted. */
    static Security none() {
        return new None();
    }

    /** Whether it asks a ZAP handler about its peers. */
    default boolean admits() {
        return false;
    }

    /** Whether frames are encrypted. */
    default boolean encrypts() {
        return false;
    }

    /** Everything in clear, everybody admitted. */
    record None() implements Security {
        @Override
        public String toString() {
            return "none";
        }
    }

    /**
     * Asks peers for a user and a password, which cross the network in clear.
     *
     * @param users the file of users, read again when it changes
     * @param zapDomain domain of ZAP, or null for one that nobody else has
     */
    record PlainServer(Path users, @Nullable String zapDomain) implements Security {
        @Override
        public boolean admits() {
            return true;
        }
    }

    /** Gives a user and a password, in clear. */
    record PlainClient(String username, String password) implements Security {
        @Override
        public String toString() {
            return "PlainClient[username=" + username + "]";
        }
    }

    /**
     * Proves to have its secret key, and admits peers by their public keys.
     *
     * @param keys own keys
     * @param clientKeys the folder of admitted certificates, read again when it changes; null admits every key
     * @param zapDomain domain of ZAP, or null for one that nobody else has
     */
    record CurveServer(
            CurveKeys keys,
            @Nullable Path clientKeys,
            @Nullable String zapDomain) implements Security {
        @Override
        public boolean admits() {
            return true;
        }

        @Override
        public boolean encrypts() {
            return true;
        }
    }

    /** Talks only to servers that have the secret key of a public one. */
    record CurveClient(CurveKeys keys, CurveKey serverKey) implements Security {
        @Override
        public boolean encrypts() {
            return true;
        }
    }
}
