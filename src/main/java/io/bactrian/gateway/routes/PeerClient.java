package io.bactrian.gateway.routes;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP client with which balancers and workers call each other. Whoever answers may be anybody: an answer has a
 * bound, and must be complete in
 * time. Any thread.
 */
final class PeerClient {
    private final HttpClient client;
    private final String apiKey;
    private final int answerMax;

    /**
     * A client.
     *
     * @param trustFile a PEM file or keystore of certificates to trust, empty for those of Java
     * @param apiKey sent with each request, empty for none
     * @param answerMax how long an answer may be, in octets, unless a call says otherwise
     * @param executor runs the client's own work
     */
    PeerClient(String trustFile, String apiKey, Duration connectTimeout, int answerMax, Executor executor) {
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
        this.answerMax = answerMax;
    }

    /** Gets an address. The future fails if there is no complete answer in time, or the address is none. */
    CompletableFuture<HttpResponse<String>> get(String address, Duration timeout) {
        return get(address, timeout, answerMax);
    }

    /** Gets an address whose answer has so many octets at most. */
    CompletableFuture<HttpResponse<String>> get(String address, Duration timeout, int octetsMax) {
        return send(address, HttpRequest.newBuilder().GET(), timeout, octetsMax);
    }

    /** Posts a text to an address. */
    CompletableFuture<HttpResponse<String>> post(String address, String body, Duration timeout) {
        return send(
                address, HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(body)), timeout, answerMax);
    }

    private CompletableFuture<HttpResponse<String>> send(
            String address, HttpRequest.Builder builder, Duration timeout, int octetsMax) {
        HttpRequest request;
        try {
            builder.uri(URI.create(address)).timeout(timeout);
            if (!apiKey.isEmpty()) {
                builder.header("X-API-Key", apiKey);
            }
            request = builder.build();
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<HttpResponse<String>> call = client.sendAsync(request, head -> new BoundedText(octetsMax));
        // The client's own timeout ends with the head of the answer.
        return call.copy().orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).whenComplete((answer, failure) -> {
            if (failure != null) {
                boolean unused = call.cancel(true);
            }
        });
    }
}
