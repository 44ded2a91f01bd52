/**
 * Backup and restore of a hub: what of log and tables has changed goes to a folder, and comes back from there. The routes
 * in {@code routes/backup/} write the files; this package makes their bytes, forces them to the disk, checks them and reads
 * them again. The format is described in {@code docs/reference/backup.md}.
 */
@NullMarked
package io.bactrian.backup;

import org.jspecify.annotations.NullMarked;
