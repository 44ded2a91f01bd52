package io.bactrian.backup.routes;

/**
 * A file that is to be written.
 *
 * @param name below the backup folder
 * @param grows whether the content goes to the end of a file that is there
 * @param content read once
 */
public record BackupFile(String name, boolean grows, BackupContent content) {}
