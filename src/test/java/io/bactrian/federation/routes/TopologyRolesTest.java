package io.bactrian.federation.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.app.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node runs the route folders of the roles that the topology gives to it. */
class TopologyRolesTest {
    private static final String A = "nodes.root.a";

    @TempDir
    Path folder;

    /** A home with the shipped routes of nodes, and the role {@code greeter} with a folder of its own. */
    private Path home() throws IOException {
        Path home = Files.createDirectories(folder.resolve("home"));
        Path routes = Files.createDirectories(home.resolve("routes/federation"));
        try (Stream<Path> shipped = Files.list(Path.of("routes/federation"))) {
            for (Path route : shipped.toList()) {
                Files.copy(route, routes.resolve(route.getFileName()));
            }
        }
        Files.createDirectories(home.resolve("config"));
        Files.writeString(home.resolve("config/application-greeter.properties"), "bactrian.routes=greet/*\n");
        Files.createDirectories(home.resolve("routes/greet"));
        Files.writeString(home.resolve("routes/greet/actor-greet.camel.yaml"), """
                - route:
                    id: actor-greet
                    description: Greets.
                    from:
                      uri: direct:actor-greet
                      steps:
                        - setBody: { expression: { simple: { expression: "good day ${body}" } } }
                """);
        return home;
    }

    private static String topology(String roles) {
        return TestFederation.rootWithTwoChildren()
                .replace("owns: [tunnel.a]", "owns: [tunnel.a]\n        roles: " + roles);
    }

    @Test
    void theyRunThereAndNowhereElse() throws Exception {
        try (TestFederation nodes = new TestFederation(folder, topology("[greeter]"))) {
            nodes.home(home()).start(A, "nodes.root.b");
            assertThat(nodes.node(A).command("greet@" + A, "test", "you".getBytes(UTF_8)))
                    .isEqualTo("good day you");
            assertThat(nodes.application("nodes.root.b").context().getRoute("actor-greet"))
                    .isNull();
        }
    }

    @Test
    void aRoleThatIsNotThereIsAnErrorThatNamesTheNode() throws Exception {
        try (TestFederation nodes = new TestFederation(folder, topology("[greetr]"))) {
            assertThatThrownBy(() -> nodes.start(A))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("gives the role 'greetr' to " + A)
                    .hasMessageContaining("application-greetr.properties");
        }
    }
}
