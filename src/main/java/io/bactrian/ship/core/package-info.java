/**
 * Keeps a folder on another node equal to one here, by the rsync algorithm: signatures of blocks, a delta, a patch beside
 * the file, and the hash of the whole. Sender and receiver are state machines between frames and files; they have no
 * sockets, threads or clocks. The frames are described in {@code docs/reference/shipping.md}.
 */
@NullMarked
package io.bactrian.ship.core;

import org.jspecify.annotations.NullMarked;
