package io.bactrian.journal.log;

/** The policy for readers of a journal that meet damaged entries. */
public enum OnDamage {
    /** {@link JournalDamagedException}: nothing is read past the damage until it is repaired. */
    STOP,
    /** An entry that {@link Entry#isGap} stands for the positions that cannot be read, and reading goes on after it. */
    SKIP
}
