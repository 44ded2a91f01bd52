package io.bactrian.app.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementPolicyTest {
    private static final ManagementPolicy POLICY = new ManagementPolicy(
            Set.of("/observe/health", "/q/dev/bactrian"),
            Set.of("/q/do/backup"),
            List.of("hub.example"),
            "t0ken",
            "",
            "");

    private static ManagementRequest request(String method, String path) {
        return new ManagementRequest(method, path, "127.0.0.1:5580", null, null, null, null);
    }

    private static ManagementRequest from(@Nullable String host, @Nullable String origin, @Nullable String site) {
        return new ManagementRequest("GET", "/observe/health", host, origin, site, null, null);
    }

    private static int status(ManagementPolicy policy, ManagementRequest request) {
        return policy.refusal(request).map(ManagementPolicy.Refusal::status).orElse(200);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /observe/health, 200",
        "GET, /q/dev/bactrian, 200",
        "POST, /observe/health, 405",
        "HEAD, /observe/health, 405",
        "OPTIONS, /observe/health, 405",
        "GET, /q/dev/send, 404",
        "GET, /q/dev/%73end, 404",
        "GET, /q/dev/bactrian/, 404",
        "GET, /q/dev/bactrian/../send, 404",
        "GET, //q/dev/bactrian, 404",
        "GET, /Q/DEV/BACTRIAN, 404",
        "GET, /, 404",
        "GET, /q/do/backup, 405",
        "POST, /q/do/backup, 403",
    })
    void servesOnlyThePathsOfItsLists(String method, String path, int status) {
        assertThat(status(POLICY, request(method, path))).isEqualTo(status);
    }

    @Test
    void anActionNeedsTheToken() {
        ManagementRequest with = new ManagementRequest("POST", "/q/do/backup", "localhost", null, null, null, "t0ken");
        ManagementRequest wrong = new ManagementRequest("POST", "/q/do/backup", "localhost", null, null, null, "t0kem");
        assertThat(status(POLICY, with)).isEqualTo(200);
        assertThat(status(POLICY, wrong)).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "LOCALHOST:5580", "127.0.0.1", "10.0.0.7:5580", "[::1]:5580", "hub.example:80"})
    void aHostThatIsOursOrAnAddressIsGood(String host) {
        assertThat(status(POLICY, from(host, null, null))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example", "localhost.evil.example", "hub.example.evil", "127.0.0.1.evil.example",
                        "localhost@evil",
                "evil#localhost", "[evil]", ":80", "1.2.3", "localhost, evil.example"
            })
    void aHostOfAnotherNameIsRefused(String host) {
        assertThat(status(POLICY, from(host, null, null))).isEqualTo(403);
    }

    @Test
    void aRequestWithoutAHostIsRefused() {
        assertThat(status(POLICY, from(null, null, null))).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:5580, same-origin, 200",
        "http://127.0.0.1:5580, , 200",
        ", none, 200",
        "http://evil.example, cross-site, 403",
        "http://evil.example, , 403",
        "null, , 403",
        "http://127.0.0.1:8080, , 403",
        ", cross-site, 403",
        ", same-site, 403",
    })
    void aPageOfAnotherSiteIsRefused(@Nullable String origin, @Nullable String site, int status) {
        assertThat(status(POLICY, from("127.0.0.1:5580", origin, site))).isEqualTo(status);
    }

    @Test
    void withAUserEveryPathNeedsItsPassword() {
        ManagementPolicy policy =
                new ManagementPolicy(Set.of("/observe/health"), Set.of(), List.of(), "t", "anna", "a:b");
        assertThat(status(policy, request("GET", "/observe/health"))).isEqualTo(401);
        assertThat(status(policy, request("GET", "/other"))).isEqualTo(401);
        assertThat(status(policy, with("anna:a:b"))).isEqualTo(200);
        assertThat(status(policy, with("anna:a"))).isEqualTo(401);
        assertThat(status(policy, with("bert:a:b"))).isEqualTo(401);
        assertThat(status(
                        policy,
                        new ManagementRequest("GET", "/observe/health", "localhost", null, null, "Basic !", null)))
                .isEqualTo(401);
    }

    private static ManagementRequest with(String credentials) {
        String basic = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        return new ManagementRequest("GET", "/observe/health", "localhost", null, null, basic, null);
    }
}
