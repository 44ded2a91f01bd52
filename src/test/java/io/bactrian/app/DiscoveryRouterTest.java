package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The shipped router, with the reference's sensors in pyzmq. */
@Tag("slow")
@Timeout(600)
class DiscoveryRouterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static TestRouter router;

    @BeforeAll
    static void start() {
        // Patient, as on a busy machine sensors answer late.
        router = new TestRouter(folder.resolve("data"), "bactrian.discovery.ping.attempts=40");
    }

    @AfterAll
    static void stop() {
        router.close();
    }

    private static String sensors() throws IOException {
        try (InputStream in = DiscoveryRouterTest.class.getResourceAsStream("/io/bactrian/discovery/sensors.py")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static Process sensor(String program, String... arguments) throws IOException {
        return Tools.python(sensors() + "\n" + program, arguments);
    }

    private static String output(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    private String run(String program) throws Exception {
        return output(sensor(program, router.get("register"), router.get("publications"), router.get("publish")));
    }

    @Test
    void aSubscriberIsRegisteredWithoutAnyTraffic() throws Exception {
        assertThat(run("print(request(sys.argv[1], frames('subscriber', 's1', 8100)))"))
                .isEqualTo("ACK");
        assertThat(router.status("s1")).isEqualTo("ACTIVE");
        assertThat(router.http("/discovery/nodes?group=/device").body())
                .contains("\"id\":\"s1\"", "\"kind\":\"subscriber\"", "\"channel\":\"premium\"");
    }

    @Test
    void aPublisherThatConnectsIsRegisteredByWhatItPublishes() throws Exception {
        Process publisher = sensor("""
                s = context.socket(zmq.PUB); s.connect(sys.argv[1])
                while True:
                    s.send_multipart(frames('publisher', 'p1', 5563)); time.sleep(0.05)
                """, router.get("publish"));
        try {
            await().atMost(PATIENCE).until(() -> router.status("p1").equals("ACTIVE"));
        } finally {
            publisher.destroyForcibly();
        }
    }

    @Test
    void aPublisherThatBindsIsRegisteredByWhatItPublishes() throws Exception {
        Process publisher = sensor("""
                s = context.socket(zmq.PUB); s.bind(sys.argv[1])
                while True:
                    s.send_multipart(frames('publisher', 'p2', 5563)); time.sleep(0.05)
                """, router.get("publishers"));
        try {
            await().atMost(PATIENCE).until(() -> router.status("p2").equals("ACTIVE"));
        } finally {
            publisher.destroyForcibly();
        }
    }

    @Test
    void theOpenApiPageDescribesWhatIsAnswered() throws Exception {
        assertThat(run("print(request(sys.argv[1], frames('service', 'described', 7000, capabilities=['print'])))"))
                .isEqualTo("ACK");
        JsonNode page = new ObjectMapper()
                .valueToTree(new Load(LoadSettings.builder().build())
                        .loadFromString(Files.readString(Path.of("docs/discovery/openapi.yaml"))));
        for (Iterator<String> paths = page.get("paths").fieldNames(); paths.hasNext(); ) {
            String path = paths.next();
            if (!path.equals("/discovery/watch")) {
                assertThat(router.http(path.replace("{id}", "described")).statusCode())
                        .as(path)
                        .isEqualTo(200);
            }
        }
        JsonNode schemas = page.get("components").get("schemas");
        describes(schemas.get("Node"), json("/discovery/nodes/described"));
        describes(
                schemas.get("Node"),
                json("/discovery/nodes?id=described").get("nodes").get(0));
        describes(
                schemas.get("Router"), json("/discovery/routers").get("routers").get(0));
        await().atMost(PATIENCE)
                .until(() -> json("/discovery/assignments").get("assignments").size() > 0);
        describes(
                schemas.get("Assignment"),
                json("/discovery/assignments").get("assignments").get(0));
        for (String wrong : new String[] {"/discovery/nodes?status=asleep", "/discovery/nodes/nobody"}) {
            HttpResponse<String> problem = router.http(wrong);
            assertThat(page.at("/paths")
                            .get(wrong.contains("?") ? "/discovery/nodes" : "/discovery/nodes/{id}")
                            .at("/get/responses")
                            .has(Integer.toString(problem.statusCode())))
                    .as(wrong)
                    .isTrue();
            assertThat(new ObjectMapper().readTree(problem.body()).get("error").asText())
                    .isNotBlank();
        }
    }

    private static JsonNode json(String path) throws Exception {
        return new ObjectMapper().readTree(router.http(path).body());
    }

    private static void describes(JsonNode schema, JsonNode answer) {
        answer.fieldNames()
                .forEachRemaining(field -> assertThat(schema.get("properties").has(field))
                        .as(field)
                        .isTrue());
        if (schema.has("required")) {
            schema.get("required")
                    .forEach(field -> assertThat(answer.has(field.asText()))
                            .as(field.asText())
                            .isTrue());
        }
    }

    @Test
    void everyMeterHasAHelpTextAndANameAsPrometheusWantsThem() throws Exception {
        int port = Ports.free();
        try (TestRouter measured = new TestRouter(
                folder.resolve("measured"), "camel.management.enabled=true", "bactrian.management.port=" + port)) {
            String metrics = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/observe/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(metrics.lines().filter(line -> line.startsWith("# HELP bactrian_discovery_")))
                    .hasSize(29)
                    .allMatch(help -> help.matches("# HELP bactrian_discovery(_[a-z]+)+ .+"))
                    .anyMatch(help -> help.startsWith("# HELP bactrian_discovery_nodes_evicted_total "))
                    .anyMatch(help -> help.startsWith("# HELP bactrian_discovery_sent_bytes_total "));
            assertThat(metrics.lines()).contains("bactrian_discovery_routers 1.0");
            assertThat(measured.node().figures().keySet())
                    .as("all but those of beacons")
                    .hasSize(25);
        }
    }

    @Test
    void aRouterWhoseIdOthersWouldRefuseDoesNotStart() {
        assertThatThrownBy(() -> new TestRouter(
                        folder.resolve("odd"),
                        "bactrian.discovery.id=" + "x".repeat(129),
                        "bactrian.discovery.cluster=two words"))
                .hasStackTraceContaining("bactrian.discovery.id=xxx")
                .hasStackTraceContaining(
                        "bactrian.discovery.cluster=two words must be at most 128 characters without white space");
    }

    @Test
    void nobodyButTheRouterPublishesOnItsTopics() throws Exception {
        assertThat(run("""
                sub = context.socket(zmq.SUB); sub.connect(sys.argv[2]); sub.subscribe(b''); sub.setsockopt(zmq.RCVTIMEO, 20000)
                pub = context.socket(zmq.PUB); pub.connect(sys.argv[3])
                forged = [b'discovery/assignments', b'{"group": "g", "coverage": "c", "holder": "forged", "version": 9}']
                got = [b'']; n = 0
                while n < 20:
                    n = n + 1 if got[0] == b'honest' else 0
                    pub.send_multipart(forged); pub.send_multipart([b'honest', b'x']); time.sleep(0.02)
                    while sub.poll(0):
                        got = sub.recv_multipart()
                        if b'forged' in got[-1]: print('forged')
                print('heard')
                """)).isEqualTo("heard");
        assertThat(router.node().figures().get("notices")).isPositive();
    }

    @Test
    void aRouteThatIsStoppedLeavesTheRouterAlone() throws Exception {
        var routes = router.application().context().getRouteController();
        routes.stopRoute("send-beacon");
        try {
            assertThat(run("print(request(sys.argv[1], frames('service', 'beside', 7000)))"))
                    .isEqualTo("ACK");
            assertThat(router.status("beside")).isEqualTo("ACTIVE");
            long ticks = router.node().figures().get("ticks");
            await().atMost(PATIENCE).until(() -> router.node().figures().get("ticks") > ticks);
        } finally {
            routes.startRoute("send-beacon");
        }
    }

    @Test
    void aHundredOfAHundredPublicationsAreForwardedWhileNodesRegister() throws Exception {
        assertThat(run("""
                sub = context.socket(zmq.SUB); sub.connect(sys.argv[2]); sub.subscribe(b'premium')
                pub = context.socket(zmq.PUB); pub.connect(sys.argv[3])
                n = 0
                while not sub.poll(50):   # until the way is open
                    pub.send_multipart([b'premium', b'warm-up'])
                for i in range(100):
                    pub.send_multipart([b'premium', b'reading %d' % i])
                    if i % 10 == 0: assert request(sys.argv[1], frames('subscriber', 's%d' % i, 8100)) == 'ACK'
                got = []
                while len(got) < 100:
                    assert sub.poll(60000), len(got)
                    message = sub.recv_multipart()
                    if message[1] != b'warm-up': got.append(message[1])
                print(len(set(got)))
                """)).isEqualTo("100");
    }

    @Test
    void aRegistrationThatIsWrongGetsTheReasonAndHarmsNobody() throws Exception {
        assertThat(run("""
                a = sys.argv[1]
                for message in ([b'x'], [b'channel-one', b'h', b'i', b'no json'], [b'a', b'b'], [b'\\xff\\xfe'],
                                [b'channel-one', b'h', b'1.2.3.4', b'{"discovery": {"publisher": {}}}'],
                                frames('publisher', '', 1), frames('publisher', 'x', 70000),
                                frames('publisher', 'x', 2**32 + 5563), [b'x' * 20000],
                                frames('publisher', 'n', 1, node_ip='a b; rm'), [b'[' * 9000],
                                frames('publisher', 'm', 1, metadata={'k': 'v' * 300})):
                    print(request(a, message))
                print(request(a, frames('subscriber', 's1', 8100)))
                """).lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("ERR the text is not JSON"),
                        line -> assertThat(line).isEqualTo("ERR the text is not JSON"),
                        line -> assertThat(line).startsWith("ERR a registration has 4 frames"),
                        line -> assertThat(line).isEqualTo("ERR the request is not UTF-8"),
                        line -> assertThat(line).isEqualTo("ERR the object 'header' is missing"),
                        line -> assertThat(line).isEqualTo("ERR node_id is missing"),
                        line -> assertThat(line).isEqualTo("ERR node_port must be from 0 to 65535"),
                        line -> assertThat(line).isEqualTo("ERR node_port must be from 0 to 65535"),
                        line -> assertThat(line).isEqualTo("ERR the request takes 20000 octets, at most 16384"),
                        line -> assertThat(line).startsWith("ERR node_ip must be"),
                        line -> assertThat(line).startsWith("ERR the JSON is nested more than"),
                        line -> assertThat(line).startsWith("ERR metadata k has more than"),
                        line -> assertThat(line).isEqualTo("ACK"));
    }

    @Test
    void anIdBelongsToTheInstanceThatClaimedIt() throws Exception {
        assertThat(run("""
                a = sys.argv[1]
                print(request(a, frames('service', 'orders', 7000, instance='one')))
                print(request(a, frames('service', 'orders', 7001, instance='two')))
                print(request(a, frames('service', 'orders', 7002, instance='one')))
                print(request(a, frames('service', 'orders', 7002, instance='three')))
                """).lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("ACK"),
                        line -> assertThat(line).startsWith("ERR the id is taken by a node at tcp://127.0.0.1:7000"),
                        line -> assertThat(line).as("restarted elsewhere").isEqualTo("ACK"),
                        line -> assertThat(line)
                                .as("a new installation at the same place")
                                .isEqualTo("ACK"));
    }

    @Test
    void aNodeThatIsNotRefreshedIsDownWhenItsLeaseHasEnded() throws Exception {
        assertThat(run("print(request(sys.argv[1], frames('service', 'short', 7000, lease_ms=1000)))"))
                .isEqualTo("ACK");
        await().atMost(PATIENCE).until(() -> router.status("short").equals("DOWN"));
    }

    @Test
    void aNodeThatAnswersPingsAtItsOwnAddressStaysAndOneThatDoesNotIsDown() throws Exception {
        String program = """
                rep = context.socket(zmq.REP); rep.bind('tcp://127.0.0.1:' + sys.argv[2])
                print(request(sys.argv[1], frames('publisher', sys.argv[3], 5563, ping_port=int(sys.argv[2]),
                                                  lease_ms=500)), flush=True)
                while True:
                    text = rep.recv(); assert text == b'ping publisher'; rep.send(text)
                """;
        Process dies = sensor(program, router.get("register"), Integer.toString(Ports.free()), "dies");
        Process stays = sensor(program, router.get("register"), Integer.toString(Ports.free()), "stays");
        try {
            await().atMost(PATIENCE)
                    .until(() -> router.status("dies").equals("ACTIVE")
                            && router.status("stays").equals("ACTIVE"));
            dies.destroyForcibly().waitFor();
            await().atMost(PATIENCE).until(() -> router.status("dies").equals("DOWN"));
            await().atMost(PATIENCE).until(() -> router.status("stays").equals("ACTIVE"));
            assertThat(router.http("/discovery/nodes/stays").body()).contains("\"rttP50Us\":");
        } finally {
            dies.destroyForcibly();
            stays.destroyForcibly();
        }
    }

    @Test
    void aNodeDeregistersAtItsStop() throws Exception {
        assertThat(run("""
                print(request(sys.argv[1], frames('service', 'brief', 7000)))
                print(request(sys.argv[1], frames('service', 'brief', 7000, message='service_deregister_message')))
                print(request(sys.argv[1], frames('service', 'brief', 7000, message='service_deregister_message')))
                """)).isEqualTo("ACK\nACK\nERR no node with this id is registered here");
        assertThat(router.status("brief")).isEqualTo("LEFT");
    }

    @Test
    void nodesAreAskedForOverARequestAndOverHttp() throws Exception {
        String answer = run("""
                a = sys.argv[1]
                request(a, frames('service', 'x1', 7000, capabilities=['print', 'scan']))
                request(a, frames('service', 'x2', 7001, capabilities=['scan'], node_group='/office'))
                print(request(a, [b'{"query": {"capability": "print"}}']))
                print(request(a, [b'{"query": {"status": "nonsense"}}']))
                """);
        assertThat(answer.lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"x1\"").doesNotContain("\"x2\""),
                        line -> assertThat(line).startsWith("ERR status must be one of"));
        assertThat(router.http("/discovery/nodes?capability=scan&status=active").body())
                .contains("\"x1\"", "\"x2\"");
        assertThat(router.http("/discovery/nodes?group=/office&kind=service&channel=premium")
                        .body())
                .contains("\"x2\"")
                .doesNotContain("\"x1\"");
        for (String wrong : new String[] {"nodes?limit=0", "nodes/a?id=b", "nodes?group=a&group=b"}) {
            assertThat(router.http("/discovery/" + wrong).statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
        assertThat(router.http("/discovery/nodes/nobody").statusCode()).isEqualTo(404);
        assertThat(router.http("/discovery/routers").body()).contains("\"state\":\"ALIVE\"");
    }

    @Test
    void aRouterThatStartsAgainKnowsWhoWasInItsCare() throws Exception {
        Path data = folder.resolve("again");
        String program = "print(request(sys.argv[1], frames('service', 'kept', 7000, metadata={'floor': '2'})))";
        String id;
        try (TestRouter first = new TestRouter(data)) {
            assertThat(output(sensor(program, first.get("register")))).isEqualTo("ACK");
            id = first.node().id();
        }
        try (TestRouter again = new TestRouter(data)) {
            assertThat(again.node().id()).isEqualTo(id);
            assertThat(again.status("kept")).as("until it is heard of").isEqualTo("SUSPECT");
            assertThat(again.http("/discovery/nodes/kept").body()).contains("\"floor\":\"2\"");
            assertThat(output(sensor(program, again.get("register")))).isEqualTo("ACK");
            assertThat(again.status("kept")).isEqualTo("ACTIVE");
        }
    }

    @Test
    void changesArePublishedOnATopic() throws Exception {
        assertThat(run("""
                sub = context.socket(zmq.SUB); sub.connect(sys.argv[2]); sub.subscribe(b'discovery/nodes')
                n = 0
                while not sub.poll(100):
                    n += 1
                    request(sys.argv[1], frames('service', 'news%d' % n, 7000))
                topic, text = sub.recv_multipart()
                event = json.loads(text)
                print(topic.decode(), event['event'], event['node']['kind'], event['node']['status'])
                """)).isEqualTo("discovery/nodes registered service ACTIVE");
    }
}
