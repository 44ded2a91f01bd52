package io.bactrian.backup.core;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where backups go, and how long they stay.
 *
 * @param links whether closed segments are hard links where the file system can, and not copies
 * @param keepCount a backup goes when so many newer ones are there, at least 1
 * @param keepAge an older backup goes; the newest stays in any case
 */
public record BackupSettings(Path folder, boolean links, int keepCount, Duration keepAge, String version) {}
