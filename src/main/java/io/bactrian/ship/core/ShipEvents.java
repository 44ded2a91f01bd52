package io.bactrian.ship.core;

/** Hears what happens at a receiver; called on its thread, and must be quick. */
public interface ShipEvents {
    /** A file is whole and in its place. Its name has one octet in each character. */
    void received(String name);

    /** A frame, an entry, a file or a session was refused; the text says which and why, for people, in one line. */
    void refused(ShipErrorCode cause, String text);

    /** A sender's round has ended well; so many files and folders were deleted. The target is for people. */
    void finished(String target, long deleted);
}
