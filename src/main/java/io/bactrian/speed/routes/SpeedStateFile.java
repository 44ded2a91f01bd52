package io.bactrian.speed.routes;

import io.bactrian.journal.log.DurableValues;
import io.bactrian.journal.log.JournalException;
import io.bactrian.speed.core.SpeedRecord;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The state of a speed-limit server as a file for a third site: text with a checksum, which is always the old or the new one as a
 * whole.
 */
final class SpeedStateFile {
    private static final String TITLE = "bactrian-speed-state 1";
    private static final String NAME = "speed.state";
    private static final String STATE = "state";
    /** More Averages than are made in a second. */
    private static final long SEQUENCES_PER_SECOND = 100_000;

    private SpeedStateFile() {}

    /** Replaces the file in a folder, durably. */
    static void write(Path folder, long nowS, SpeedRecord.Snapshot state) throws IOException {
        byte[] bytes = SpeedRecord.encode(nowS, List.of(state));
        DurableValues.write(
                folder.resolve(NAME),
                TITLE,
                Map.of(
                        "written",
                        Instant.ofEpochSecond(nowS).toString(),
                        "newestAverage",
                        Long.toString(state.nextSequence() - 1),
                        STATE,
                        Base64.getEncoder().encodeToString(bytes)));
    }

    /**
     * Reads the state. What the lost servers have numbered since the file was written is not known, so numbers go on far above it:
     * none is used again.
     *
     * @throws IllegalArgumentException if it is not there or damaged
     */
    static SpeedRecord.Snapshot read(Path file, long nowS) {
        String wrong = "bactrian.speed.restore=" + file + " is no state of a speed server";
        try {
            Path there = Files.isDirectory(file) ? file.resolve(NAME) : file;
            String text = DurableValues.read(there, TITLE).get(STATE);
            if (text == null) {
                throw new IllegalArgumentException("it is not there");
            }
            SpeedRecord.Decoded decoded = SpeedRecord.decode(Base64.getDecoder().decode(text));
            if (decoded.records().size() != 1 || !(decoded.records().get(0) instanceof SpeedRecord.Snapshot state)) {
                throw new IllegalArgumentException("it holds something else");
            }
            long unseenS = Math.max(0, nowS - decoded.nowS()) + 1;
            return new SpeedRecord.Snapshot(
                    state.nextSequence() + unseenS * SEQUENCES_PER_SECOND,
                    state.window(),
                    state.averages(),
                    state.sensors());
        } catch (IOException | JournalException | IllegalArgumentException e) {
            throw new IllegalArgumentException(wrong + ": " + FileErrors.say(e), e);
        }
    }
}
