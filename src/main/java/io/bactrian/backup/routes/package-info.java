/**
 * Backup and restore of a hub: what of log and tables has changed goes to a folder, and comes back from there. The routes
 * in {@code routes/backup/} write the files; this package makes their bytes, forces them to the disk and reads them again.
 */
@NullMarked
package io.bactrian.backup.routes;

import org.jspecify.annotations.NullMarked;
