package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.pubsub.client.BactrianComponent;
import io.bactrian.pubsub.client.BactrianConstants;
import io.bactrian.pubsub.client.TestHub;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Thirty names over every way: a topic arrives as it was given, or is an error at the start; it is never another. */
@Timeout(180)
class TopicNamesTest {
    private static final List<String> NAMES = List.of(
            "plain",
            "a/b/c",
            "a b",
            "a+b",
            "a&b",
            "a%41",
            "a%",
            "//a",
            "/a",
            "a//b",
            "RAW(x)",
            "RAW{x}",
            "a?b=c",
            "a#b",
            "größe",
            "駱駝",
            "\uD83D\uDC2A",
            "a=b",
            "a,b",
            "a;b",
            "a:b",
            "a\\b",
            "a\"b",
            "a'b",
            "a|b",
            "a$b",
            "#bean:x",
            "a.b-c_d",
            " a",
            "a~^`");

    @TempDir
    static Path folder;

    private static TestHub hub;

    @BeforeAll
    static void start() throws Exception {
        hub = new TestHub(folder.resolve("hub"));
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static DefaultCamelContext context() {
        DefaultCamelContext context = new DefaultCamelContext();
        context.disableJMX();
        BactrianComponent component = new BactrianComponent();
        component.getConfiguration().setPublishPort(hub.publishPort());
        component.getConfiguration().setSubscribePort(hub.subscribePort());
        component.getConfiguration().setData(folder.resolve("data").toString());
        component.getConfiguration().setFrom("oldest");
        context.addComponent("bactrian", component);
        return context;
    }

    /** The topic of everything that was put, taken in order. */
    private static List<String> topics(String subscriber, int count) throws Exception {
        List<String> topics = new ArrayList<>();
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        try (DefaultCamelContext context = context()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("bactrian:*?subscriber=" + subscriber)
                            .process(e -> got.add(e.getMessage().getBody(String.class) + " "
                                    + e.getMessage().getHeader(BactrianConstants.TOPIC, String.class)));
                }
            });
            context.start();
            while (topics.size() < count) {
                topics.add(String.valueOf(got.poll(30, TimeUnit.SECONDS)));
            }
        }
        return topics;
    }

    @Test
    void aTopicIsWhatWasGivenOverEveryWay() throws Exception {
        Map<String, String> wanted = new LinkedHashMap<>();
        try (DefaultCamelContext context = context()) {
            context.start();
            var template = context.createProducerTemplate();
            for (int i = 0; i < NAMES.size(); i++) {
                String name = NAMES.get(i);
                template.sendBodyAndHeader(
                        "bactrian:x?topicFromHeader=true", "header" + i, BactrianConstants.TOPIC, name);
                wanted.put("header" + i, name);
                if (!name.startsWith("RAW")) {
                    // Those two are written with RAW themselves, which ends at the first parenthesis.
                    template.sendBody("bactrian:exact?exactTopic=RAW(" + name + ")", "exact" + i);
                    wanted.put("exact" + i, name);
                }
            }
        }
        for (int i = 0; i < NAMES.size(); i += 5) {
            StringWriter err = new StringWriter();
            int code = Main.run(
                    new ByteArrayOutputStream(),
                    new PrintWriter(err),
                    "put",
                    NAMES.get(i),
                    "command" + i,
                    "--hub",
                    "127.0.0.1",
                    "--publish-port",
                    String.valueOf(hub.publishPort()),
                    "--subscribe-port",
                    String.valueOf(hub.subscribePort()),
                    "--data",
                    folder.resolve("command").toString());
            assertThat(code).as(err.toString()).isZero();
            wanted.put("command" + i, NAMES.get(i));
        }
        Map<String, String> got = new HashMap<>();
        for (String line : topics("all", (int) hub.end())) {
            got.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1));
        }
        assertThat(got).containsAllEntriesOf(wanted);
    }

    @Test
    void aTopicIsWhatWasGivenThroughBothKamelets() throws Exception {
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        try (DefaultCamelContext context = context()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    for (int i = 0; i < NAMES.size(); i += 3) {
                        String topic = "topic=RAW(" + NAMES.get(i) + ")";
                        String places = "&port=" + hub.publishPort();
                        if (NAMES.get(i).startsWith("RAW")) {
                            continue;
                        }
                        from("direct:sink" + i).to("kamelet:bactrian-publish-sink?" + topic + places);
                        from("kamelet:bactrian-subscribe-source?" + topic + "&subscriber=k" + i + "&port="
                                        + hub.subscribePort() + "&publishPort=" + hub.publishPort() + "&data="
                                        + folder.resolve("kamelets"))
                                .process(e -> got.add(e.getMessage().getBody(String.class) + " "
                                        + e.getMessage().getHeader(BactrianConstants.TOPIC)));
                    }
                }
            });
            context.start();
            for (int i = 0; i < NAMES.size(); i += 3) {
                if (NAMES.get(i).startsWith("RAW")) {
                    continue;
                }
                context.createProducerTemplate().sendBody("direct:sink" + i, "kamelet" + i);
                String line = "";
                while (!line.startsWith("kamelet" + i + " ")) {
                    line = String.valueOf(got.poll(30, TimeUnit.SECONDS));
                }
                assertThat(line).isEqualTo("kamelet" + i + " " + NAMES.get(i));
            }
        }
    }

    @Test
    void aPathThatAUriWouldChangeIsAnErrorThatSaysWhatToDo() throws Exception {
        try (DefaultCamelContext context = context()) {
            for (String name : List.of("a b", "a+b", "a//b")) {
                assertThatThrownBy(() -> context.getEndpoint("bactrian:" + name))
                        .as(name)
                        .hasStackTraceContaining("exactTopic=RAW(topic)");
            }
        }
    }
}
