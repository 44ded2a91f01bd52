package io.bactrian.journal.log;

import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rewrite of a closed segment of an open journal. */
final class SegmentRewrite implements LogRewrite {
    /** Puts the new file in the place of the old one, if the journal still has that. */
    interface Replacement {
        void replace(Segment damaged, SegmentBuilder built);
    }

    private final Segment damaged;
    private final Segment.Extent former;
    private final SegmentSalvage salvage;
    private final SegmentBuilder built;
    private final Replacement replacement;
    private @Nullable Range missing;
    private boolean hadGaps;
    private boolean closed;

    SegmentRewrite(JournalFiles files, Segment damaged, Replacement replacement) throws IOException {
        this.damaged = damaged;
        this.former = damaged.extent();
        this.replacement = replacement;
        this.salvage = new SegmentSalvage(
                new SalvageFile(damaged.acquire()),
                damaged.header(),
                SegmentHeader.BYTES,
                damaged.first(),
                former.bytes(),
                former.lastPosition());
        try {
            this.built = new SegmentBuilder(files, damaged.folder(), damaged.header());
        } catch (IOException e) {
            damaged.release();
            throw e;
        }
    }

    @Override
    public Range positions() {
        return new Range(damaged.first(), former.lastPosition());
    }

    @Override
    public @Nullable Range missing() {
        try {
            while (missing == null && built.extent().lastPosition() < former.lastPosition()) {
                Entry entry = salvage.next();
                if (entry == null) {
                    missing = new Range(built.extent().lastPosition() + 1, former.lastPosition());
                } else if (entry.isGap()) {
                    hadGaps |= !salvage.isDamage();
                    missing = new Range(entry.position(), entry.last());
                } else {
                    built.put(entry);
                }
            }
            return missing;
        } catch (IOException e) {
            throw new JournalException("segment=" + damaged.path() + " not rewritten: " + FileErrors.say(e), e);
        }
    }

    @Override
    public void put(List<Entry> entries) {
        for (Entry entry : entries) {
            Range range = missing;
            if (range == null || entry.position() > range.to()) {
                return;
            }
            if (entry.position() != range.from()
                    || entry.last() > range.to()
                    || entry.isGap()
                    || entry.epoch() != damaged.header().epoch()) {
                throw new IllegalArgumentException("positions " + entry.position() + " to " + entry.last()
                        + " of epoch " + entry.epoch() + (entry.isGap() ? ", which are lost there too," : "")
                        + " do not fit in the place of positions " + range.from() + " to " + range.to()
                        + " of epoch " + damaged.header().epoch());
            }
            try {
                built.put(entry);
            } catch (IOException e) {
                throw new JournalException("segment=" + damaged.path() + " not rewritten: " + FileErrors.say(e), e);
            }
            missing = entry.last() == range.to() ? null : new Range(entry.last() + 1, range.to());
        }
    }

    @Override
    public void finish() {
        if (missing() != null) {
            throw new IllegalStateException("positions are missing: " + missing);
        }
        Segment.Extent extent = built.extent().sealed();
        if (hadGaps ? extent.lastPosition() != former.lastPosition() : !extent.equals(former.sealed())) {
            throw new IllegalStateException(
                    "segment=" + damaged.path() + " held other entries: " + former + ", the copy has " + extent);
        }
        replacement.replace(damaged, built);
        close();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            damaged.release();
            built.close();
        } catch (IOException e) {
            throw new JournalException("segment=" + damaged.path() + " not closed: " + FileErrors.say(e), e);
        }
    }
}
