package io.bactrian.journal.log;

/** What a reader of a journal gets in the place of entries that are damaged. */
public enum OnDamage {
    /** {@link JournalDamagedException}: nothing is read past the damage until it is repaired. */
    STOP,
    /** An entry that {@link Entry#isGap} stands for the positions that cannot be read, and reading goes on after it. */
    SKIP
}
