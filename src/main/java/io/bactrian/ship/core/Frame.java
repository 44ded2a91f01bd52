package io.bactrian.ship.core;

import java.util.List;

/** A message between sender and receiver; every request is answered, and may be asked again. */
@SuppressWarnings("ArrayRecordComponent") // frames are never compared
sealed interface Frame {
    /** Bases of a proof and targets of a patch. */
    int NEW = 0;

    int PARTIAL = 1;
    int BASE = 2;

    /** A sender asks. */
    sealed interface Request extends Frame {}

    /** A receiver answers. */
    sealed interface Answer extends Frame {}

    /** The first request. {@code folder} is a name below the receiver's folder, or empty. */
    record Open(String folder, FileHash.Kind hash, long seed, int packings) implements Request {}

    /** A part of the list of files, sorted, compressed. */
    record ListPart(int first, boolean last, List<FolderEntry> entries) implements Request {}

    /** Asks for the hash of the first octets of a file that the receiver has, or has a part of. */
    record Prove(int index, int which, long upTo) implements Request {}

    /** Asks for checks of blocks of a file that the receiver has. */
    record Sign(int index, int blockBytes, int strongBytes, int first, int count) implements Request {}

    /**
     * A part of a file.
     *
     * @param attempt counts how often the file was begun, so that what is left of a former attempt is told apart
     * @param at where in the new file it belongs
     * @param end what the whole is, if it finishes it
     * @param raw the array that {@link Ops} are in, from {@code from} on
     */
    record Patch(
            int index, int attempt, int onto, long at, boolean finish, Finish end, byte[] raw, int from, int length)
            implements Request {}

    /** The size, time and digest of a file that is whole. */
    record Finish(long size, FileTimeStamp modified, byte[] digest) {
        static final Finish NONE = new Finish(0, new FileTimeStamp(0, 0), new byte[0]);
    }

    /** Gives up what was sent of a file. */
    record Drop(int index) implements Request {}

    /** All was sent; with {@code delete} what was not listed goes. */
    record Close(int entries, boolean delete) implements Request {}

    /** The limits of the receiver. */
    record Opened(long windowBytes, int frameBytesMax, int packings) implements Answer {}

    /** The entries of a part of the list that the receiver wants, and those that it refuses. */
    record Listed(List<Wanted> wanted, List<Refusal> refused) implements Answer {}

    /**
     * A file that the receiver wants.
     *
     * @param baseBytes size of what it has by this name, -1 if nothing
     * @param partialBytes how much it has kept of a transfer that was cut
     * @param provenBytes of how many first octets of its base it still knows the hash
     */
    record Wanted(int index, long baseBytes, FileTimeStamp baseModified, long partialBytes, long provenBytes) {}

    /** An entry that the receiver does not take. */
    record Refusal(int index, ShipErrorCode cause) {}

    /** The hash of first octets. */
    record Proven(int index, int which, long upTo, byte[] digest) implements Answer {}

    /** Checks of blocks, one after the other: four octets rolling, then strong. */
    record Signed(int index, int first, byte[] checks) implements Answer {}

    /** So much of a file is there. */
    record Patched(int index, long have) implements Answer {}

    /** A file is whole, verified, and in its place. */
    record Done(int index) implements Answer {}

    /** A file cannot be received now. */
    record Failed(int index, ShipErrorCode cause, String text) implements Answer {}

    /** All is in its place. */
    record Closed(long deleted) implements Answer {}

    /** The whole session is refused, or is not known. */
    record Refused(ShipErrorCode cause, String text) implements Answer {}
}
