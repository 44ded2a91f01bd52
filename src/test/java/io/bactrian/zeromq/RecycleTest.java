package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

/** Arrays of large frames that a route gives back serve for frames that come later. */
class RecycleTest extends ZeroMqTest {
    private static final int LARGE = 256 << 10;
    private static final int MESSAGES = 60;

    private final Set<byte[]> arrays = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    private final AtomicInteger wrong = new AtomicInteger();
    private final AtomicInteger came = new AtomicInteger();

    /** Each message is full of one octet, which is its number. */
    private static byte[] full(int number, int length) {
        byte[] octets = new byte[length];
        Arrays.fill(octets, (byte) number);
        return octets;
    }

    private void look(Exchange exchange) {
        ZeroMqEndpoint endpoint = (ZeroMqEndpoint) exchange.getFromEndpoint();
        for (Object each : exchange.getMessage().getBody(List.class)) {
            ZeroMqMessage message = (ZeroMqMessage) each;
            byte[] frame = message.frame(0);
            arrays.add(frame);
            if (!Arrays.equals(frame, full(frame[0], frame.length))) {
                wrong.incrementAndGet();
            }
            endpoint.recycle(message);
            endpoint.recycle(message);
            came.incrementAndGet();
        }
    }

    private void sendAll(String uri, int length) {
        for (int i = 0; i < MESSAGES; i++) {
            assertThat(send(uri, full(i, length - i % 2)).getException()).isNull();
        }
    }

    @Test
    void ofTheSameLengthAndUnderLoadOfTwoPeers() throws Exception {
        String address = consume("zeromq:pull:" + FREE + "?batchSize=8", this::look);
        sendAll("zeromq:push:" + address, LARGE);
        sendAll("zeromq:push:" + address + "?socketName=other", LARGE);
        await().until(() -> came.get() == 2 * MESSAGES);
        assertThat(wrong).hasValue(0);
        assertThat(arrays).hasSizeLessThan(2 * MESSAGES);
    }

    @Test
    void givenBackTwiceItsArrayServesOnce() throws Exception {
        List<ZeroMqMessage> messages = Collections.synchronizedList(new ArrayList<>());
        Set<byte[]> inUse = Collections.newSetFromMap(new IdentityHashMap<>());
        String address = consume("zeromq:pull:" + FREE + "?batchSize=8", exchange -> {
            for (Object each : exchange.getMessage().getBody(List.class)) {
                messages.add((ZeroMqMessage) each);
            }
        });
        ZeroMqEndpoint endpoint = (ZeroMqEndpoint) context.getRoutes().get(0).getEndpoint();
        for (int i = 0; i < 3; i++) {
            assertThat(send("zeromq:push:" + address, full(i, LARGE)).getException())
                    .isNull();
            int number = i;
            await().until(() -> messages.size() == number + 1);
            // The first message, again and again: its array is in use by the second from then on.
            endpoint.recycle(messages.get(0));
            assertThat(messages.get(0).bytes()).isZero();
        }
        messages.subList(1, 3)
                .forEach(message -> assertThat(inUse.add(message.frame(0))).isTrue());
        assertThat(messages.get(1).frame(0)).isEqualTo(full(1, LARGE));
    }

    @Test
    void overInprocTheArrayIsTheSendersStill() throws Exception {
        consume("zeromq:pull:inproc://recycled?batchSize=8", this::look);
        String tcp = consume("zeromq:pull:" + FREE + "?batchSize=8", this::look);
        byte[] sent = full(1, LARGE);
        assertThat(send("zeromq:push:inproc://recycled", sent).getException()).isNull();
        await().until(() -> came.get() == 1);
        assertThat(send("zeromq:push:" + tcp, full(2, LARGE)).getException()).isNull();
        await().until(() -> came.get() == 2);
        assertThat(sent).isEqualTo(full(1, LARGE));
    }
}
