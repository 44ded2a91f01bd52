package io.bactrian.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.bactrian.testing.Ports;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** One secret in every option that can hold one, searched for in everything that comes out. */
@Tag("system")
class SecretsInOutputsTest {
    private static final String SECRET = "hunter2-geheim";

    @TempDir
    Path folder;

    private final int port = Ports.free();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        private final LogText text = new LogText();
        private final LogTrace trace = new LogTrace();

        @Override
        public void start() {
            trace.start();
            super.start();
        }

        @Override
        protected void append(ILoggingEvent event) {
            log.add(text.convert(event) + " " + trace.convert(event));
        }
    };
    private TestHome home;

    @BeforeEach
    void captureTheLog() throws Exception {
        appender.start();
        root().addAppender(appender);
        home = new TestHome(folder.resolve("home"));
    }

    @AfterEach
    void release() {
        root().detachAppender(appender);
        appender.stop();
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private Map<String, String> secrets() {
        Map<String, String> all = new HashMap<>();
        all.put("bactrian.management.port", String.valueOf(port));
        all.put("bactrian.management.user", "anna");
        all.put("bactrian.management.password", SECRET);
        all.put("bactrian.hub.database.password", SECRET);
        all.put("bactrian.client.security", "plain");
        all.put("bactrian.client.security.plainUsername", "anna");
        all.put("bactrian.client.security.plainPassword", SECRET);
        all.put("bactrian.ship.options", "security=plain&plainUsername=anna&plainPassword=" + SECRET);
        all.put("bactrian.ship.folder", folder.resolve("ship").toString());
        all.put("bactrian.ship.to", "tcp://127.0.0.1:" + Ports.free());
        all.put("bactrian.data", folder.resolve("data").toString());
        return all;
    }

    private String get(String path) throws Exception {
        String basic = Base64.getEncoder().encodeToString(("anna:" + SECRET).getBytes(UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Basic " + basic)
                .header("Accept", path.startsWith("/q/") ? "application/json" : "*/*")
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(path).isIn(200, 503);
        return answer.body();
    }

    @Test
    void aRunningProcessShowsItNowhere() throws Exception {
        String plain = "security=plain&plainUsername=anna&plainPassword=" + SECRET;
        String nobody = "tcp://127.0.0.1:" + Ports.free();
        home.route("pull", "Pulls.", "'zeromq:pull:" + nobody + "?bind=false&" + plain + "'", "- log: { message: x }");
        home.route(
                "push",
                "Pushes.",
                "direct:push",
                "- to: { uri: 'zeromq:dealer:" + nobody + "?requestTimeout=100&exchangePattern=InOut&" + plain + "' }");
        home.route(
                "put",
                "Puts.",
                "direct:put",
                "- to: { uri: 'bactrian:a?publishPort=" + Ports.free() + "&" + plain + "' }");
        home.route(
                "get",
                "Gets.",
                "'bactrian:a?subscriber=s&subscribePort=" + Ports.free() + "&data=" + folder + "&" + plain + "'",
                "- log: { message: x }");
        Files.createDirectories(home.folder().resolve("routes/ship"));
        for (String route : List.of("send-folder", "ship-folder")) {
            String file = "routes/ship/" + route + ".camel.yaml";
            Files.copy(Path.of(file), home.folder().resolve(file));
        }
        home.role(
                "secret",
                "bactrian.routes=pubsub/pull,pubsub/push,pubsub/put,pubsub/get,ship/send-folder,ship/ship-folder");
        root().setLevel(Level.INFO);
        try (Application application = Application.start(home.load(List.of("secret"), secrets()));
                ProducerTemplate template = application.context().createProducerTemplate()) {
            Throwable failed = catchThrowable(() -> template.requestBody("direct:push", "x"));
            assertThat(text(failed)).doesNotContain(SECRET);
            StringBuilder all = new StringBuilder();
            for (String path : List.of(
                    "/observe/health?data=true&stackTrace=true",
                    "/observe/metrics",
                    "/q/dev",
                    "/q/dev/zeromq",
                    "/q/dev/journal",
                    "/q/dev/bactrian",
                    "/q/dev/context",
                    "/q/dev/memory",
                    "/q/dev/inflight")) {
                assertThat(get(path)).as(path).doesNotContain(SECRET);
                all.append(get(path));
            }
            assertThat(all).contains("zeromq").contains("consumer:bactrian-").contains("xxxxxx");
            Thread.getAllStackTraces()
                    .keySet()
                    .forEach(thread -> assertThat(thread.getName()).doesNotContain(SECRET));
            assertThat(ManagementFactory.getPlatformMBeanServer()
                            .queryNames(null, null)
                            .toString())
                    .doesNotContain(SECRET);
        } finally {
            root().setLevel(Level.WARN);
        }
        assertThat(log.toString()).contains("opened socket", "xxxxxx").doesNotContain(SECRET);
    }

    @Test
    void aStartThatFailsShowsItNowhere() throws Exception {
        for (String uri : List.of(
                "zeromq:pull:tcp://127.0.0.1:1?security=curve&curveSecretKey=" + SECRET,
                "zeromq:pull:tcp://127.0.0.1:1?security=none&plainPassword=" + SECRET,
                "zeromq:pull:tcp://127.0.0.1:1?receiveHighWaterMark=x&plainPassword=" + SECRET,
                "zeromq:push:tcp://127.0.0.1:1?plainPassword=" + SECRET,
                "zeromq:pull:nonsense?plainPassword=" + SECRET,
                "zeromq:pull:tcp://127.0.0.1:1?nonsense=1&plainPassword=" + SECRET,
                "bactrian:a?plainPassword=" + SECRET,
                "bactrian:a?nonsense=1&plainPassword=" + SECRET,
                "bactrian:a?subscriber=s&security=plain&plainUsername=" + "u".repeat(200) + "&plainPassword="
                        + SECRET)) {
            home.route("wrong", "Cannot start.", "'" + uri + "'", "- log: { message: x }");
            home.role("wrong", "bactrian.routes=pubsub/wrong");
            Throwable failed = catchThrowable(() ->
                    Application.start(home.load(List.of("wrong"), secrets())).close());
            assertThat(failed).as(uri).isNotNull();
            assertThat(failed.getMessage()).as(uri).doesNotContain(SECRET);
        }
        assertThat(log.toString()).doesNotContain(SECRET);
    }

    @Test
    void aWrongConfigurationOrCommandShowsItNowhere() {
        for (List<String> wrong : List.of(
                List.of("bactrian.hub.database.url", "jdbc:nonsense:x;PASSWORD=" + SECRET),
                List.of("bactrian.hub.database.url", "jdbc:postgresql://anna:" + SECRET + "@127.0.0.1:1/db"),
                List.of("bactrian.hub.database.url", "no database password=" + SECRET),
                List.of("bactrian.hub.database.pasword", SECRET),
                List.of("bactrian.client.security.plainPassword", SECRET),
                List.of("bactrian.client.security.plainPassword", SECRET.repeat(20)))) {
            StringWriter said = new StringWriter();
            PrintWriter writer = new PrintWriter(said);
            int code = BactrianCommand.commandLine()
                    .setOut(writer)
                    .setErr(writer)
                    .execute(
                            wrong.get(0).contains("client") ? "put" : "run",
                            wrong.get(0).contains("client") ? "t" : "hub",
                            wrong.get(0).contains("client") ? "m" : "--set",
                            wrong.get(0).contains("client") ? "--set" : wrong.get(0) + "=" + wrong.get(1),
                            wrong.get(0).contains("client") ? wrong.get(0) + "=" + wrong.get(1) : "--set",
                            wrong.get(0).contains("client") ? "--timeout=1s" : "bactrian.management.port=" + port,
                            "--data",
                            folder.resolve("data").toString());
            assertThat(code).as(wrong.toString()).isNotZero();
            assertThat(said.toString()).as(wrong.toString()).isNotEmpty().doesNotContain(SECRET);
        }
        assertThat(log.toString()).doesNotContain(SECRET);
    }

    private static String text(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
