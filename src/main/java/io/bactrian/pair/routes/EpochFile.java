package io.bactrian.pair.routes;

import io.bactrian.journal.log.DurableValues;
import io.bactrian.journal.log.JournalException;
import io.bactrian.pair.core.PairStore;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Keeps the highest epoch that was ever used or asked for here, in the file {@code <journal>.pair} beside the journal. */
final class EpochFile implements PairStore {
    private static final String TITLE = "bactrian-pair 1";
    private static final String KEY = "epoch";

    private final Path file;
    private int highest;

    /**
     * Reads the file if it is there.
     *
     * @throws JournalException if it is damaged or cannot be read
     */
    private EpochFile(Path file) {
        this.file = file;
        try {
            highest = Integer.parseInt(DurableValues.read(file, TITLE).getOrDefault(KEY, "0"));
        } catch (IOException | NumberFormatException | JournalException e) {
            throw new JournalException(
                    "file=" + file + " cannot be read: " + FileErrors.why(e)
                            + "; next: while the peer is well, move this file and the folder of the journal away: the peer"
                            + " sends everything anew",
                    e);
        }
    }

    /** The file of a journal. */
    static EpochFile beside(Path journal) {
        return new EpochFile(journal.resolveSibling(journal.getFileName() + ".pair"));
    }

    @Override
    public int highestEpoch() {
        return highest;
    }

    @Override
    public void keepHighestEpoch(int epoch) {
        try {
            DurableValues.write(file, TITLE, Map.of(KEY, Integer.toString(epoch)));
        } catch (IOException e) {
            throw new JournalException("file=" + file + " cannot be written: " + FileErrors.why(e), e);
        }
        highest = epoch;
    }
}
