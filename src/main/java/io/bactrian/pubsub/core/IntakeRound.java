package io.bactrian.pubsub.core;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Command;
import java.util.ArrayList;
import java.util.List;

/**
 * The commands and batches of many publishers that are taken in together: one append, one sync, one acknowledgement for
 * each publisher. One thread at a time.
 */
@SuppressWarnings("ArrayRecordComponent") // routing ids are handed through
public final class IntakeRound {
    /** A batch and its sender. */
    public record ReceivedBatch(byte[] peer, Batch batch) {}

    private final List<PeerCommand> requests = new ArrayList<>();
    private final List<ReceivedBatch> batches = new ArrayList<>();
    private final List<ReceivedBatch> admitted = new ArrayList<>();
    private final List<ReceivedBatch> known = new ArrayList<>();
    private final List<PeerCommand> refusals = new ArrayList<>();
    private List<Batch> published = List.of();

    public void request(byte[] peer, Command command) {
        requests.add(new PeerCommand(peer, command));
    }

    public void batch(byte[] peer, Batch batch) {
        batches.add(new ReceivedBatch(peer, batch));
    }

    /** Answers something that could not even be read. */
    public void refuse(byte[] peer, Command answer) {
        refusals.add(new PeerCommand(peer, answer));
    }

    /** New batches, trimmed to what is new, in their order. */
    public List<Batch> admitted() {
        return admitted.stream().map(ReceivedBatch::batch).toList();
    }

    /** The refusals of this round; they can be sent at once. */
    public List<PeerCommand> refusals() {
        return refusals;
    }

    /** Returns the batches that may go to plain subscribers at once. */
    public List<Batch> published() {
        return published;
    }

    void published(List<Batch> batches) {
        published = batches;
    }

    /** Numbers only, for logs. */
    @Override
    public String toString() {
        return "requests=" + requests.size() + " batches=" + batches.size() + " admitted=" + admitted.size() + " known="
                + known.size() + " refused=" + refusals.size();
    }

    List<PeerCommand> requests() {
        return requests;
    }

    List<ReceivedBatch> batches() {
        return batches;
    }

    List<ReceivedBatch> toAppend() {
        return admitted;
    }

    /** Batches that are in the log since before. */
    List<ReceivedBatch> known() {
        return known;
    }
}
