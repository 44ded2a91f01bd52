package io.bactrian.pair.routes;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node could serve: its disk takes a write, and its application is well. Used by one thread at a time, which waits as long
 * as the disk does.
 */
final class OwnHealth {
    private static final int PROBE_BYTES = 4096;
    private static final long NEVER = Long.MIN_VALUE / 2;
    private static final long PROBE_EACH_MS = 1_000;
    /** After a failed append so many heartbeats pass before it is tried again: the peer has noticed by then. */
    private static final int SILENT_BEATS = 4;

    private final Journal journal;
    private final Path probe;
    private final long silentMs;
    private final List<BooleanSupplier> checks = new CopyOnWriteArrayList<>();
    private long end = -1;
    /** When the probe was written last. */
    private long writtenMs = NEVER;

    private @Nullable JournalException known;
    private long knownMs;

    OwnHealth(Journal journal, long heartbeatMs) {
        this.journal = journal;
        this.probe = journal.folder().resolveSibling(journal.folder().getFileName() + ".probe");
        this.silentMs = SILENT_BEATS * heartbeatMs;
    }

    /** Something that must work too. Any thread. */
    void add(BooleanSupplier check) {
        checks.add(check);
    }

    /** Empty if the node is well, otherwise why it is not. */
    String problem(long nowMs) {
        String ofTheLog = problemOfTheLog(nowMs);
        if (!ofTheLog.isEmpty()) {
            return ofTheLog;
        }
        return checks.stream().allMatch(BooleanSupplier::getAsBoolean) ? "" : "the application is not well";
    }

    private String problemOfTheLog(long nowMs) {
        JournalException failed = journal.appendProblem();
        if (failed != known) {
            known = failed;
            knownMs = nowMs;
            writtenMs = NEVER;
        }
        if (failed != null && nowMs - knownMs < silentMs) {
            return String.valueOf(failed.getMessage());
        }
        long former = end;
        end = journal.syncedEnd();
        boolean proven = failed == null && former >= 0 && end > former;
        if (proven || nowMs - writtenMs < PROBE_EACH_MS) {
            return "";
        }
        String ofTheDisk = problemOfTheDisk();
        writtenMs = ofTheDisk.isEmpty() ? nowMs : NEVER;
        return ofTheDisk;
    }

    /** The disk takes an append if it takes a new block. */
    private String problemOfTheDisk() {
        try (FileChannel file = FileChannel.open(probe, CREATE, TRUNCATE_EXISTING, WRITE, DELETE_ON_CLOSE)) {
            ByteBuffer block = ByteBuffer.allocate(PROBE_BYTES);
            while (block.hasRemaining()) {
                file.write(block);
            }
            DurableFiles.forceContent(file);
            return "";
        } catch (IOException e) {
            return "file=" + probe + " cannot be written: " + FileErrors.why(e);
        }
    }
}
