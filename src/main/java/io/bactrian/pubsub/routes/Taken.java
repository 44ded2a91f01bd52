package io.bactrian.pubsub.routes;

import io.bactrian.wire.Batch;
import io.bactrian.wire.Command;
import java.util.ArrayList;
import java.util.List;

/** What one Exchange of the intake holds between two steps: the commands and batches of many publishers. */
@SuppressWarnings("ArrayRecordComponent") // routing ids are handed through
final class Taken {
    /** A command and who sent it. */
    record Greeting(byte[] peer, Command command) {}

    /** A batch and who sent it. */
    record Piece(byte[] peer, Batch batch) {}

    /** An answer and who gets it. */
    record Answer(byte[] peer, Command command) {}

    private final List<Greeting> greetings = new ArrayList<>();
    private final List<Piece> batches = new ArrayList<>();
    private final List<Piece> admitted = new ArrayList<>();
    private final List<Piece> known = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();

    List<Greeting> greetings() {
        return greetings;
    }

    List<Piece> batches() {
        return batches;
    }

    /** New batches, trimmed to what is new. */
    List<Piece> admitted() {
        return admitted;
    }

    /** Batches to be acknowledged: logged now or before. */
    List<Piece> known() {
        return known;
    }

    List<Answer> answers() {
        return answers;
    }
}
