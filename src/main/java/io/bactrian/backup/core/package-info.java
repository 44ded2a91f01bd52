/**
 * What a backup is: its manifest, and what a folder of backups holds and whether that is whole. The format is described in
 * {@code docs/reference/backup.md}.
 */
@NullMarked
package io.bactrian.backup.core;

import org.jspecify.annotations.NullMarked;
