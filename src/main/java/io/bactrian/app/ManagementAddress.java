package io.bactrian.app;

import java.nio.file.Path;

/**
 * Where a management server is, and what it wants to see.
 *
 * @param host a host or an address
 * @param user empty if it wants none
 * @param tokenFile the token that actions need
 */
public record ManagementAddress(String host, long port, String user, String password, Path tokenFile) {
    /** The server that a configuration names. */
    public static ManagementAddress of(Configuration configuration) {
        return new ManagementAddress(
                configuration.get("bactrian.management.host"),
                configuration.number("bactrian.management.port"),
                configuration.get("bactrian.management.user"),
                configuration.get("bactrian.management.password"),
                Path.of(configuration.get("bactrian.management.tokenFile")));
    }

    /** Another server that wants to see the same. */
    public ManagementAddress at(String otherHost, long otherPort) {
        return new ManagementAddress(otherHost, otherPort, user, password, tokenFile);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
