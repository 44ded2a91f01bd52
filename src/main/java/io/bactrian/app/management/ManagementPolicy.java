package io.bactrian.app.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.support.text.BrowserPages;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of who may ask the management server for what. Reads are the paths of a list, by GET; actions are the
 * paths of another, by
 * POST with the token of this process. A page that a browser shows cannot ask for anything: its Host or its Origin is
 * another one, also when a name of its own resolves to this machine (DNS rebinding). Immutable, any thread.
 */
final class ManagementPolicy {
    /** The header that carries the token. */
    static final String TOKEN_HEADER = "X-Bactrian-Token";

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final String BASIC = "Basic ";

    private final Set<String> reads;
    private final Set<String> actions;
    private final Set<String> hosts;
    private final String token;
    private final byte @Nullable [] credentials;

    /**
     * A policy.
     *
     * @param reads the paths that GET may ask for
     * @param actions the paths that POST may ask for
     * @param hosts the names under which this server is known, apart from localhost and addresses
     * @param token what an action must bring
     * @param user who may ask; empty for everybody
     */
    ManagementPolicy(
            Set<String> reads, Set<String> actions, List<String> hosts, String token, String user, String password) {
        this.reads = Set.copyOf(reads);
        this.actions = Set.copyOf(actions);
        Set<String> known = new HashSet<>(Set.of("localhost"));
        hosts.forEach(host -> known.add(host.toLowerCase(Locale.ROOT)));
        this.hosts = Set.copyOf(known);
        this.token = token;
        this.credentials = user.isEmpty() ? null : (user + ":" + password).getBytes(UTF_8);
    }

    /**
     * Why a request is not answered.
     *
     * @param status of HTTP
     * @param reason what is wrong, and what to do
     */
    record Refusal(int status, String reason) {}

    /** Why a request is refused; empty if it is answered. */
    Optional<Refusal> refusal(ManagementRequest request) {
        if (!isKnown(request.host())) {
            return refuse(
                    FORBIDDEN,
                    "the Host of the request is not a name of this server; add it to bactrian.management.hosts");
        }
        if (BrowserPages.isOfAnotherSite(request.fetchSite(), request.origin(), request.host())) {
            return refuse(FORBIDDEN, "pages of other sites may not ask this server");
        }
        if (credentials != null && !isCredentials(request.authorization())) {
            return refuse(UNAUTHORIZED, "give the user and the password of bactrian.management");
        }
        if (actions.contains(request.path())) {
            return action(request);
        }
        if (!reads.contains(request.path())) {
            return refuse(
                    NOT_FOUND,
                    "not served here; served are "
                            + String.join(", ", reads.stream().sorted().toList()));
        }
        return request.method().equals("GET")
                ? Optional.empty()
                : refuse(METHOD_NOT_ALLOWED, "this path is only read, by GET");
    }

    private Optional<Refusal> action(ManagementRequest request) {
        if (!request.method().equals("POST")) {
            return refuse(METHOD_NOT_ALLOWED, "this path acts, and only by POST");
        }
        String given = request.token();
        return given != null && MessageDigest.isEqual(given.getBytes(UTF_8), token.getBytes(UTF_8))
                ? Optional.empty()
                : refuse(
                        FORBIDDEN,
                        "an action needs the header " + TOKEN_HEADER
                                + " with what is in the file bactrian.management.tokenFile");
    }

    /** An address cannot be rebound, so any is good; a name must be one of ours. */
    private boolean isKnown(@Nullable String host) {
        return host != null && hosts.contains(BrowserPages.name(host));
    }

    private boolean isCredentials(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return false;
        }
        try {
            byte[] given = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).strip());
            return MessageDigest.isEqual(given, credentials);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static Optional<Refusal> refuse(int status, String reason) {
        return Optional.of(new Refusal(status, reason));
    }
}
