package io.bactrian.discovery.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.support.thread.NamedThreads;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class PeerAddressesTest {
    private final Map<String, String> names = new ConcurrentHashMap<>(Map.of("one", "10.0.0.1"));
    private final AtomicLong clockMs = new AtomicLong(1);
    private final CountDownLatch never = new CountDownLatch(1);
    private final PeerAddresses addresses = new PeerAddresses(this::lookUp, clockMs::get, NamedThreads.PLAIN);

    private InetAddress lookUp(String host) throws UnknownHostException {
        if (host.equals("slow")) {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        String address = host.startsWith("10.") ? host : names.get(host);
        if (address == null) {
            throw new UnknownHostException(host);
        }
        return InetAddress.getByName(address);
    }

    @AfterEach
    void stop() {
        addresses.close();
    }

    private void awaitAddress(String text, String address) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> new InetSocketAddress(address, 8102).equals(addresses.of(text)));
    }

    @Test
    void aNumberIsKnownAtOnce() throws Exception {
        assertThat(addresses.of("10.0.0.9:8102")).isEqualTo(new InetSocketAddress("10.0.0.9", 8102));
    }

    @Test
    void aNameThatMovesIsFollowedAndOneThatIsNotFoundAnyMoreStays() {
        awaitAddress("one:8102", "10.0.0.1");
        names.put("one", "10.0.0.2");
        clockMs.addAndGet(PeerAddresses.FRESH_MS);
        awaitAddress("one:8102", "10.0.0.2");
        names.remove("one");
        clockMs.addAndGet(PeerAddresses.FRESH_MS);
        awaitAddress("one:8102", "10.0.0.2");
    }

    @Test
    void aNameThatTakesLongHoldsUpNobody() throws Exception {
        assertThat(addresses.of("slow:8102")).isNull();
        assertThat(addresses.of("10.0.0.9:8102")).isNotNull();
        awaitAddress("one:8102", "10.0.0.1");
    }

    @Test
    void whatIsNoHostAndPortIsRefused() {
        for (String wrong : new String[] {"", "one", "one:", "one:x", ":1", "one:70000"}) {
            assertThatThrownBy(() -> addresses.of(wrong)).as(wrong).isInstanceOf(UnknownHostException.class);
        }
    }
}
