package io.bactrian.discovery.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.discovery.core.ServiceOffers.Offer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceOffersTest {
    private static Offer offer(String host, int port, String... metadata) {
        Map<String, String> pairs = new java.util.HashMap<>();
        for (int i = 0; i < metadata.length; i += 2) {
            pairs.put(metadata[i], metadata[i + 1]);
        }
        return new Offer(host, port, pairs);
    }

    @Test
    void nodesWithoutAnEpochShareTheService() {
        assertThat(new ServiceOffers("").addresses(List.of(offer("b", 2), offer("a", 1), offer("::1", 3))))
                .containsExactly("tcp://[::1]:3", "tcp://a:1", "tcp://b:2");
    }

    @Test
    void theHighestEpochIsTheService() {
        assertThat(new ServiceOffers("")
                        .addresses(
                                List.of(offer("old", 1, "epoch", "4"), offer("new", 1, "epoch", "5"), offer("x", 1))))
                .containsExactly("tcp://new:1");
    }

    @Test
    void oneThatStandsByCountsOnlyWhileThereIsNoOther() {
        ServiceOffers offers = new ServiceOffers("");
        Offer standby = offer("standby", 1, "role", "passive");
        assertThat(offers.addresses(List.of(standby, offer("active", 1, "role", "active", "epoch", "5"))))
                .containsExactly("tcp://active:1");
        assertThat(offers.addresses(List.of(standby))).containsExactly("tcp://standby:1");
    }

    @Test
    void aLowerEpochThanBeforeIsOldNewsUntilItLasts() {
        ServiceOffers offers = new ServiceOffers("");
        assertThat(offers.addresses(List.of(offer("new", 1, "epoch", "5")))).hasSize(1);
        for (int i = 0; i < ServiceOffers.OLDER_MAX; i++) {
            assertThat(offers.addresses(List.of(offer("old", 1, "epoch", "4")))).isEmpty();
        }
        assertThat(offers.addresses(List.of(offer("old", 1, "epoch", "4"))))
                .as("the pair was set up anew")
                .containsExactly("tcp://old:1");
    }

    @Test
    void aNamedPortIsOneOfTheMetadataAndWhatIsNoPortIsLeftOut() {
        assertThat(new ServiceOffers("publish")
                        .addresses(List.of(
                                offer("a", 9, "port.publish", "5570"),
                                offer("b", 9),
                                offer("c", 9, "port.publish", "70000"),
                                offer("d", 9, "port.publish", "-1"))))
                .containsExactly("tcp://a:5570");
        assertThat(new ServiceOffers("").addresses(List.of(offer("a", 0)))).isEmpty();
    }
}
