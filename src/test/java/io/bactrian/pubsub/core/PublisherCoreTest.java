package io.bactrian.pubsub.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Code;
import io.bactrian.wire.Command;
import io.bactrian.wire.Commands;
import io.bactrian.wire.Headers;
import io.bactrian.wire.TopicSequence;
import io.bactrian.wire.WireException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PublisherCoreTest {
    private static final PublisherSettings SETTINGS = PublisherSettings.of("p").withTimes(100, 400, 1000);

    private final List<byte[]> sent = new ArrayList<>();
    private final List<OutboxEntry> stored = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private String said = "";
    private long instances = 40;

    private PublisherCore core(PublisherSettings settings, OutboxReplay outbox) {
        return new PublisherCore(settings, new Told(), () -> ++instances, outbox);
    }

    private PublisherCore openedAt(PublisherSettings settings, long last) {
        PublisherCore core = core(settings, null);
        core.start(0);
        core.receive(new Command.Welcome(41, 1, 1, 10_000, 100_000).encode(), 0);
        core.offer("t", new byte[1], "first", 0);
        core.receive(new Command.Opened(1, List.of(new TopicSequence("t", last))).encode(), 0);
        return core;
    }

    private static void accept(PublisherCore core, long last, long nowMs) {
        core.receive(new Command.Ack(1, 1, List.of(new TopicSequence("t", last))).encode(), nowMs);
    }

    private List<Batch> batches() {
        List<Batch> batches =
                sent.stream().filter(Batch::isBatch).map(Batch::parseTrusted).toList();
        sent.clear();
        return batches;
    }

    private List<Command> commands() throws WireException {
        List<Command> commands = new ArrayList<>();
        for (byte[] frame : sent) {
            if (!Batch.isBatch(frame)) {
                commands.add(Commands.decode(frame));
            }
        }
        sent.clear();
        return commands;
    }

    @Test
    void itGoesOnBehindWhatTheHubHadLogged() {
        openedAt(SETTINGS, 70);

        assertThat(batches()).singleElement().satisfies(batch -> {
            assertThat(batch.sequence()).isEqualTo(71);
            assertThat(batch.epoch()).isEqualTo(1);
        });
    }

    @Test
    void loadMakesBatchesByItself() {
        PublisherCore core = openedAt(SETTINGS, 0);
        for (int i = 0; i < 50; i++) {
            core.offer("t", new byte[10], null, 0);
        }
        assertThat(batches()).extracting(Batch::count).containsExactly(1, 1);

        accept(core, 1, 1);

        assertThat(batches()).singleElement().extracting(Batch::count).isEqualTo(49);
    }

    @Test
    void aFullWindowIsSaidAndHasRoomAgainAfterAnAcceptance() {
        PublisherCore core = openedAt(SETTINGS.withWindow(1 << 20, 2), 0);
        assertThat(core.offer("t", new byte[1], "second", 0)).isEqualTo(OfferResult.TAKEN);
        assertThat(core.offer("t", new byte[1], "third", 0)).isEqualTo(OfferResult.FULL);

        accept(core, 1, 1);

        assertThat(told).containsExactly("accepted first");
        assertThat(core.offer("t", new byte[1], "third", 0)).isEqualTo(OfferResult.TAKEN);
        assertThat(core.counters().waitingMessages()).isEqualTo(2);
    }

    @Test
    void aMessageThatTheHubDoesNotTakeIsNotTakenHere() {
        PublisherCore core = openedAt(SETTINGS, 0);

        assertThat(core.offer("t", new byte[10_001], null, 0)).isEqualTo(OfferResult.TOO_LARGE);
        assertThat(core.offer("t", new byte[10_000], null, 0)).isEqualTo(OfferResult.TAKEN);
    }

    @Test
    void messagesWithoutHeadersShareABatchWithThoseThatHaveThem() {
        PublisherCore core = openedAt(SETTINGS, 0);
        batches();
        byte[] headers = Headers.pack(Map.of("k", "v"));
        for (int i = 0; i < 6; i++) {
            core.offer("t", i % 2 == 1 ? headers : new byte[0], new byte[] {(byte) i}, false, "m" + i, 0);
        }
        accept(core, 1, 1);

        List<Batch> sent = batches();
        assertThat(sent).extracting(Batch::count).containsExactly(1, 5);
        assertThat(sent).extracting(Batch::hasHeaders).containsExactly(false, true);
        assertThat(sent.get(1).withoutHeaders().records())
                .containsExactly(new byte[] {1}, new byte[] {2}, new byte[] {3}, new byte[] {4}, new byte[] {5});

        accept(core, 7, 2);
        assertThat(core.counters().waitingMessages()).isZero();
        assertThat(core.counters().waitingBytes()).isZero();
    }

    @Test
    void headersCountAsOctetsOfTheMessageAndNeverPushAnotherAboveTheBound() {
        PublisherCore core = openedAt(SETTINGS, 0);
        batches();
        byte[] headers = Headers.pack(Map.of("k", "v"));
        byte[] none = new byte[0];

        assertThat(core.offer("t", headers, new byte[10_001 - headers.length], false, null, 0))
                .isEqualTo(OfferResult.TOO_LARGE);
        assertThat(core.offer("t", headers, new byte[10_000 - headers.length], false, null, 0))
                .isEqualTo(OfferResult.TAKEN);
        core.offer("t", headers, new byte[1], false, null, 0);
        assertThat(core.offer("t", none, new byte[10_000], false, null, 0)).isEqualTo(OfferResult.TAKEN);
        accept(core, 1, 1);
        accept(core, 2, 1);

        List<Integer> longest = new ArrayList<>();
        batches().forEach(batch -> batch.forEachRecord((buffer, offset, length) -> longest.add(length)));
        assertThat(longest).containsExactly(10_000, headers.length + 1, 10_000);
    }

    @Test
    void aHubFromBeforeHeadersKeepsThemWaitingAndItIsSaidWhatToDo() {
        PublisherCore core = openedAt(SETTINGS, 0);
        accept(core, 1, 1);
        byte[] malformed = new Command.Error(0, 0, Code.MALFORMED, "unknown flags of a batch").encode();
        core.receive(malformed, 1);
        assertThat(said).as("for nothing that it was sent").isEqualTo("unknown flags of a batch");
        core.offer("t", Headers.pack(Map.of("k", "v")), new byte[1], false, "m", 2);
        core.receive(malformed, 3);

        assertThat(said).contains("put without headers, or update the hub", "unknown flags of a batch");
        assertThat(core.counters().waitingMessages()).as("nothing is lost").isEqualTo(1);
        batches();
        core.tick(10_000);
        assertThat(batches())
                .extracting(Batch::hasHeaders)
                .as("it is tried again")
                .containsExactly(true);
    }

    @Test
    void whatHasNoAnswerIsSentAgainWithGrowingPauses() {
        PublisherCore core = openedAt(SETTINGS, 0);
        batches();
        List<Long> repeats = new ArrayList<>();
        for (long now = 0; now <= 1200; now += 10) {
            core.tick(now);
            if (!batches().isEmpty()) {
                repeats.add(now);
            }
        }

        assertThat(repeats).containsExactly(100L, 300L, 700L, 1100L);
        assertThat(core.counters().retransmitted()).isEqualTo(4);
    }

    @Test
    void aGapIsRepairedAtOnceAndOnlyOnce() {
        PublisherCore core = openedAt(SETTINGS, 0);
        core.offer("t", new byte[1], null, 0);
        batches();
        byte[] gap = new Command.Refuse(1, "t", 2, 1, Code.GAP, "").encode();

        core.receive(gap, 5);
        assertThat(batches()).extracting(Batch::sequence).containsExactly(1L, 2L);
        core.receive(gap, 6);
        assertThat(batches()).isEmpty();
    }

    @Test
    void aRefusedBatchFailsOnlyWhenItsCopiesAreFenced() throws Exception {
        PublisherCore core = openedAt(SETTINGS, 0);
        core.offer("t", new byte[1], "second", 0);
        sent.clear();

        core.receive(new Command.Refuse(1, "t", 1, 1, Code.TOPIC_FULL, "full").encode(), 1);
        assertThat(told).isEmpty();
        assertThat(commands()).containsExactly(new Command.Hello("p", 42));

        core.receive(new Command.Welcome(42, 2, 1, 10_000, 100_000).encode(), 2);
        assertThat(commands()).containsExactly(new Command.Open("p", 2, List.of(new TopicSequence("t", 0))));
        core.receive(new Command.Opened(2, List.of(new TopicSequence("t", 0))).encode(), 3);

        assertThat(told).containsExactly("failed first TOPIC_FULL");
        assertThat(batches()).singleElement().satisfies(batch -> {
            assertThat(batch.sequence()).isEqualTo(1);
            assertThat(batch.epoch()).isEqualTo(2);
        });
    }

    @Test
    void aRefusalThatTheOutboxHasNotStoredYetIsNotToldAndCountsAsUndecided() {
        PublisherCore core = openedAt(SETTINGS.withOutbox(true), 0);
        core.stored(1, 0);
        core.receive(new Command.Refuse(1, "t", 1, 1, Code.TOPIC_FULL, "full").encode(), 1);
        core.receive(new Command.Welcome(42, 2, 1, 10_000, 100_000).encode(), 2);
        core.receive(new Command.Opened(2, List.of(new TopicSequence("t", 0))).encode(), 3);
        assertThat(stored.get(stored.size() - 1)).isInstanceOf(OutboxEntry.Renumbered.class);
        assertThat(told).noneMatch(fate -> fate.startsWith("failed"));
        assertThat(core.idle()).isFalse();

        core.stored(stored.size(), 4);
        assertThat(told).contains("failed first TOPIC_FULL");
        assertThat(core.idle()).isTrue();
    }

    @Test
    void whatWasClosedBeforeTheHubToldItsBoundsIsNotSentIfItIsTooLarge() throws Exception {
        PublisherCore core = core(SETTINGS.withBatches(1024, 100), null);
        core.start(0);
        core.offer("t", new byte[1], "small", 0);
        core.offer("t", new byte[200_000], "large", 0);
        core.offer("u", new byte[1], "other", 0);
        core.receive(new Command.Welcome(41, 1, 1, 10_000, 100_000).encode(), 0);
        core.receive(new Command.Opened(1, List.of(new TopicSequence("t", 0), new TopicSequence("u", 0))).encode(), 0);
        assertThat(batches()).extracting(Batch::topic).containsExactly("t", "u");

        accept(core, 1, 1);

        assertThat(told)
                .as("no copy of it was sent that would have to be fenced")
                .containsExactly("accepted small", "failed large MESSAGE_TOO_LARGE");
        accept(core, "u", 1);
        assertThat(batches()).isEmpty();
        assertThat(core.idle()).isTrue();
    }

    private static void accept(PublisherCore core, String topic, long last) {
        core.receive(new Command.Ack(1, 1, List.of(new TopicSequence(topic, last))).encode(), 1);
    }

    /** A batch of 40 messages of which the 10th, the 20th and the last one have more octets than the hub will allow. */
    private void offerMixed(PublisherCore core) {
        for (int i = 1; i <= 40; i++) {
            core.offer("t", new byte[i % 10 == 0 && i != 30 ? 2_000 : 50], "m" + i, 0);
        }
    }

    private List<Integer> lengths() {
        List<Integer> lengths = new ArrayList<>();
        for (Batch batch : batches()) {
            assertThat(batch.bytes().length).isLessThanOrEqualTo(1_024);
            batch.records().forEach(body -> lengths.add(body.length));
        }
        return lengths;
    }

    @Test
    void onlyTheMessagesThatAreTooLargeFailAndTheOthersGoInBatchesThatTheHubTakes() throws Exception {
        PublisherCore core = core(SETTINGS.withBatches(100_000, 40), null);
        core.start(0);
        offerMixed(core);
        core.receive(new Command.Welcome(41, 1, 1, 1_000, 1_024).encode(), 0);
        core.receive(new Command.Opened(1, List.of(new TopicSequence("t", 0))).encode(), 0);
        List<Integer> logged = new ArrayList<>(lengths());
        for (int round = 0; round < 40 && !core.idle(); round++) {
            accept(core, logged.size(), 1);
            logged.addAll(lengths());
        }

        assertThat(core.idle()).isTrue();
        assertThat(logged).hasSize(37).containsOnly(50);
        assertThat(core.counters().accepted()).isEqualTo(37);
        assertThat(told.stream().filter(fate -> fate.startsWith("failed")))
                .containsExactly(
                        "failed m10 MESSAGE_TOO_LARGE", "failed m20 MESSAGE_TOO_LARGE", "failed m40 MESSAGE_TOO_LARGE");
        assertThat(told.indexOf("failed m10 MESSAGE_TOO_LARGE"))
                .as("what is before it is accepted first")
                .isPositive();
        assertThat(commands()).as("nothing had to be fenced").isEmpty();
    }

    @Test
    void aBatchThatTheHubRefusesForItsSizeIsCutToTheBoundsThatItTellsThen() throws Exception {
        PublisherCore core = core(SETTINGS.withBatches(100_000, 40), null);
        core.start(0);
        core.receive(new Command.Welcome(41, 1, 1, 10_000, 100_000).encode(), 0);
        offerMixed(core);
        core.receive(new Command.Opened(1, List.of(new TopicSequence("t", 0))).encode(), 0);
        assertThat(batches()).singleElement().extracting(Batch::count).isEqualTo(40);

        core.receive(new Command.Refuse(1, "t", 1, 0, Code.BATCH_TOO_LARGE, "too large").encode(), 1);
        assertThat(commands()).containsExactly(new Command.Hello("p", 42));
        core.receive(new Command.Welcome(42, 2, 1, 10_000, 3_000).encode(), 2);
        core.receive(new Command.Opened(2, List.of(new TopicSequence("t", 0))).encode(), 3);

        List<Batch> again = batches();
        assertThat(again).allMatch(batch -> batch.epoch() == 2 && batch.bytes().length <= 3_000);
        assertThat(again.stream().mapToInt(Batch::count).sum()).isEqualTo(40);
        assertThat(told).isEmpty();
        core.receive(new Command.Ack(2, 1, List.of(new TopicSequence("t", 40))).encode(), 4);
        assertThat(core.idle()).isTrue();
        assertThat(told).noneMatch(fate -> fate.startsWith("failed"));
    }

    @Test
    void theOutboxKnowsWhichMessageOfABatchWasRefused() {
        PublisherCore core = core(SETTINGS.withBatches(100_000, 40).withOutbox(true), null);
        core.start(0);
        offerMixed(core);
        core.stored(stored.size(), 0);
        core.receive(new Command.Welcome(41, 1, 1, 1_000, 100_000).encode(), 0);
        core.receive(new Command.Opened(1, List.of(new TopicSequence("t", 0))).encode(), 0);
        core.stored(stored.size(), 0);
        assertThat(lengthsOf(batches())).hasSize(9);
        accept(core, 9, 1);
        core.stored(stored.size(), 1);

        // The process ends here.
        OutboxReplay outbox = new OutboxReplay();
        stored.forEach(entry -> outbox.read(OutboxEntry.decode(entry.encode())));
        told.clear();
        sent.clear();
        PublisherCore second = core(SETTINGS.withOutbox(true), outbox);
        second.start(10);
        second.receive(new Command.Welcome(42, 2, 1, 1_000, 100_000).encode(), 11);
        second.receive(new Command.Opened(1, List.of(new TopicSequence("t", 9))).encode(), 12);
        second.stored(1_000, 12);
        assertThat(lengthsOf(batches()))
                .as("11 to 19, in their order")
                .hasSize(9)
                .containsOnly(50);
    }

    private static List<Integer> lengthsOf(List<Batch> batches) {
        return batches.stream()
                .flatMap(batch -> batch.records().stream())
                .map(body -> body.length)
                .toList();
    }

    @Test
    void aRefusedBatchThatWasLoggedAfterAllIsAccepted() {
        PublisherCore core = openedAt(SETTINGS, 0);
        core.receive(new Command.Refuse(1, "t", 1, 1, Code.TOPIC_FULL, "full").encode(), 1);
        core.receive(new Command.Welcome(42, 2, 1, 10_000, 100_000).encode(), 2);
        core.receive(new Command.Opened(2, List.of(new TopicSequence("t", 1))).encode(), 3);

        assertThat(told).containsExactly("accepted first");
        assertThat(core.idle()).isTrue();
    }

    @Test
    void anotherProcessUnderTheSameIdStopsIt() {
        PublisherCore core = openedAt(SETTINGS, 0);
        core.receive(new Command.Refuse(1, "t", 1, 0, Code.STALE_EPOCH, "2 is in force").encode(), 1);

        assertThat(told).containsExactly("stopped STALE_EPOCH");
        assertThat(core.offer("t", new byte[1], null, 2)).isEqualTo(OfferResult.STOPPED);
    }

    @Test
    void aSparseRepeatIsAcceptedAndANewOneIsSentOneAtATime() {
        PublisherCore core = core(SETTINGS, null);
        core.start(0);
        core.receive(new Command.Welcome(41, 1, 1, 10_000, 100_000).encode(), 0);
        core.offerSparse("t", 100, new byte[1], "repeat", 0);
        core.offerSparse("t", 200, new byte[1], "new", 0);
        core.offerSparse("t", 300, new byte[1], "newer", 0);
        core.receive(new Command.Opened(1, List.of(new TopicSequence("t", 150))).encode(), 0);

        assertThat(told).containsExactly("accepted repeat");
        assertThat(batches()).extracting(Batch::sequence).containsExactly(200L);
        accept(core, 200, 1);
        assertThat(batches()).extracting(Batch::sequence).containsExactly(300L);
    }

    @Test
    void nothingIsSentBeforeTheOutboxHasIt() {
        PublisherCore core = openedAt(SETTINGS.withOutbox(true), 0);
        assertThat(batches()).isEmpty();

        core.stored(stored.size(), 1);

        assertThat(batches()).extracting(Batch::sequence).containsExactly(1L);
        assertThat(told).containsExactly("kept first");
    }

    /** A process that starts with what a former one has left: number 31 of topic t, under epoch 1. */
    private PublisherCore startedAgain() {
        PublisherCore first = openedAt(SETTINGS.withOutbox(true), 30);
        first.stored(stored.size(), 1);
        OutboxReplay outbox = new OutboxReplay();
        stored.forEach(entry -> outbox.read(OutboxEntry.decode(entry.encode())));
        assertThatIllegalArgumentException().isThrownBy(() -> OutboxEntry.decode(new byte[] {0, 3, 4}));
        stored.clear();
        sent.clear();
        told.clear();

        PublisherCore second = core(SETTINGS.withOutbox(true), outbox);
        second.start(10);
        second.offer("t", new byte[1], "second", 10);
        second.offer("u", new byte[1], "other", 10);
        second.stored(stored.size(), 10);
        second.receive(new Command.Welcome(42, 2, 1, 10_000, 100_000).encode(), 11);
        return second;
    }

    @Test
    void whatAFormerProcessHasLeftGoesOutUnderItsEpochAndThenTheRestUnderTheNewOne() throws Exception {
        PublisherCore second = startedAgain();
        assertThat(commands())
                .contains(new Command.Open("p", 1, List.of(new TopicSequence("t", 30))))
                .hasSize(2);
        second.receive(new Command.Opened(1, List.of(new TopicSequence("t", 30))).encode(), 12);
        assertThat(batches()).singleElement().satisfies(batch -> {
            assertThat(batch.sequence()).isEqualTo(31);
            assertThat(batch.epoch()).isEqualTo(1);
        });

        accept(second, 31, 13);

        assertThat(commands())
                .containsExactly(
                        new Command.Open("p", 2, List.of(new TopicSequence("u", 0), new TopicSequence("t", 31))));
        second.receive(
                new Command.Opened(2, List.of(new TopicSequence("t", 31), new TopicSequence("u", 0))).encode(), 14);
        assertThat(batches()).as("numbers under another epoch are stored first").isEmpty();
        second.stored(stored.size(), 15);
        assertThat(batches())
                .extracting(Batch::epoch, Batch::topic, Batch::sequence)
                .containsExactlyInAnyOrder(tuple(2L, "t", 32L), tuple(2L, "u", 1L));
    }

    @ParameterizedTest
    @EnumSource(
            value = Code.class,
            names = {"STALE_EPOCH", "UNKNOWN_PUBLISHER"})
    void whatAFormerProcessHasLeftGoesOutUnderTheNewEpochIfTheHubKnowsBetter(Code code) throws Exception {
        PublisherCore second = startedAgain();
        sent.clear();

        second.receive(new Command.Refuse(1, "", 0, 0, code, "no").encode(), 12);

        assertThat(commands())
                .singleElement()
                .isInstanceOfSatisfying(
                        Command.Open.class, open -> assertThat(open.epoch()).isEqualTo(2));
        second.receive(
                new Command.Opened(2, List.of(new TopicSequence("t", 30), new TopicSequence("u", 0))).encode(), 13);
        second.stored(stored.size(), 14);
        assertThat(batches())
                .extracting(Batch::epoch, Batch::topic, Batch::sequence)
                .containsExactlyInAnyOrder(tuple(2L, "t", 31L), tuple(2L, "t", 32L), tuple(2L, "u", 1L));
        assertThat(told).noneMatch(word -> word.startsWith("stopped"));
    }

    @Test
    void aTopicThatTheHubDoesNotKnowIsOpenedAgainUnderTheSameEpoch() throws Exception {
        PublisherCore core = openedAt(SETTINGS, 70);
        batches();

        core.receive(new Command.Refuse(1, "t", 71, 0, Code.UNKNOWN_PUBLISHER, "say OPEN").encode(), 1);

        assertThat(commands()).containsExactly(new Command.Open("p", 1, List.of(new TopicSequence("t", 70))));
        core.receive(new Command.Opened(1, List.of(new TopicSequence("t", 70))).encode(), 2);
        assertThat(batches()).extracting(Batch::epoch, Batch::sequence).containsExactly(tuple(1L, 71L));

        core.receive(new Command.Refuse(1, "", 0, 0, Code.UNKNOWN_PUBLISHER, "say HELLO").encode(), 3);
        assertThat(commands()).containsExactly(new Command.Hello("p", 41));
    }

    @Test
    void aTopicThatMadeRoomGoesOnAboveItsNumbers() throws Exception {
        PublisherSettings one = new PublisherSettings("p", 1 << 20, 100, 1024, 10, 2, 100, 400, 1000, 1, false, false);
        PublisherCore core = openedAt(one, 70);
        accept(core, 71, 1);
        core.offer("u", new byte[1], "other", 2);
        core.receive(new Command.Opened(1, List.of(new TopicSequence("u", 0))).encode(), 2);
        core.receive(new Command.Ack(1, 1, List.of(new TopicSequence("u", 1))).encode(), 3);
        sent.clear();

        core.offer("t", new byte[1], "second", 4);

        assertThat(commands())
                .as("a hub that was restored may know less of it")
                .containsExactly(new Command.Open("p", 1, List.of(new TopicSequence("t", 71))));
    }

    @Test
    void aBrokenFrameIsCounted() {
        PublisherCore core = openedAt(SETTINGS, 0);
        core.receive(new byte[] {1, 2, 3}, 1);
        core.receive(new Command.Detach(1).encode(), 1);
        // More than was ever sent.
        accept(core, 99, 1);

        assertThat(core.counters().broken()).isEqualTo(3);
        assertThat(told).isEmpty();
    }

    private final class Told implements PublisherOutput {
        @Override
        public void send(byte[] frame) {
            sent.add(frame);
        }

        @Override
        public void store(OutboxEntry entry) {
            stored.add(entry);
        }

        @Override
        public void kept(SealedBatch batch) {
            told.add("kept " + batch.attachment(0));
        }

        @Override
        public void accepted(SealedBatch batch) {
            told.add("accepted " + batch.attachment(0));
        }

        @Override
        public void failed(SealedBatch batch, Code code, String text) {
            told.add("failed " + batch.attachment(0) + " " + code);
        }

        @Override
        public void troubled(Code code, String text) {
            told.add("troubled " + code);
            said = text;
        }

        @Override
        public void stopped(Code code, String text) {
            told.add("stopped " + code);
        }
    }

    /** An outbox of an earlier version is read by this one. */
    @Test
    void theOctetsOfAnOutboxStayAsTheyAre() {
        List<OutboxEntry> entries = List.of(
                new OutboxEntry.Accepted("größe", 7),
                new OutboxEntry.Renumbered("größe", 1, 2, 3, Code.TOPIC_FULL),
                new OutboxEntry.Renumbered("t", 1, 2, 3, null));
        assertThat(entries.stream().map(entry -> HexFormat.of().formatHex(entry.encode())))
                .containsExactly(
                        "000100000000000000076772c3b6c39f65",
                        "0002040000000000000001000000000000000200000000000000036772c3b6c39f65",
                        "00020000000000000000010000000000000002000000000000000374");
        assertThat(entries.stream().map(entry -> OutboxEntry.decode(entry.encode())))
                .isEqualTo(entries);
    }
}
