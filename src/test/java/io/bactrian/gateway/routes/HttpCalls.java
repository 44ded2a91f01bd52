package io.bactrian.gateway.routes;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The calls that clients of the reference system make: plain HTTP, redirects followed. */
final class HttpCalls {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Pattern DATA = Pattern.compile("\"data\":(.*)}$");

    private final HttpClient plain = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final HttpClient following = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.ALWAYS)
            .build();

    /** A GET without following redirects. */
    HttpResponse<String> get(String address, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address)).timeout(TIMEOUT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return plain.send(request.build(), BodyHandlers.ofString());
    }

    /** Status and text of a GET, as in {@code 200 Ready}. */
    String answer(String address, String... headers) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(address, headers);
        return answer.statusCode() + " " + answer.body();
    }

    HttpResponse<String> post(String address, String body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return plain.send(request.build(), BodyHandlers.ofString());
    }

    /** Registers a producer; the worker's address. */
    String register(GatewayNode balancer, long id) throws IOException, InterruptedException {
        return register(balancer.address(), id);
    }

    /** The same, for a balancer's address. */
    String register(String balancer, long id) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(balancer + "/register/" + id);
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    /** Posts a heartbeat; status and text of the answer. */
    String heartbeat(String worker, long id, String location, String data) throws IOException, InterruptedException {
        HttpResponse<String> answer = post(
                worker + "/heartbeat",
                "{\"id\": " + id + ", \"location\": \"" + location + "\", \"data\": " + data + "}");
        return answer.statusCode() + " " + answer.body();
    }

    /** What a consumer gets for a producer: the data, or status and text of what is no data. */
    String consume(GatewayNode balancer, long id) throws IOException, InterruptedException {
        return consume(balancer.address(), id);
    }

    /** The same, for a balancer's address. */
    String consume(String balancer, long id) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(balancer + "/get_data/" + id))
                .timeout(TIMEOUT)
                .build();
        return data(following.send(request, BodyHandlers.ofString()));
    }

    static String data(HttpResponse<String> answer) {
        Matcher data = DATA.matcher(answer.body());
        return answer.statusCode() == 200 && data.find() ? data.group(1) : answer.statusCode() + " " + answer.body();
    }
}
