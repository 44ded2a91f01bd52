package io.bactrian.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.zeromq.ZeroMqMessage;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** 2 GiB for a CURVE reader that sleeps, in a process with a heap of 256 MiB. */
@Tag("campaign")
@Tag("slow")
class CurveMemoryTest {
    private static final int MESSAGE_BYTES = 64 << 10;
    private static final long MESSAGES = (2L << 30) / MESSAGE_BYTES;
    private static final CurveKeys KEYS = CurveKeys.generate();

    @TempDir
    Path folder;

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();

    @BeforeEach
    void start() throws Exception {
        Files.writeString(folder.resolve("keys"), CurveCertificate.secretText(KEYS, Map.of()));
        camel.disableJMX();
        camel.start();
    }

    @AfterEach
    void stop() {
        over.set(true);
        camel.stop();
    }

    private Child reader(int backlogBytes) throws Exception {
        Child child = new Child(
                folder.resolve("log"),
                CurveReaderProcess.class,
                "zeromq:pull:tcp://127.0.0.1:*?batchSize=100&security=curve&curveAllowAnyClient=true&curveKeyFile="
                        + folder.resolve("keys") + "&curveBacklogBytes=" + backlogBytes,
                folder.resolve("awake").toString());
        await().atMost(Duration.ofSeconds(60)).until(() -> child.said("port") > 0);
        String push = "zeromq:push:tcp://127.0.0.1:" + child.said("port")
                + "?sendHighWaterMark=100&pendingQueue=100&sendTimeout=600000&linger=0&security=curve&curveKeyFile="
                + folder.resolve("keys") + "&curveServerKeyFile=" + folder.resolve("keys");
        Thread sender = new Thread(() -> {
            var template = camel.createProducerTemplate();
            while (!over.get() && sent.get() < MESSAGES) {
                byte[] body = new byte[MESSAGE_BYTES];
                ByteBuffer.wrap(body).putLong(sent.getAndIncrement());
                template.sendBody(push, ZeroMqMessage.of(null, body));
            }
        });
        sender.setDaemon(true);
        sender.start();
        return child;
    }

    @Test
    void nothingIsLostAndTheHeapIsEnough() throws Exception {
        try (Child child = reader(32 << 20)) {
            // The reader sleeps, so at some time the sender does not get on any more.
            AtomicLong before = new AtomicLong(-1);
            await().pollInterval(Duration.ofSeconds(5))
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> before.getAndSet(sent.get()) == sent.get());
            assertThat(sent.get()).isBetween(500L, 2_000L);
            Files.createFile(folder.resolve("awake"));
            await().atMost(Duration.ofMinutes(10))
                    .until(() -> child.said("received") == MESSAGES || child.said("down") > 0);
            assertThat(child.said("down")).isZero();
            assertThat(child.said("received")).isEqualTo(MESSAGES);
            assertThat(child.said("wrong")).isZero();
        }
    }

    @Test
    void withoutTheBoundTheHeapIsNotEnough() throws Exception {
        try (Child child = reader(Integer.MAX_VALUE)) {
            await().atMost(Duration.ofMinutes(5)).until(() -> child.said("down") > 0 || !child.alive());
            assertThat(sent.get()).isLessThan(MESSAGES);
        }
    }
}
