package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.pubsub.core.CommitGate;
import io.bactrian.pubsub.core.Delivery;
import io.bactrian.pubsub.core.HubLimits;
import io.bactrian.pubsub.core.HubMachine;
import io.bactrian.pubsub.core.IntakeRound;
import io.bactrian.pubsub.core.Machines;
import io.bactrian.pubsub.core.MemoryLog;
import io.bactrian.pubsub.core.MemorySnapshots;
import io.bactrian.pubsub.core.PeerCommand;
import io.bactrian.support.timer.SteadyClock;
import io.bactrian.wire.BatchBuilder;
import io.bactrian.wire.Command;
import io.bactrian.wire.PatternKind;
import io.bactrian.wire.StartFrom;
import io.bactrian.wire.TopicSequence;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody sets the wall clock while a hub runs. */
class HubClockTest {
    private static final byte[] PUBLISHER = {1};
    private static final byte[] READER = {2};
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final Duration EXPIRY = Duration.ofHours(1);
    private static final long SILENT_MS = 3_000;

    private long wallMs = 1_700_000_000_000L;
    private long ranNs = -77;
    private final Clock wall = new Clock() {
        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(wallMs);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };
    private final SteadyClock clock = new SteadyClock(wall, () -> ranNs);
    private final MemoryLog log = new MemoryLog();
    private final HubMachine hub = Machines.over(log, new MemorySnapshots(), HubLimits.defaults(), CommitGate.ALONE);
    private final Feed feed =
            new Feed(() -> hub, () -> hub, new BadInput(clock::millis), SILENCE, new Pace(Duration.ZERO), clock);

    @BeforeEach
    void aReaderHasNotAcknowledgedAMessage() {
        hub.start(clock.millis());
        feed.receive(new PeerCommand(READER, new Command.Attach("s", 9, 0, 0, 0, 1 << 20)));
        feed.keep();
        int session = ((Command.Attached) round().get(0)).session();
        feed.receive(new PeerCommand(
                READER, new Command.Subscribe(session, 1, 0, PatternKind.TOPIC, StartFrom.OLDEST, 0, "t")));
        feed.keep();
        round();

        IntakeRound greeting = new IntakeRound();
        greeting.request(PUBLISHER, new Command.Hello("p", 7));
        greeting.request(PUBLISHER, new Command.Open("p", 1, List.of(new TopicSequence("t", 0))));
        hub.greet(greeting, clock.millis());
        BatchBuilder batch = new BatchBuilder("p", "t", 1, 1);
        batch.append(new byte[] {1});
        IntakeRound taken = new IntakeRound();
        taken.batch(PUBLISHER, batch.build());
        hub.admit(taken, clock.millis());
        hub.appended(taken, log.append(taken.admitted()), clock.millis());
        assertThat(round()).hasAtLeastOneElementOfType(Command.Deliver.class);
    }

    private List<Command> round() {
        List<Command> said = new ArrayList<>();
        boolean more = true;
        while (more) {
            hub.answers().forEach(answer -> said.add(answer.command()));
            for (Delivery delivery : hub.plan(1 << 20)) {
                PeerCommand message = hub.deliver(delivery, clock.millis());
                if (message != null) {
                    said.add(message.command());
                }
            }
            more = feed.settle();
        }
        return said;
    }

    private void pass(long ms) {
        wallMs += ms;
        ranNs += TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private void timers() {
        feed.retransmit(SILENT_MS);
        hub.expirePublishers(EXPIRY, clock.millis());
        hub.expireSubscribers(EXPIRY, clock.millis());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void aStepOfADayEndsAndRepeatsNothing(long days) {
        wallMs += TimeUnit.DAYS.toMillis(days);
        pass(SILENT_MS / 2);
        timers();
        assertThat(round()).as("retransmitted").isEmpty();
        assertThat(hub.figures().attached()).containsOnlyKeys("s");
        assertThat(hub.figures().publishers()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void afterAStepOfADayWhatHasNoAnswerIsSentAgainAndWhoIsSilentIsAbsentInTime(long days) {
        wallMs += TimeUnit.DAYS.toMillis(days);
        pass(SILENT_MS + 1);
        timers();
        assertThat(round()).hasOnlyElementsOfTypes(Command.Deliver.class);
        pass(SILENCE.toMillis());
        timers();
        assertThat(hub.figures().attached()).isEmpty();
        assertThat(hub.figures().subscribers()).as("absent, not expired").hasSize(1);
        pass(EXPIRY.toMillis() + 1);
        timers();
        assertThat(hub.figures().subscribers()).isEmpty();
        assertThat(hub.figures().publishers()).isZero();
    }
}
