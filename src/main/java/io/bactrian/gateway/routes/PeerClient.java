package io.bactrian.gateway.routes;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What balancers and workers say to each other over HTTP. Any thread. */
final class PeerClient {
    private final HttpClient client;
    private final String apiKey;

    /**
     * A client.
     *
     * @param trustFile a PEM file or keystore of certificates to trust, empty for those of Java
     * @param apiKey sent with each request, empty for none
     * @param executor runs the client's own work
     */
    PeerClient(String trustFile, String apiKey, Duration connectTimeout, Executor executor) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .executor(executor);
        if (!trustFile.isEmpty()) {
            builder.sslContext(PemTrust.context(trustFile));
        }
        this.client = builder.build();
        this.apiKey = apiKey;
    }

    /** Gets an address. The future fails if there is no answer in time. */
    CompletableFuture<HttpResponse<String>> get(String address, Duration timeout) {
        return send(HttpRequest.newBuilder(URI.create(address)).GET(), timeout);
    }

    /** Posts a text to an address. */
    CompletableFuture<HttpResponse<String>> post(String address, String body, Duration timeout) {
        return send(
                HttpRequest.newBuilder(URI.create(address)).POST(HttpRequest.BodyPublishers.ofString(body)), timeout);
    }

    private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request, Duration timeout) {
        request.timeout(timeout);
        if (!apiKey.isEmpty()) {
            request.header("X-API-Key", apiKey);
        }
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
}
