package io.bactrian.discovery.core;

/** The room that a datagram needs beside one entry of the largest size. */
final class NewsMargin {
    /** Octets for the head and the entry's version. */
    static final int OCTETS = 400;

    private NewsMargin() {}
}
