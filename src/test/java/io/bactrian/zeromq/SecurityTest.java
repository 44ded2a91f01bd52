package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Capture;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import io.bactrian.zeromq.socket.PasswordHash;
import io.bactrian.zeromq.socket.SocketCounters.Counter;
import io.bactrian.zeromq.socket.SocketView;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CURVE and PLAIN between endpoints of the component. */
@Tag("slow")
class SecurityTest extends ZeroMqTest {
    private static final CurveKeys SERVER = UriKeys.generate();
    private static final CurveKeys CLIENT = UriKeys.generate();
    private static final CurveKeys STRANGER = CurveKeys.generate();

    @TempDir
    Path folder;

    private Path admitted;
    private String server;
    private String client;
    private String stranger;

    @BeforeEach
    void write() throws Exception {
        admitted = Files.createDirectory(folder.resolve("admitted"));
        admit(CLIENT, "client");
        server = "security=curve&curveKeyFile=" + secret(SERVER, "server") + "&curveClientKeys=" + admitted;
        String serverKey = "&curveServerKeyFile=" + open(SERVER, folder.resolve("server.key"));
        client = "security=curve&linger=0&curveKeyFile=" + secret(CLIENT, "client") + serverKey;
        stranger = "security=curve&linger=0&curveKeyFile=" + secret(STRANGER, "stranger") + serverKey;
    }

    private void admit(CurveKeys keys, String name) throws Exception {
        open(keys, admitted.resolve(name));
    }

    private Path secret(CurveKeys keys, String name) throws Exception {
        return Files.writeString(folder.resolve(name), CurveCertificate.secretText(keys, Map.of()));
    }

    private static Path open(CurveKeys keys, Path file) throws Exception {
        return Files.writeString(file, CurveCertificate.publicText(keys.publicKey(), Map.of()));
    }

    private SocketView socket(String kind) {
        return sockets().stream()
                .filter(s -> s.settings().bind() && s.settings().kind().name().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private long count(String kind, Counter counter) {
        return socket(kind).counters().get(counter);
    }

    @Test
    @ShowsEffectOf({"security", "curveKeyFile", "curveServerKeyFile", "curveClientKeys"})
    void anAdmittedKeyGetsInAndAStrangerDoesNotUntilItsKeyIsThere() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?" + server);
        send("zeromq:push:" + address + "?socketName=friend&" + client, "from a friend");
        await().until(() -> bodies().equals(List.of("from a friend")));
        assertThat(count("pull", Counter.ADMITTED)).isEqualTo(1);
        assertThat(count("pull", Counter.REFUSED)).isZero();

        String push = "zeromq:push:" + address + "?reconnectIntervalMax=500&" + stranger;
        send(push, "thrown away with the refused connection");
        await().until(() -> count("pull", Counter.REFUSED) >= 1);
        assertThat(sockets())
                .anySatisfy(
                        s -> assertThat(s.counters().get(Counter.NOT_ADMITTED)).isPositive());
        admit(STRANGER, "stranger");
        await().atMost(Duration.ofSeconds(60)).until(() -> count("pull", Counter.ADMITTED) == 2);
        send(push, "from a stranger");
        await().until(() -> bodies().contains("from a stranger"));
    }

    @Test
    @ShowsEffectOf("curveAllowAnyClient")
    void everyKeyGetsInWhereThatIsWanted() throws Exception {
        String any = "security=curve&curveAllowAnyClient=true&curveKeyFile=" + secret(SERVER, "server");
        String address = consume("zeromq:pull:" + FREE + "?" + any);
        send("zeromq:push:" + address + "?" + stranger, "x");
        await().until(() -> bodies().equals(List.of("x")));
    }

    @Test
    @ShowsEffectOf({"curveSecretKey", "curvePublicKey", "curveServerKey"})
    void keysAreGivenAsPropertiesToo() throws Exception {
        context.getPropertiesComponent().addInitialProperty("server.secret", SERVER.secretZ85());
        context.getPropertiesComponent()
                .addInitialProperty("server.public", SERVER.publicKey().z85());
        context.getPropertiesComponent().addInitialProperty("client.secret", CLIENT.secretZ85());
        String pull = "zeromq:pull:" + FREE + "?security=curve&curveSecretKey=RAW({{server.secret}})&curvePublicKey="
                + "RAW({{server.public}})&curveClientKeys=" + admitted;
        String address = consume(pull);
        String push = "zeromq:push:" + address + "?security=curve&curveSecretKey=RAW({{client.secret}})"
                + "&curveServerKey=RAW({{server.public}})";
        assertThat(send(push, "x").getException()).isNull();
        await().until(() -> bodies().equals(List.of("x")));
        assertThat(context.getEndpoints().toString())
                .doesNotContain(SERVER.secretZ85())
                .doesNotContain(CLIENT.secretZ85());
        assertThat(socket("pull").settings().toString()).doesNotContain(SERVER.secretZ85());
    }

    @Test
    @ShowsEffectOf("curveServer")
    void theSideThatConnectsCanBeTheServer() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?curveServer=false&" + client.replace("linger=0&", ""));
        send("zeromq:push:" + address + "?curveServer=true&" + server, "x");
        await().until(() -> bodies().equals(List.of("x")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"pull push", "sub pub", "xsub xpub", "rep req", "router dealer", "dealer router", "pair pair"})
    void everySocketTypeIsSecured(String pair) throws Exception {
        String bound = pair.split(" ")[0];
        String other = pair.split(" ")[1];
        String uri = "zeromq:" + bound + ":" + FREE + "?bind=true&" + (bound.equals("dealer") ? "routingId=me&" : "")
                + (bound.equals("xsub") ? "subscribe=*&" : "") + server;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri)
                        .process(received::add)
                        .choice()
                        .when(e -> bound.equals("rep"))
                        .setBody(constant("answer"));
            }
        });
        String producer = "zeromq:" + other + ":" + bound(uri) + "?bind=false&" + client;
        Map<String, Object> headers = Map.of(ZeroMqConstants.ROUTING_ID, bytes("me"));
        if (bound.equals("rep")) {
            assertThat(context.createProducerTemplate().requestBody(producer, "x", String.class))
                    .isEqualTo("answer");
        } else {
            await().until(() -> {
                send(producer, "x", headers);
                return !received.isEmpty();
            });
            assertThat(bodies()).contains("x");
        }
        assertThat(count(bound, Counter.ADMITTED)).isEqualTo(1);
        String once = other.equals("req") ? "requestTimeout=500&retries=0&" : "";
        send("zeromq:" + other + ":" + bound(uri) + "?bind=false&socketName=2&" + once + stranger, "y", headers);
        await().until(() -> count(bound, Counter.REFUSED) >= 1);
        assertThat(bodies()).doesNotContain("y");
    }

    @Test
    @ShowsEffectOf("routingId")
    void theLongestRoutingIdFitsIntoTheHandshake() throws Exception {
        String id = "r".repeat(200);
        String address = consume("zeromq:router:" + FREE + "?" + server);
        send("zeromq:dealer:" + address + "?routingId=" + id + "&" + client, "x");
        await().until(() -> !received.isEmpty());
        assertThat(received.element().getMessage().getHeader(ZeroMqConstants.ROUTING_ID, String.class))
                .isEqualTo(id);
    }

    @Test
    void aBodyThatLooksLikeACommandOfCurveArrives() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?" + server);
        send("zeromq:push:" + address + "?" + client, "\7MESSAGE" + "x".repeat(100));
        await().until(() -> bodies().equals(List.of("\7MESSAGE" + "x".repeat(100))));
    }

    @Test
    void theLargestFrameIsThatOfTheOptionAlsoEncrypted() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?maxFrameBytes=1000&" + server);
        send("zeromq:push:" + address + "?socketName=a&" + client, new byte[1_000]);
        await().until(() -> received.size() == 1);
        send("zeromq:push:" + address + "?socketName=b&" + client, new byte[1_001]);
        await().until(() -> count("pull", Counter.DISCONNECTED) > 0);
        assertThat(received).hasSize(1);
    }

    @Test
    void unixSocketsAreSecuredToo() throws Exception {
        String pull = "zeromq:pull:ipc://" + folder.resolve("socket") + "?" + server;
        consume(pull);
        send("zeromq:push:ipc://" + folder.resolve("socket") + "?" + client, "x");
        await().until(() -> bodies().equals(List.of("x")));
        send("zeromq:push:ipc://" + folder.resolve("socket") + "?socketName=2&" + stranger, "x");
        await().until(() -> count("pull", Counter.REFUSED) >= 1);
    }

    @Test
    void aPeerWithoutCurveIsNotHeard() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?" + server);
        send("zeromq:push:" + address + "?linger=0", "in clear");
        await().until(() -> count("pull", Counter.DISCONNECTED) >= 2);
        assertThat(received).isEmpty();
    }

    @Test
    @ShowsEffectOf({"plainUsers", "plainUsername", "plainPassword"})
    void usersGetInByTheirPasswords() throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "ann:" + PasswordHash.of("right", 1_000) + "\n");
        String address = consume("zeromq:pull:" + FREE + "?security=plain&plainUsers=" + users);
        String push = "zeromq:push:" + address + "?linger=0&security=plain&plainUsername=ann&plainPassword=";
        send(push + "wrong&socketName=1", "wrong");
        await().until(() -> count("pull", Counter.REFUSED) >= 1);
        send(push + "right&socketName=2", "right");
        await().until(() -> bodies().equals(List.of("right")));
        assertThat(context.getEndpoints().toString()).doesNotContain("plainPassword=right");
    }

    @Test
    @ShowsEffectOf("securityPrefix")
    void theSecurityIsThatOfTheProperties() throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "ann:" + PasswordHash.of("right", 1_000));
        context.getPropertiesComponent().addInitialProperty("in", "plain");
        context.getPropertiesComponent().addInitialProperty("in.plainUsers", users.toString());
        String address = consume("zeromq:pull:" + FREE + "?securityPrefix=in");
        send("zeromq:push:" + address + "?linger=0&socketName=1", "in clear");
        send("zeromq:push:" + address + "?socketName=2&security=plain&plainUsername=ann&plainPassword=right", "x");
        await().until(() -> bodies().contains("x"));
        assertThat(count("pull", Counter.ADMITTED)).isEqualTo(1);
        assertThat(bodies()).containsExactly("x");
    }

    @Test
    @ShowsEffectOf("zapDomain")
    void aDomainIsThatOfOneSocket() throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "ann:" + PasswordHash.of("right", 1_000));
        String options = "?security=plain&zapDomain=one&plainUsers=" + users;
        consume("zeromq:pull:" + FREE + options);
        assertThatThrownBy(() -> consume("zeromq:rep:" + FREE + options))
                .hasStackTraceContaining("zapDomain=one is taken by another socket");
    }

    @Test
    void aHelloThatJeroMqCannotReadHarmsNobodyElse() throws Exception {
        Path users = Files.writeString(folder.resolve("users"), "ann:" + PasswordHash.of("right", 1_000));
        String address = consume("zeromq:pull:" + FREE + "?security=plain&plainUsers=" + users);
        byte[] greeting = new byte[64];
        greeting[0] = (byte) 0xFF;
        greeting[9] = 0x7F;
        greeting[10] = 3;
        System.arraycopy(bytes("PLAIN"), 0, greeting, 12, 5);
        // JeroMQ takes the length of the user, 255, for -1.
        byte[] hello = {4, 8, 5, 'H', 'E', 'L', 'L', 'O', (byte) 0xFF, 0};
        try (Socket peer = new Socket("127.0.0.1", URI.create(address).getPort())) {
            peer.getOutputStream().write(greeting);
            assertThat(peer.getInputStream().readNBytes(64)).hasSize(64);
            peer.getOutputStream().write(hello);
            peer.getOutputStream().flush();
            send("zeromq:push:" + address + "?security=plain&plainUsername=ann&plainPassword=right", "x");
            await().until(() -> bodies().equals(List.of("x")));
            assertThat(socket("pull").failure()).isNull();
        }
    }

    @Test
    void twoServersOfOneContextHaveTheirOwnUsers() throws Exception {
        Path anns = Files.writeString(folder.resolve("1"), "ann:" + PasswordHash.of("a", 1_000));
        Path bobs = Files.writeString(folder.resolve("2"), "bob:" + PasswordHash.of("b", 1_000));
        String first = consume("zeromq:pull:" + FREE + "?socketName=1&security=plain&plainUsers=" + anns);
        String second = consume("zeromq:rep:" + FREE + "?security=plain&plainUsers=" + bobs);
        send("zeromq:push:" + first + "?linger=0&security=plain&plainUsername=bob&plainPassword=b", "x");
        await().until(() -> count("pull", Counter.REFUSED) == 1);
        Exchange answer = context.createProducerTemplate()
                .request(
                        "zeromq:req:" + second + "?security=plain&plainUsername=bob&plainPassword=b",
                        e -> e.getMessage().setBody("y"));
        assertThat(answer.getException()).isNull();
        assertThat(bodies()).containsExactly("y");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "curve"})
    void onlyEncryptedTrafficShowsNoPlaintext(String security) throws Exception {
        boolean curve = security.equals("curve");
        String address = consume("zeromq:pull:" + FREE + (curve ? "?" + server : ""));
        try (Capture capture = new Capture(URI.create(address).getPort())) {
            send("zeromq:push:tcp://127.0.0.1:" + capture.port() + (curve ? "?" + client : ""), "the plain text of it");
            await().until(() -> !received.isEmpty());
            if (curve) {
                assertThat(capture.text()).contains("CURVE", "HELLO", "MESSAGE").doesNotContain("plain text");
            } else {
                assertThat(capture.text()).contains("the plain text of it");
            }
        }
    }

    @Test
    void aRouteThatIsStartedAgainIsSecuredAgain() throws Exception {
        String pull = "zeromq:pull:" + FREE + "?" + server;
        routes(new RouteBuilder() {
            @Override
            public void configure() {
                from(pull).routeId("in").process(received::add);
            }
        });
        for (int i = 1; i <= 3; i++) {
            int round = i;
            send("zeromq:push:" + bound(pull) + "?" + client, "x");
            await().until(() -> received.size() == round);
            send("zeromq:push:" + bound(pull) + "?socketName=2&" + stranger, "x");
            await().until(() -> count("pull", Counter.REFUSED) == 1);
            context.getRouteController().stopRoute("in");
            context.getRouteController().startRoute("in");
        }
        assertThat(received).hasSize(3);
    }
}
