package io.bactrian.federation.routes;

import io.bactrian.federation.core.ClusteredHashmap;
import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import io.bactrian.federation.core.Member;
import io.bactrian.federation.core.Topology;
import io.bactrian.support.text.RawValue;
import io.bactrian.zeromq.ZeroMqMessage;
import io.bactrian.zeromq.socket.CurveKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.camel.CamelContext;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * A client of one node, by the Clustered Hashmap Protocol. Values are read as UTF-8. For one thread.
 */
public final class StateClient implements AutoCloseable {
    private static final int UUID_BYTES = 16;
    private static final long POLL_MS = 200;

    private final CamelContext context = new DefaultCamelContext();
    private final ProducerTemplate producer;
    private final ConsumerTemplate consumer;
    private final SecureRandom random = new SecureRandom();
    private final Member member;
    private final String security;

    private StateClient(Member member, String security) {
        this.member = member;
        this.security = security;
        context.start();
        producer = context.createProducerTemplate();
        consumer = context.createConsumerTemplate();
    }

    /** Connects to a process; with security the key file {@code client.key_secret} in the folder is used. */
    public static StateClient connect(Topology topology, Member member, Path keys) {
        String security = "";
        if (topology.curve()) {
            security = "&security=curve&curveKeyFile="
                    + RawValue.of(keys.resolve("client.key_secret").toString()) + "&curveServerKey="
                    + CurveKey.parse(member.publicKey()).hex();
        }
        return new StateClient(member, security);
    }

    private String uri(String type, int port, String options) {
        return "zeromq:" + type + ":" + member.address(port) + "?batchSize=1000&linger=1000" + options + security;
    }

    private String dealer() {
        return uri("dealer", member.northPort(), "");
    }

    /**
     * The keys that begin with a text.
     *
     * @throws CommandRefusedException if the node does not answer in time
     */
    public Map<String, String> snapshot(String prefix, long answerMs) {
        Map<String, String> found = new TreeMap<>();
        snapshot(prefix, answerMs, new long[1], found::put);
        return found;
    }

    private void snapshot(String prefix, long answerMs, long[] sequence, BiConsumer<String, String> each) {
        byte[] subtree = ClusteredHashmap.octets(prefix);
        producer.sendBody(dealer(), List.of(ClusteredHashmap.octets(ClusteredHashmap.ICANHAZ), subtree));
        List<KeyValue> items = new ArrayList<>();
        while (true) {
            for (ZeroMqMessage message : receive(dealer(), answerMs)) {
                KeyValue item = ClusteredHashmap.read(message.frames(), 0);
                if (!item.key().equals(ClusteredHashmap.KTHXBAI)) {
                    if (!isAnswer(item)) {
                        items.add(item);
                    }
                } else if (!Arrays.equals(item.body(), subtree)) {
                    // The answer to a former question, which came too late.
                    items.clear();
                } else if (!item.property("count").equals(Integer.toString(items.size()))) {
                    throw new CommandRefusedException(member.id() + " has sent " + item.property("count")
                            + " keys, of which " + items.size() + " have come: ask for fewer at a time, by a longer"
                            + " prefix");
                } else {
                    sequence[0] = item.sequence();
                    items.forEach(found -> each.accept(found.key(), ClusteredHashmap.text(found.body())));
                    return;
                }
            }
        }
    }

    private static boolean isAnswer(KeyValue item) {
        return item.key().equals(ClusteredHashmap.DONE) || item.key().equals(ClusteredHashmap.FAILED);
    }

    private List<ZeroMqMessage> receive(String uri, long answerMs) {
        Exchange exchange = consumer.receive(uri, answerMs);
        if (exchange == null) {
            throw new CommandRefusedException(member.id() + " at " + member.address(member.northPort())
                    + " has not answered for " + answerMs + " ms: is it running (bactrian run node --node "
                    + member.id()
                    + "), and is the client admitted?");
        }
        return messages(exchange);
    }

    @SuppressWarnings("unchecked")
    private static List<ZeroMqMessage> messages(Exchange exchange) {
        return exchange.getIn().getBody(List.class);
    }

    /**
     * Changes a key, wherever its owner is.
     *
     * @throws CommandRefusedException if it was not done, with the reason
     */
    public void set(String key, byte[] value, int ttlSeconds, long answerMs) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("key", key);
        if (ttlSeconds > 0) {
            properties.put("ttl", Integer.toString(ttlSeconds));
        }
        request("SET?", properties, value, answerMs);
    }

    /**
     * Sends a command to an actor, and returns its answer.
     *
     * @throws CommandRefusedException if it was not done, with the reason
     */
    public String command(String to, byte[] body, long answerMs) {
        return request("COMMAND?", Map.of("to", to, "life", Long.toString(answerMs)), body, 2 * answerMs);
    }

    private String request(String kind, Map<String, String> properties, byte[] body, long answerMs) {
        byte[] uuid = new byte[UUID_BYTES];
        random.nextBytes(uuid);
        producer.sendBody(dealer(), ClusteredHashmap.frames(kind, 0, uuid, properties, body));
        while (true) {
            for (ZeroMqMessage message : receive(dealer(), answerMs)) {
                KeyValue answer = ClusteredHashmap.read(message.frames(), 0);
                // One with another UUID is the answer to a former request, which came too late.
                if (isAnswer(answer) && Arrays.equals(answer.uuid(), uuid)) {
                    if (answer.key().equals(ClusteredHashmap.FAILED)) {
                        throw new CommandRefusedException(ClusteredHashmap.text(answer.body()));
                    }
                    return ClusteredHashmap.text(answer.body());
                }
            }
        }
    }

    /** The keys that begin with a text, and then each change; a deleted key has an empty value. Ends after {@code count}. */
    public void watch(String prefix, int count, Duration silence, BiConsumer<String, String> each)
            throws InterruptedException {
        String subscriber = uri("sub", member.northPort() + 1, "");
        // Connected before the snapshot is asked for, so that no change falls between the two.
        consumer.receive(subscriber, POLL_MS);
        long[] sequence = new long[1];
        int[] left = {count == 0 ? Integer.MAX_VALUE : count};
        BiConsumer<String, String> counted = (key, value) -> {
            if (left[0] > 0) {
                left[0]--;
                each.accept(key, value);
            }
        };
        snapshot(prefix, silence.toMillis(), sequence, counted);
        while (left[0] > 0 && !Thread.currentThread().isInterrupted()) {
            for (ZeroMqMessage message : receive(subscriber, silence.toMillis())) {
                KeyValue item = ClusteredHashmap.read(message.frames(), 0);
                boolean news = !item.key().equals(ClusteredHashmap.HUGZ) && item.sequence() > sequence[0];
                if (news && item.key().startsWith(prefix)) {
                    sequence[0] = item.sequence();
                    counted.accept(item.key(), ClusteredHashmap.text(item.body()));
                }
            }
        }
    }

    @Override
    public void close() {
        producer.stop();
        consumer.stop();
        context.stop();
    }
}
