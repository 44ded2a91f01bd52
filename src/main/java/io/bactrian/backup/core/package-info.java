/**
 * A backup: its manifest, the content of a folder of backups, and whether that is whole. The format is described in
 * {@code docs/reference/backup.md}.
 */
@NullMarked
package io.bactrian.backup.core;

import org.jspecify.annotations.NullMarked;
