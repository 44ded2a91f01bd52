package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is described is what the shipped routes serve. */
class GatewayOpenApiTest {
    private static final Pattern ROUTE =
            Pattern.compile("uri: platform-http-\\w+:(\\S+)\\s+parameters: \\{ httpMethodRestrict: (\\w+)\\b");

    /** What balancers and workers say to each other, and the description itself. */
    private static final Set<String> INTERNAL = Set.of(
            "POST /claim/{port}",
            "POST /replicate",
            "GET /snapshot",
            "POST /release",
            "POST /flush",
            "GET /ready",
            "GET /openapi.json",
            "GET /try");

    @ParameterizedTest
    @ValueSource(strings = {"balancer", "worker"})
    void everyPublicPathIsDescribedWithItsAnswers(String role) throws IOException {
        Set<String> served = new TreeSet<>();
        Matcher route = ROUTE.matcher(Files.readString(Path.of("routes/gateway/" + role + ".camel.yaml")));
        while (route.find()) {
            served.add(route.group(2) + " " + route.group(1));
        }
        served.removeAll(INTERNAL);
        Set<String> described = new TreeSet<>();
        JsonNode paths = new ObjectMapper()
                .readTree(GatewayOpenApiTest.class.getResource("/io/bactrian/gateway/" + role + ".openapi.json"))
                .get("paths");
        paths.properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    if (Set.of("get", "post").contains(method.getKey())) {
                        described.add(method.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
                        assertThat(method.getValue().get("responses").isEmpty())
                                .as(path.getKey())
                                .isFalse();
                    }
                }));
        assertThat(served).hasSizeGreaterThan(3);
        assertThat(described).isEqualTo(served);
    }
}
