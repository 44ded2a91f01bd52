package io.bactrian.ship.core;

import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;

/**
 * A file or a sub-folder.
 *
 * @param name relative, with slashes, one octet in each character
 * @param flags {@link #FOLDER}, {@link #VERIFY}, {@link #APPEND}
 * @param size octets; 0 for a folder
 */
record FolderEntry(String name, int flags, long size, FileTimeStamp modified) implements Comparable<FolderEntry> {
    static final int FOLDER = 1;

    /** Size and time may hide a change: the content is to be compared. */
    static final int VERIFY = 2;

    /** The sender says that this file only ever grows. */
    static final int APPEND = 4;

    private static final int ALL = FOLDER | VERIFY | APPEND;

    boolean folder() {
        return (flags & FOLDER) != 0;
    }

    boolean verify() {
        return (flags & VERIFY) != 0;
    }

    boolean append() {
        return (flags & APPEND) != 0;
    }

    FolderEntry with(int flag) {
        return new FolderEntry(name, flags | flag, size, modified);
    }

    /** A folder comes before what is in it. */
    @Override
    public int compareTo(FolderEntry other) {
        return name.compareTo(other.name);
    }

    /** Writes it after another one, of whose name it shares the beginning. */
    void write(FrameWriter out, String former, long formerSeconds) {
        int shared = 0;
        int most = Math.min(former.length(), name.length());
        while (shared < most && former.charAt(shared) == name.charAt(shared)) {
            shared++;
        }
        out.u8(flags).num(shared).octets(name.substring(shared));
        out.signed(modified.seconds() - formerSeconds).num(modified.nanos());
        if (!folder()) {
            out.num(size);
        }
    }

    static FolderEntry read(FrameReader<ShipException> in, String former, long formerSeconds) throws ShipException {
        int flags = in.u8();
        if ((flags & ~ALL) != 0) {
            throw new ShipException(ShipErrorCode.MALFORMED, "unknown flags of an entry");
        }
        int shared = in.num(former.length());
        String name = former.substring(0, shared) + in.octets(Names.PATH_BYTES_MAX);
        long seconds = formerSeconds + in.signed();
        int nanos = in.num(999_999_999);
        if (seconds < 0 || seconds > 1L << 40) {
            throw new ShipException(ShipErrorCode.MALFORMED, "a time is out of range");
        }
        long size = (flags & FOLDER) == 0 ? in.num() : 0;
        Names.check(name);
        return new FolderEntry(name, flags, size, new FileTimeStamp(seconds, nanos));
    }
}
